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

/// Draws of a model's sites as those of a mixture, and in one numbering of its components.
[<RequireQualifiedAccess>]
module internal SampleComponents =

    /// The values of the sites in one draw.
    let values (model: BayesianModel) (draws: Draws) (chain: int) (draw: int) : Tensor[] =
        let numbers = Draws.row chain draw draws
        let mutable at = 0

        model.Sites
        |> Array.map (fun site ->
            let own = Array.sub numbers at (Shape.size site.Dims)
            at <- at + own.Length
            Tensor.ofShape site.Dims own)

    /// Where each site with K first begins, and how many numbers each component has in it: the weights first.
    let private parts (weights: string) (model: BayesianModel) : struct (int * struct (string * int * int)[]) =
        let sites = model.Sites
        let starts = Array.scan (fun at (site: Site) -> at + Shape.size site.Dims) 0 sites
        let own = model.IndexOf weights

        let k =
            match sites[own].Support with
            | Support.Simplex k when sites[own].Dims.Length = 1 -> k
            | other ->
                invalidArg (nameof weights) $"expected a site of probabilities, received one of {Support.name other}"

        struct (k,
                [|
                    struct (weights, starts[own], 1)
                    for i in 0 .. sites.Length - 1 do
                        if i <> own && sites[i].Dims.Length > 0 && sites[i].Dims[0] = k then
                            struct (sites[i].Name, starts[i], Shape.size sites[i].Dims / k)
                |])

    let private rows (draws: Draws) =
        let count = draws.Count

        if draws.Counts |> Array.exists (fun n -> n <> count) then
            invalidArg (nameof draws) "expected chains of the same length, received a run that was stopped"

        [|
            for chain in 0 .. draws.ChainCount - 1 do
                for draw in 0 .. count - 1 -> Draws.row chain draw draws
        |]

    let mixtureDraws weights (model: BayesianModel) (draws: Draws) (logDensities: float[]) : MixtureDraws =
        let struct (k, parts) = parts weights model
        let rows = rows draws
        let parameters = Array.tail parts
        let struct (_, start, _) = parts[0]

        MixtureDraws.create
            draws.ChainCount
            k
            [|
                for struct (name, _, each) in parameters do
                    for j in 1..each do
                        if each = 1 then name else $"{name}[{j}]"
            |]
            (rows |> Array.collect (fun row -> Array.sub row start k))
            (rows
             |> Array.collect (fun row ->
                 [|
                     for component' in 0 .. k - 1 do
                         for struct (_, start, each) in parameters do
                             yield! Array.sub row (start + component' * each) each
                 |]))
            logDensities

    let assignments (model: BayesianModel) (draws: Draws) : DrawnAssignments =
        let count = draws.Count

        {
            Rows = model.RowCount
            At =
                fun s ->
                    Assignments.probabilities model (values model draws (s / count) (s % count))
                    |> Seq.cast<float>
                    |> Seq.toArray
        }

    /// The draws with components renumbered to agree with the draw of highest density.
    let relabel weights (model: BayesianModel) (draws: Draws) (logDensities: float[]) : Draws =
        let struct (_, parts) = parts weights model
        let mixture = mixtureDraws weights model draws logDensities
        let assignments = assignments model draws

        let found =
            Relabelling.toReference (Relabelling.pivot assignments mixture) assignments mixture

        let count = draws.Count

        { draws with
            Chains =
                draws.Chains
                |> Array.mapi (fun chain own ->
                    let renumbered = Array.copy own

                    for s in 0 .. count - 1 do
                        let order = found.Orders[chain * count + s]
                        let row = s * draws.Dimension

                        for struct (_, start, each) in parts do
                            for place in 0 .. order.Length - 1 do
                                Array.blit
                                    own
                                    (row + start + order[place] * each)
                                    renumbered
                                    (row + start + place * each)
                                    each

                    renumbered)
        }

/// Draws from a model's posterior, in the constrained values of its sites. Immutable.
[<NoEquality; NoComparison>]
type PosteriorSample =
    {
        /// The model.
        Model: BayesianModel
        /// The run of the sampler, in free real numbers, with its diagnostics and the state to go on from.
        Run: NutsRun
        /// The draws of the sites' numbers, by names such as locs[1] or means[2,1].
        Draws: Draws
    }

    /// The values of the sites in one draw (from 0) of a chain (from 0).
    member sample.Values (chain: int) (draw: int) : Tensor[] =
        SampleComponents.values sample.Model sample.Draws chain draw

    /// The draws with the components of a mixture specification renumbered, draw by draw, so that a number means the same
    /// component everywhere; the draws as they are where the model tells components apart, or is a program.
    member sample.Relabelled: Draws =
        let model = sample.Model
        let counts = sample.Draws.Counts

        if
            model.Exchangeable > 1
            && model.Parts.Mixture.IsSome
            && model.Sites |> Array.exists (fun site -> site.Name = "weights")
            && counts |> Array.forall (fun n -> n = counts[0] && n > 0)
        then
            SampleComponents.relabel "weights" model sample.Draws (sample.Run.Chains |> Array.collect _.LogDensities)
        else
            sample.Draws

    /// Mean, quantiles, Monte Carlo errors, R-hat and effective sample sizes of every number, of a mixture specification's
    /// relabelled draws (see Relabelled): any numbering of its components is as good as another.
    member sample.Summary: ParameterSummary[] = PosteriorSummary.ofDraws sample.Relabelled

    /// The same of the draws as they are.
    member sample.RawSummary: ParameterSummary[] = PosteriorSummary.ofDraws sample.Draws

    /// What a person should know, in plain words.
    member sample.Warnings: string list =
        Nuts.trajectoryWarnings sample.Run
        @ PosteriorSummary.warnings sample.Draws.ChainCount sample.Summary

/// Posteriors of Bayesian models by the no-U-turn sampler.
[<RequireQualifiedAccess>]
module PosteriorSample =

    /// The names of a model's numbers, in the order of its sites: name, name[1], name[1,2].
    let names (model: BayesianModel) : string[] =
        let rec places (dims: int list) =
            match dims with
            | [] -> [ [] ]
            | n :: rest ->
                [
                    for i in 1..n do
                        for tail in places rest -> string i :: tail
                ]

        [|
            for site in model.Sites do
                for place in places (List.ofArray site.Dims) do
                    if place.IsEmpty then
                        site.Name
                    else
                        let text = String.Join(",", place)
                        $"{site.Name}[{text}]"
        |]

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

    let private ofRun (model: BayesianModel) (run: NutsRun) : PosteriorSample =
        {
            Model = model
            Run = run
            Draws = constrain model run.Draws
        }

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

    /// Goes on from where a sample's chains are, to options.Draws draws of each chain in all: the same draws as one long run's.
    let resume (options: NutsOptions) (sample: PosteriorSample) : PosteriorSample =
        let more = Nuts.resume options (target sample.Model) sample.Run.States
        ofRun sample.Model (Nuts.append sample.Run more)

    /// The draws as those of a mixture: its weights (the site of that name, K of them), and of every site whose first axis is
    /// K each component's numbers. Components are numbered as they were drawn; see Relabelling. Raises ArgumentException where
    /// the site of weights is no vector of probabilities, and where chains are of different lengths.
    let toMixtureDraws (weights: string) (sample: PosteriorSample) : MixtureDraws =
        SampleComponents.mixtureDraws
            weights
            sample.Model
            sample.Draws
            (sample.Run.Chains |> Array.collect _.LogDensities)

    /// The probabilities of the data's components in each draw, all chains one after the other, made as they are asked for.
    let assignments (sample: PosteriorSample) : DrawnAssignments =
        SampleComponents.assignments sample.Model sample.Draws

    /// The sample with the components of every draw renumbered to agree with the draw of highest density, by the rows'
    /// probabilities: for programs, whose weights are to be named. It takes the rows' densities under every draw.
    let relabel (weights: string) (sample: PosteriorSample) : PosteriorSample =
        { sample with
            Draws =
                SampleComponents.relabel
                    weights
                    sample.Model
                    sample.Draws
                    (sample.Run.Chains |> Array.collect _.LogDensities)
        }

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
