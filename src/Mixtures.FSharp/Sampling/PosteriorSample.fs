namespace Mixtures

open System
open System.Globalization
open System.IO

/// Where chains start.
type ChainStart =
    /// Where the model starts at random: of a mixture specification means at random rows, of a program its starts.
    | ModelStarts
    /// Draws from the priors.
    | PriorDraws
    /// The best stationary point of the density, for every chain; a hundred starts are tried.
    | PosteriorMode
    /// Given values of the sites, in their order: one set for each chain.
    | GivenValues of Tensor[][]

/// Draws from a model's posterior, in the constrained values of its sites. Immutable.
[<Sealed>]
type PosteriorSample internal (model: BayesianModel, run: NutsRun, draws: Draws) =
    let relabelled =
        lazy
            (match SampleComponents.weightsSite model with
             | Some weights when model.Exchangeable > 1 || weights = "shares" ->
                 SampleComponents.relabel weights model draws (run.Chains |> Array.map _.LogDensities)
             | _ -> draws)

    let summary = lazy (PosteriorSummary.ofDraws relabelled.Value)

    /// The model.
    member _.Model = model

    /// The run of the sampler, in free real numbers, with its diagnostics and the state to go on from.
    member _.Run = run

    /// The draws of the sites' numbers, by names such as locs[1] or means[2,1].
    member _.Draws = draws

    /// The values of the sites in one draw (from 0) of a chain (from 0).
    member _.Values (chain: int) (draw: int) : Tensor[] =
        SampleComponents.values model draws chain draw

    /// The draws with the components of a mixture specification renumbered, draw by draw, so that a number means the same
    /// component everywhere, of each chain as many as the shortest has: they agree with the draw of highest density, by the
    /// rows' probabilities (of 200 to 2000 rows where there are more). The draws as they are where the model tells components apart,
    /// or is a program.
    member _.Relabelled: Draws = relabelled.Value

    /// Mean, quantiles, Monte Carlo errors, R-hat and effective sample sizes of every number, of a mixture specification's
    /// relabelled draws (see Relabelled): any numbering of its components is as good as another. Raises ArgumentException for
    /// fewer than 6 draws a chain.
    member _.Summary: ParameterSummary[] = Array.copy summary.Value

    /// The same of the draws as they are.
    member _.RawSummary: ParameterSummary[] = PosteriorSummary.ofDraws draws

    /// What a person should know, in plain words.
    member _.Warnings: string list =
        model.Warnings
        @ Nuts.trajectoryWarnings run
        @ (if draws.Count < 6 then
               [
                   "R-hat and effective sample sizes need at least 6 draws of each chain: there are none of this run."
               ]
           else
               PosteriorSummary.warnings draws.ChainCount summary.Value)

    /// The mean of every site's values over the relabelled draws, and its direction for angles.
    member _.Means: Tensor[] = SampleComponents.means model relabelled.Value

