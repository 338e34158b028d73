using Core = Mixtures;

namespace Mixtures.CSharp;

/// <content>What draws are used for: going on, predictions, one model that stands for them, files.</content>
public sealed partial class PosteriorSample
{
    /// <summary>
    /// Goes on from where the chains are, to so many draws of each in all: the draws of one long run. Also what was cancelled, or
    /// loaded from a file.
    /// </summary>
    /// <param name="draws">The draws of each chain in all; more than there are.</param>
    /// <param name="threads">The number of threads, 0 for one a core; null for as many as before.</param>
    /// <param name="progress">Told now and then, on the sampling threads, one at a time.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentException">The chains have that many draws.</exception>
    /// <exception cref="SamplingException">Sampling is impossible.</exception>
    public PosteriorSample Resume(
        int draws,
        int? threads = null,
        IProgress<SamplingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(threads ?? 0, nameof(threads));
        var old = Value.Run.Options;
        var options = new Core.NutsOptions(
            old.Chains,
            draws,
            old.Warmup,
            old.TargetAcceptance,
            old.MaxTreeDepth,
            old.Mass,
            old.Seed,
            threads ?? old.Threads
        );
        var monitor = BayesianModel.SamplingMonitor(progress, cancellationToken);

        try
        {
            return new(Model, Core.PosteriorSampleModule.resumeWith(monitor, options, Value));
        }
        catch (Core.SamplingException exception)
        {
            throw new SamplingException(exception);
        }
    }

    /// <summary>The means of the sites' values over the relabelled draws, by name; of angles their direction.</summary>
    public IReadOnlyDictionary<string, Tensor> Means() => Model.Named(Value.Means);

    /// <summary>The mixture at the means of the relabelled draws: one model that stands for the posterior.</summary>
    /// <exception cref="InvalidOperationException">The model is a program.</exception>
    public MixtureModel ToModel() => new(Core.PosteriorSampleModule.toMixture(Value), null);

    /// <summary>The probability of each component for each row, N x K, averaged over relabelled draws.</summary>
    /// <param name="mostDraws">At most so many draws, evenly spaced.</param>
    /// <exception cref="InvalidOperationException">The program observes no mixture.</exception>
    public double[,] AssignmentProbabilities(int mostDraws = 500)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostDraws, 1);
        return Core.PosteriorSampleModule.probabilities(mostDraws, Value);
    }

    /// <summary>
    /// How probable it is that two rows come from the same component, N x N, whatever components are called; at most 5000 rows.
    /// </summary>
    /// <param name="mostDraws">At most so many draws, evenly spaced.</param>
    /// <exception cref="ArgumentException">There are more than 5000 rows.</exception>
    public double[,] Coassignment(int mostDraws = 500)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostDraws, 1);
        return Core.PosteriorSampleModule.coassignment(mostDraws, Value);
    }

    /// <summary>
    /// The partition of the rows with the least expected variation of information (Wade &amp; Ghahramani 2018): a cluster for each
    /// row, from 0; at most 5000 rows.
    /// </summary>
    /// <param name="mostDraws">At most so many draws, evenly spaced.</param>
    /// <exception cref="ArgumentException">There are more than 5000 rows.</exception>
    public int[] Partition(int mostDraws = 500)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostDraws, 1);
        return Core.PosteriorSampleModule.partition(mostDraws, Value).Labels;
    }

    /// <summary>WAIC of the data's rows.</summary>
    /// <exception cref="InvalidOperationException">The program's data have no common rows.</exception>
    public PredictiveAccuracy Waic() => new(Core.PosteriorSampleModule.waic(Value));

    /// <summary>Leave-one-out cross-validation of the data's rows.</summary>
    /// <exception cref="InvalidOperationException">The program's data have no common rows.</exception>
    /// <exception cref="ArgumentException">There are fewer than 6 draws in a chain.</exception>
    public PredictiveAccuracy LeaveOneOut() => new(Core.PosteriorSampleModule.loo(Value));

    /// <summary>
    /// Checks of mean, standard deviation, least and greatest of every column of the data against those of data that draws predict.
    /// </summary>
    /// <param name="draws">How many draws, evenly spaced.</param>
    /// <param name="key">The key: the same key predicts the same.</param>
    /// <exception cref="ArgumentException">There are fewer draws, or the program makes several observations.</exception>
    public IReadOnlyList<PredictiveCheck> Check(int draws, RandomKey key) =>
        [.. Core.PosteriorSampleModule.check(draws, key, Value).Select(check => new PredictiveCheck(check))];

    /// <summary>Checks of one statistic of an observation's data against that of data that draws predict.</summary>
    /// <param name="name">What the statistic is called.</param>
    /// <param name="statistic">The statistic of data, rows by columns; NaN where a cell is missing.</param>
    /// <param name="draws">How many draws, evenly spaced.</param>
    /// <param name="key">The key: the same key predicts the same.</param>
    /// <param name="observation">The observation's name; that of a specification is rows.</param>
    /// <exception cref="ArgumentException">There are fewer draws, or there is no such observation.</exception>
    public PredictiveCheck Check(
        string name,
        Func<Tensor, double> statistic,
        int draws,
        RandomKey key,
        string observation = "rows"
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(statistic);
        var statistics = Interop.List([Tuple.Create(name, Microsoft.FSharp.Core.FuncConvert.FromFunc(statistic))]);
        return new(Core.PosteriorSampleModule.checkOf(statistics, observation, draws, key, Value).Head);
    }

    /// <summary>
    /// Saves the draws and the state of every chain as JSON, whole or not at all: <see cref="BayesianModel.LoadSample"/> reads them,
    /// to look at or to go on from.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Core.SampleFile.save(path, Value);
    }
}
