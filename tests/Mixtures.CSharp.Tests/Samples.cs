namespace MixturesTests;

/// <summary>The data sets beside the tests.</summary>
internal static class Samples
{
    public static string Faithful => PathOf("faithful.csv");

    public static string Iris => PathOf("iris.csv");

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);

    public static Dataset ReadIris() => Dataset.FromCsv(Iris, CsvOptions.Default.WithLabelColumn("Species"));
}