/// Posteriors of Bayesian models by the no-U-turn sampler.
[<RequireQualifiedAccess>]
module PosteriorSample =

    /// The names of a model's numbers, in the order of its sites: name, name[1], name[1,2].
    let names (model: BayesianModel) : string[] =
        model.Sites |> Array.collect Site.numberNames

    /// The density that samplers draw from: the log joint density of the free real numbers.
    let target (model: BayesianModel) : SamplingTarget =
        SamplingTarget.create model.Dimension model.Evaluate

    /// Draws of free real numbers as those of the sites' values.
    let private constrain (model: BayesianModel) (free: Draws) : Draws =
        let sites = model.Sites
        let p = free.Dimension
        // few enough for a piece of a chain to stay in cache
        let piece = 256

        let ofChain (chain: float[]) =
            let count = chain.Length / p

            [|
                for start in 0..piece .. count - 1 do
                    let n = min piece (count - start)
                    let rows = Tensor.ofShape [| n; p |] (Array.sub chain (start * p) (n * p))
                    let mutable at = 0

                    let values =
                        sites
                        |> Array.map (fun site ->
                            let own =
                                rows
                                |> Tensor.slice 1 at site.Length
                                |> Tensor.reshape (Array.append [| n |] site.FreeDims)

                            at <- at + site.Length
                            site.Bijector.Forward own |> Tensor.reshape [| n; -1 |])

                    (Tensor.concatenate 1 values).ToArray()
            |]
            |> Array.concat

        Draws.create (names model) (free.Chains |> Array.map ofChain)

    let private startsOf (options: NutsOptions) (start: ChainStart) (model: BayesianModel) : float[][] =
        let key = (RandomKey.ofSeed options.Seed).Child 7919

        let drawn (draw: RandomStream -> Tensor[]) =
            Array.init options.Chains (fun chain ->
                let stream = (key.Child chain).Stream()

                let once () =
                    (model.Unconstrain(draw stream)).ToArray()

                let density point =
                    let struct (value, _) = model.Evaluate point
                    value

                // a start without density is drawn again
                let mutable point = once ()
                let mutable attempts = 1

                while attempts < 100 && not (Double.IsFinite(density point)) do
                    point <- once ()
                    attempts <- attempts + 1

                point)

        match start with
        | ModelStarts -> drawn model.DrawStart
        | PriorDraws -> drawn model.DrawPrior
        | PosteriorMode ->
            let mode =
                MapEstimate.fit
                    { MapEstimate.defaults with
                        Seed = options.Seed
                    }
                    model

            Array.create options.Chains mode.Vector
        | GivenValues all ->
            if all.Length <> options.Chains then
                invalidArg (nameof start) $"expected values for each of {options.Chains} chains, received {all.Length}"

            all |> Array.map (fun values -> (model.Unconstrain values).ToArray())

    /// The sample of a run on a model's target.
    let internal ofRun (model: BayesianModel) (run: NutsRun) : PosteriorSample =
        PosteriorSample(model, run, constrain model run.Draws)

    /// Draws from the posterior, watched; a run that is stopped returns what was reached. Raises SamplingException where
    /// sampling is impossible, and ArgumentException for options out of range, or for a model with a term that is not finite
    /// at any start (which is named).
    let drawWith (monitor: SamplingMonitor) (options: NutsOptions) (start: ChainStart) (model: BayesianModel) =
        let starts = startsOf options start model

        for point in starts do
            let struct (value, _) = model.Evaluate point

            if Double.IsNaN value then
                model.Demand(model.Constrain(Tensor.ofArray point))

        Nuts.sampleWith monitor options (target model) starts |> ofRun model

    /// Draws from the posterior; see drawWith.
    let draw (options: NutsOptions) (start: ChainStart) (model: BayesianModel) : PosteriorSample =
        drawWith SamplingMonitor.None options start model

    /// The values of one chain's draws, one by one as they are asked for, without end, after warm-up; see Nuts.stream. They are
    /// those of the chain of that number (from 0) in a sample.
    let stream (options: NutsOptions) (start: ChainStart) (chain: int) (model: BayesianModel) : seq<Tensor[]> =
        if chain < 0 || chain >= options.Chains then
            invalidArg (nameof chain) $"expected a chain from 0 to {options.Chains - 1}, received {chain}"

        let starts = startsOf options start model

        Nuts.stream options (target model) chain starts[chain]
        |> Seq.map (fun struct (position, _) -> model.Constrain(Tensor.ofArray position))

    /// Goes on from where a sample's chains are, watched; see resume.
    let resumeWith (monitor: SamplingMonitor) (options: NutsOptions) (sample: PosteriorSample) : PosteriorSample =
        let more = Nuts.resumeWith monitor options (target sample.Model) sample.Run.States

        ofRun sample.Model (Nuts.append sample.Run more)

    /// Goes on from where a sample's chains are, to options.Draws draws of each chain in all: the same draws as one long run's.
    let resume (options: NutsOptions) (sample: PosteriorSample) : PosteriorSample =
        resumeWith SamplingMonitor.None options sample

    /// The draws as those of a mixture: its weights (the site of that name, K of them, or the shares of a process), and of every
    /// site with an axis of components each component's numbers; without the noise of a specification. Components are numbered
    /// as they were drawn; see Relabelling. Raises ArgumentException where the site is no vector of probabilities.
    let toMixtureDraws (weights: string) (sample: PosteriorSample) : MixtureDraws =
        SampleComponents.mixtureDraws
            (SampleComponents.places weights sample.Model)
            sample.Draws
            (sample.Run.Chains |> Array.map _.LogDensities)

    /// The probabilities of the data's components in each draw, all chains one after the other, made as they are asked for.
    let assignments (sample: PosteriorSample) : DrawnAssignments =
        SampleComponents.assignments sample.Model sample.Draws

    /// The probability of each component for each row, N x K, averaged over at most so many relabelled draws, evenly spaced.
    /// Raises InvalidOperationException for a program that observes no mixture.
    let probabilities (most: int) (sample: PosteriorSample) : float[,] =
        if most < 1 then
            invalidArg (nameof most) $"expected at least 1 draw, received {most}"

        let draws = sample.Relabelled
        let total = draws.Count * draws.ChainCount
        let taken = min most total

        Seq.init taken (fun i ->
            let s = int (int64 i * int64 total / int64 taken)
            SampleComponents.values sample.Model draws (s / draws.Count) (s % draws.Count))
        |> Assignments.averaged sample.Model

    /// The rows' probabilities in at most so many draws, evenly spaced, and how many components and draws these are.
    let private thinned (most: int) (sample: PosteriorSample) : struct (int * int * DrawnAssignments) =
        if most < 1 then
            invalidArg (nameof most) $"expected at least 1 draw, received {most}"

        let all = assignments sample
        let total = sample.Draws.Count * sample.Draws.ChainCount

        if total < 1 then
            invalidArg (nameof sample) "expected at least 1 draw of each chain, received none"

        let taken = min most total

        let own =
            {
                Rows = all.Rows
                At = fun i -> all.At(int (int64 i * int64 total / int64 taken))
            }

        struct ((own.At 0).Length / all.Rows, taken, own)

    /// How probable it is that two rows come from the same component, N x N, by at most so many draws, evenly spaced: whatever
    /// components are called. Raises ArgumentException for more than 5000 rows.
    let coassignment (most: int) (sample: PosteriorSample) : float[,] =
        let struct (components, taken, own) = thinned most sample
        Coassignment.matrix components taken own

    /// The partition of the rows with the least expected variation of information, by at most so many draws, evenly spaced; see
    /// PointPartition.ofDraws.
    let partition (most: int) (sample: PosteriorSample) : PointPartition =
        let struct (components, taken, own) = thinned most sample
        PointPartition.ofDraws VariationOfInformation components taken own

    /// The summary of what does not depend on how components are numbered: the log density, the entropy of the weights, the
    /// weights in descending order and each parameter in ascending order; R-hat of these tells whether chains agree about the
    /// mixture. The site of weights is named, as for toMixtureDraws.
    let invariantSummary (weights: string) (sample: PosteriorSample) : ParameterSummary[] =
        toMixtureDraws weights sample
        |> MixtureDraws.invariants
        |> PosteriorSummary.ofDraws

    /// The mixture at the means of the relabelled draws: one model that stands for the posterior. Raises
    /// InvalidOperationException for a program.
    let toMixture (sample: PosteriorSample) : Mixture = sample.Model.ToMixture sample.Means

    /// The sample with the components of every draw renumbered to agree with the draw of highest density, by the rows'
    /// probabilities: for programs, whose weights are to be named. It takes the rows' densities under every draw.
    let relabel (weights: string) (sample: PosteriorSample) : PosteriorSample =
        PosteriorSample(
            sample.Model,
            sample.Run,
            SampleComponents.relabel weights sample.Model sample.Draws (sample.Run.Chains |> Array.map _.LogDensities)
        )

    let private atLeast (count: int) (what: string) (sample: PosteriorSample) =
        if sample.Draws.Count < count then
            invalidArg
                (nameof sample)
                $"expected at least {count} draws of each chain for {what}, received {sample.Draws.Count}"

    let private rows (sample: PosteriorSample) =
        let taken = PosteriorPredictive.thinned sample.Model.RowCount sample.Draws
        PosteriorPredictive.rowLogLikelihoods sample.Model taken sample.Draws

    /// WAIC of the data's rows, which count by their weights; of fewer draws, evenly spaced (at least 100 of each chain), where
    /// rows x draws are more than 2e8. Raises InvalidOperationException for a program whose data have no common rows.
    let waic (sample: PosteriorSample) : PredictiveAccuracy =
        atLeast 2 "WAIC" sample

        rows sample
        |> PredictiveAccuracy.waicWeighted sample.Model.Parts.RowWeights sample.Model.RowCount

    /// Leave-one-out cross-validation of the data's rows by Pareto-smoothed importance sampling; rows and draws as for waic.
    let loo (sample: PosteriorSample) : PredictiveAccuracy =
        atLeast 6 "leave-one-out" sample

        rows sample
        |> PredictiveAccuracy.looWeighted sample.Model.Parts.RowWeights sample.Draws.ChainCount sample.Model.RowCount

    /// Checks of statistics of an observation's data (rows by columns; of a specification the one named rows; NaN where a cell
    /// is missing) against those of data that so many draws, evenly spaced, predict.
    let checkOf
        (statistics: (string * (Tensor -> float)) list)
        (observation: string)
        (count: int)
        (key: RandomKey)
        (sample: PosteriorSample)
        : PredictiveCheck list =
        let observed = PosteriorPredictive.observed (Some observation) sample.Model
        PosteriorPredictive.check statistics observed count key sample.Model sample.Draws

    /// Checks of mean, standard deviation, least and greatest of every column of the model's data against those of data that so
    /// many draws, evenly spaced, predict; see checkOf.
    let check (count: int) (key: RandomKey) (sample: PosteriorSample) : PredictiveCheck list =
        let observed = PosteriorPredictive.observed None sample.Model

        let statistics =
            PosteriorPredictive.statistics sample.Model.Parts.RowWeights observed

        PosteriorPredictive.check statistics observed count key sample.Model sample.Draws

    /// Writes the draws as CSV: chain and draw (from 1), the numbers by name, the log density and whether the trajectory
    /// diverged.
    let toCsv (path: string) (sample: PosteriorSample) : unit =
        AtomicFile.Write(
            path,
            fun (stream: Stream) ->
                use writer = new StreamWriter(stream)

                let quoted (name: string) =
                    if name.Contains ',' then $"\"{name}\"" else name

                let header = sample.Draws.Names |> Array.map quoted |> String.concat ","
                writer.Write $"chain,draw,{header},log_density,divergent\n"

                for chain in 0 .. sample.Draws.ChainCount - 1 do
                    let report = sample.Run.Chains[chain]

                    for s in 0 .. sample.Draws.Counts[chain] - 1 do
                        writer.Write(chain + 1)
                        writer.Write ','
                        writer.Write(s + 1)

                        for value in Draws.row chain s sample.Draws do
                            writer.Write ','
                            writer.Write(value.ToString("R", CultureInfo.InvariantCulture))

                        writer.Write ','
                        writer.Write(report.LogDensities[s].ToString("R", CultureInfo.InvariantCulture))
                        writer.Write(if report.Divergent[s] then ",1\n" else ",0\n")
        )
