using Mixtures.CSharp;
using MixturesCli.Output;

namespace MixturesCli.Commands;

/// <summary>How a posterior is to be found, and where it goes.</summary>
/// <param name="Nuts">The options of the sampler; null for svi.</param>
/// <param name="Svi">The options of variational inference; null for nuts.</param>
/// <param name="Draws">Draws of each chain, or of the guide.</param>
/// <param name="Resume">The saved posterior to go on from, if there is one.</param>
/// <param name="DrawsOut">Where the draws go as CSV.</param>
/// <param name="PosteriorOut">Where the posterior itself goes.</param>
internal sealed record PosteriorRequest(
    Nuts? Nuts,
    Svi? Svi,
    int Draws,
    string? Resume,
    string? DrawsOut,
    string? PosteriorOut
)
{
    /// <summary>Finds the posterior.</summary>
    public PosteriorReport Find(BayesianModel model, bool showProgress, CancellationToken cancellation)
    {
        try
        {
            if (Nuts is not null)
            {
                return new PosteriorReport(
                    model,
                    PosteriorProgressBar.Sample(showProgress, progress => Sample(model, progress, cancellation))
                );
            }

            return new PosteriorReport(
                model,
                PosteriorProgressBar.Approximate(showProgress, progress => Approximate(model, progress, cancellation)),
                Draws,
                Svi!.Seed
            );
        }
        catch (SamplingException exception)
        {
            throw new DataException(exception.Message);
        }
        catch (SviException exception)
        {
            throw new DataException(exception.Message);
        }
    }

    private PosteriorSample Sample(
        BayesianModel model,
        IProgress<SamplingProgress>? progress,
        CancellationToken cancellation
    )
    {
        if (Resume is null)
        {
            return model.Sample(Nuts, progress, cancellation);
        }

        var saved = model.LoadSample(Resume);

        if (saved.Draws >= Draws)
        {
            throw new DataException(
                $"'{Resume}' has {saved.Draws} draws of each chain already: give --draws a larger number, which counts those as well."
            );
        }

        return saved.Resume(Draws, Nuts!.Threads, progress, cancellation);
    }

    private SviFit Approximate(BayesianModel model, IProgress<SviProgress>? progress, CancellationToken cancellation)
    {
        if (Svi!.Batch > model.RowCount)
        {
            throw new DataException(
                $"Option '--batch': expected at most {model.RowCount} rows, as many as the data have, received {Svi.Batch}; leave it out for all."
            );
        }

        if (Resume is null)
        {
            return model.Approximate(Svi, progress, cancellation);
        }

        var saved = model.LoadApproximation(Resume);
        var guide = saved.Guide switch
        {
            "mean-field" => GuideKind.MeanField,
            "full-rank" => GuideKind.FullRank,
            _ => GuideKind.Suited,
        };
        return model.Approximate(Svi.WithGuide(guide).WithStart(saved), progress, cancellation);
    }
}
