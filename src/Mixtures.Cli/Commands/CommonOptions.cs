using System.CommandLine;

namespace MixturesCli.Commands;

/// <summary>Options and arguments that most commands have.</summary>
internal static class CommonOptions
{
    public static Argument<string> Model() => new("MODEL") { Description = "A model file (JSON), as saved by fit." };

    public static Argument<string> Data() =>
        new("DATA")
        {
            Description =
                "A CSV file, a NumPy file whose name ends in .npy, or an IDX file of images as MNIST has them (its name ends in ubyte or .idx, also with .gz).",
        };

    public static Option<string?> Out(string what) => new("--out", "-o") { Description = what, HelpName = "FILE" };

    public static Choice<bool> Json() =>
        new(
            "--format",
            "What to print on standard output: text for people, or one JSON object.",
            true,
            ("text", false),
            ("json", true)
        );

    public static Option<bool> Quiet() =>
        new("--quiet", "-q") { Description = "No progress, warnings or notes on standard error." };
}
