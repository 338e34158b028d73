using System.CommandLine;
using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>mixtures info: what a model file holds.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var json = CommonOptions.Json();
        var command = new Command("info", "Tells what a model file holds.") { model, json };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(model);
            var mixture = Mixture.Load(path);
            _ = MeanFieldPosterior.TryLoad(path, out var posterior);

            if (json.Read(parse))
            {
                PrintJson(mixture, posterior);
            }
            else
            {
                PrintText(mixture, posterior, Console.Out);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void PrintJson(MixtureModel model, MeanFieldPosterior? posterior) =>
        Json.Print(writer =>
        {
            writer.ModelHead(model);
            writer.WriteNumber("parameters", model.FreeParameters);
            writer.ModelParameters(model);
            writer.Numbers("mean", model.Mean());
            writer.Table("total_covariance", model.TotalCovariance());
            writer.Number("entropy_upper_bound", model.EntropyUpperBound());

            if (model.Fit is { } fit)
            {
                writer.WriteStartObject("fit");
                FitJson.Summary(writer, fit, fit.Warnings);
                writer.WriteEndObject();
            }

            if (posterior is not null)
            {
                writer.WriteStartObject("posterior");
                FitJson.Posterior(writer, posterior);
                writer.WriteEndObject();
            }
        });

    private static void PrintText(MixtureModel model, MeanFieldPosterior? posterior, TextWriter output)
    {
        ModelText.Head(model, output);
        output.WriteLine($"of {Terminal.Count(model.Dimension, "column")}: {string.Join(", ", model.ColumnNames)}");

        if (model.Fit is { } fit)
        {
            output.WriteLine(
                $"fitted by {fit.Method} to {Terminal.Count(fit.Rows, "row")} (total weight {Terminal.Short(fit.TotalWeight, 10)}), seed {Terminal.Fixed(fit.Seed, 0)}"
            );
            FitText.Summary(fit, output);

            if (posterior is not null)
            {
                FitText.Posterior(posterior, output);
            }

            foreach (var warning in fit.Warnings)
            {
                output.WriteLine($"Warning: {warning}");
            }
        }
        else
        {
            output.WriteLine($"{Terminal.Count(model.FreeParameters, "parameter")}; the file tells nothing of a fit");
        }

        output.WriteLine();
        ModelText.Components(model, null, null, output);
    }
}
