namespace Mixtures

open System
open System.Globalization

/// Pictures of posteriors of Bayesian models, and whole pages of them: of samples, and of guides.
[<RequireQualifiedAccess>]
module PosteriorPlot =

    /// Draws of which bands of densities are made.
    [<Literal>]
    let private BandDraws = 200

    /// Draws from a guide.
    [<Literal>]
    let private DrawnOfGuide = 4000

    /// More rows than this have no co-assignment matrix on a page.
    [<Literal>]
    let private MostRows = 1000

    /// The mixture on the data; of one column of any numbers, under the band that holds 90 % of the draws' densities.
    let private densityOf (data: Dataset) (model: BayesianModel) (centre: Tensor[]) (draws: Tensor[] list) : Figure =
        let mixture = model.ToMixture centre

        match mixture.ActiveColumns, mixture.Family.Name with
        | [| _ |], ("gaussian" | "student-t") ->
            let active = mixture.ActiveData data
            let values = active.Column 0 |> Array.filter Double.IsFinite
            PosteriorDensity.create data.ColumnNames[mixture.ActiveColumns[0]] values model centre draws
        | _ -> Plot.mixture data mixture

    let private evenly (most: int) (total: int) (draw: int -> 'T) =
        let taken = min most total
        List.init taken (fun i -> draw (int (int64 i * int64 total / int64 taken)))

    let private sampled (sample: PosteriorSample) =
        let draws = sample.Draws

        evenly BandDraws (draws.Count * draws.ChainCount) (fun s -> sample.Values (s / draws.Count) (s % draws.Count))

    let private guided (fit: SviFit) =
        let stream = (RandomKey.ofSeed fit.Seed).Stream()
        List.init BandDraws (fun _ -> fit.Draw stream)

    /// The mixture at the means of a sample's relabelled draws on the data; of one column with the band that holds 90 % of the
    /// draws' densities. Raises InvalidOperationException for a program.
    let density (data: Dataset) (sample: PosteriorSample) : Figure =
        let draws = sample.Draws

        evenly BandDraws (draws.Count * draws.ChainCount) (fun s -> sample.Values (s / draws.Count) (s % draws.Count))
        |> densityOf data sample.Model sample.Means

    /// The mixture at a guide's centre on the data; of one column with the band that holds 90 % of its draws' densities. Raises
    /// InvalidOperationException for a program.
    let guideDensity (data: Dataset) (fit: SviFit) : Figure =
        guided fit |> densityOf data fit.Model fit.Centre

    /// Points of each axis of an image.
    [<Literal>]
    let private ImagePoints = 80

    /// The mean of the densities of draws over two columns, and their standard deviation.
    let private images (data: Dataset) (model: BayesianModel) (draws: Tensor[] list) : struct (Figure * Figure) =
        if data.Dimension <> 2 then
            invalidArg (nameof data) $"expected data of two columns, received {data.Dimension}"

        let axis column =
            let values = data.Column column |> Array.filter Double.IsFinite
            let low, high = Array.min values, Array.max values
            let margin = 0.08 * max (high - low) 1e-300

            Array.init ImagePoints (fun i ->
                low - margin + (high - low + 2.0 * margin) * float i / float (ImagePoints - 1))

        let x, y = axis 0, axis 1

        let grid =
            Dataset.ofArray2D (
                Array2D.init (ImagePoints * ImagePoints) 2 (fun i j ->
                    if j = 0 then x[i % ImagePoints] else y[i / ImagePoints])
            )

        let total = Array.zeroCreate<float> grid.Count
        let squares = Array.zeroCreate<float> grid.Count

        for values in draws do
            let mixture = model.ToMixture values
            // the grid has no names
            let logs =
                Mixture.logDensity (Mixture.create None mixture.Weights mixture.Components) grid

            for i in 0 .. logs.Length - 1 do
                let density = exp logs[i]
                total[i] <- total[i] + density
                squares[i] <- squares[i] + density * density

        let n = float draws.Length
        let names = data.ColumnNames[0], data.ColumnNames[1]

        let shape (f: int -> float) =
            Array2D.init ImagePoints ImagePoints (fun i j -> f (i * ImagePoints + j))

        struct (DensityImage.create "Density averaged over the posterior" names x y (shape (fun i -> total[i] / n)),
                DensityImage.createOf
                    "standard deviation"
                    "How uncertain the density is: its standard deviation over the posterior"
                    names
                    x
                    y
                    (shape (fun i ->
                        let mean = total[i] / n
                        sqrt (max 0.0 (squares[i] / n - mean * mean)))))

    /// The density of a specification of two columns, averaged over a sample's draws, as an image. Raises ArgumentException for
    /// another number of columns, InvalidOperationException for a program.
    let densityImage (data: Dataset) (sample: PosteriorSample) : Figure =
        let struct (mean, _) = images data sample.Model (sampled sample)
        mean

    /// How much the densities of a sample's draws differ: their standard deviation, as an image of two columns; see densityImage.
    let densityUncertainty (data: Dataset) (sample: PosteriorSample) : Figure =
        let struct (_, spread) = images data sample.Model (sampled sample)
        spread

    /// The density of a specification of two columns, averaged over draws from a guide, as an image; see densityImage.
    let guideDensityImage (data: Dataset) (fit: SviFit) : Figure =
        let struct (mean, _) = images data fit.Model (guided fit)
        mean

    /// How much the densities of a guide's draws differ; see densityUncertainty.
    let guideDensityUncertainty (data: Dataset) (fit: SviFit) : Figure =
        let struct (_, spread) = images data fit.Model (guided fit)
        spread

    // images of continuous columns only
    let private imagesOf
        (data: Dataset option)
        (model: BayesianModel)
        (centre: unit -> Tensor[])
        (draws: unit -> Tensor[] list)
        =
        match data with
        | Some data when model.Parts.Mixture.IsSome && data.Dimension = 2 ->
            let mixture = model.ToMixture(centre ())

            match mixture.ActiveColumns.Length, mixture.Family.Name with
            | 2, ("gaussian" | "student-t") ->
                let struct (mean, spread) = images data model (draws ())
                [ Html.section mean; Html.section spread ]
            | _ -> []
        | _ -> []

    /// Histograms of 4000 draws from a guide, of the named numbers (none named: all, at most 12).
    let guideHistograms (names: string list) (fit: SviFit) : Figure =
        Plot.histograms names (fit.Draws DrawnOfGuide)

    /// How probable it is that rows belong together, those of a cluster side by side; by at most so many draws.
    let coassignment (most: int) (sample: PosteriorSample) : Figure =
        let matrix = PosteriorSample.coassignment most sample
        Plot.coassignment (PosteriorSample.partition most sample) matrix

    /// A parameter (from 0) of every component of a mixture specification in all draws, as they were drawn and as they are
    /// renumbered; parameters are numbered as in PosteriorSample.toMixtureDraws. Raises InvalidOperationException for a program.
    let labelSwitching (parameter: int) (sample: PosteriorSample) : Figure =
        match SampleComponents.weightsSite sample.Model with
        | None ->
            invalidOp
                "Only specifications of two or more components are relabelled by themselves: take PosteriorSample.relabel or Relabelling, and Plot.labelSwitching."
        | Some weights ->
            let places = SampleComponents.places weights sample.Model
            let densities = sample.Run.Chains |> Array.map _.LogDensities

            let ofDraws draws =
                SampleComponents.mixtureDraws places draws densities

            LabelSwitchingChart.create parameter (ofDraws sample.Draws) (ofDraws sample.Relabelled)

    /// Relabelled draws in pairs of the named numbers (none named: all, at most 6), those whose trajectories diverged marked.
    let pairs (names: string list) (sample: PosteriorSample) : Figure =
        let draws = sample.Relabelled

        let divergent =
            Array.map2
                (fun (chain: NutsChainReport) count -> Array.truncate count chain.Divergent)
                sample.Run.Chains
                draws.Counts

        Plot.posteriorPairs names divergent draws

    let private number (value: float) = Wording.short value

    /// A page's sections on a sample: what was sampled and what to know about it, the mixture on the data (of a specification),
    /// numbers in pairs with divergences, histograms, traces, ranks, the labels as drawn and as renumbered, co-assignments (of at
    /// most 1000 rows).
    let report (data: Dataset option) (sample: PosteriorSample) : PageSection list =
        let draws = sample.Relabelled
        let model = sample.Model
        let run = sample.Run

        if draws.Count < 6 then
            invalidArg (nameof sample) $"expected at least 6 draws of each chain, received {draws.Count}"

        let summary = sample.Summary

        // the number that chains agree least about; one that does not vary has no R-hat
        let worst =
            summary
            |> Array.maxBy (fun s ->
                match s.RHat with
                | ValueSome r when Double.IsFinite r -> r
                | _ -> 0.0)

        let agreement =
            match worst.RHat with
            | ValueSome r -> $", largest R-hat {number r} ({worst.Name})"
            | ValueNone -> ""

        let least = summary |> Array.map _.EssBulk |> Array.min

        let head =
            $"""Posterior by the no-U-turn sampler: {Wording.count run.Chains.Length "chain"} of {Wording.count draws.Count "draw"}, {Wording.count run.Divergences "divergence"}{agreement}, least effective sample size {number least}."""

        let first =
            match data with
            | Some data when model.Parts.Mixture.IsSome -> density data sample
            | _ -> Plot.histograms [] draws

        [
            { Html.section first with
                Paragraphs = head :: sample.Warnings
            }

            yield! imagesOf data model (fun () -> sample.Means) (fun () -> sampled sample)

            if model.Parts.Mixture.IsSome && data.IsSome then
                Html.section (Plot.histograms [] draws)

            if draws.Dimension > 1 then
                Html.section (pairs [] sample)

            Html.section (Plot.trace [] draws)

            if draws.ChainCount > 1 then
                Html.section (Plot.ranks worst.Name draws)

            match SampleComponents.weightsSite model with
            | Some weights when
                (let places = SampleComponents.places weights model
                 places.Movable > 1 && places.Parts.Length > 0)
                ->
                Html.section (labelSwitching 0 sample)
            | _ -> ()

            if model.Parts.Joint.IsSome && model.RowCount > 1 && model.RowCount <= MostRows then
                Html.section (coassignment 100 sample)
        ]

    /// Saves the report of a sample as a page; see report.
    let saveReport (options: HtmlOptions) (path: string) (data: Dataset option) (sample: PosteriorSample) =
        Html.saveReport options path (report data sample)

    /// A page's sections on a guide: what was fitted and what to know about it, the mixture on the data (of a specification), the
    /// bound by step, histograms, and the first two numbers together.
    let guideReport (data: Dataset option) (fit: SviFit) : PageSection list =
        let stopped =
            match fit.Termination with
            | Converged -> "converged"
            | IterationLimit -> "not converged"
            | Interrupted -> "interrupted"

        let fixed' (value: float) =
            value.ToString("F2", CultureInfo.InvariantCulture)

        let head =
            $"""Posterior by stochastic variational inference: {fit.Guide.Name} guide, bound {fixed' fit.Elbo} ± {fixed' fit.ElboStandardError}, k-hat {number fit.ParetoK}; {stopped} after {Wording.count fit.Steps "step"}."""

        let elbo = Plot.elbo fit

        let opening =
            match data with
            | Some data when fit.Model.Parts.Mixture.IsSome -> [ guideDensity data fit; elbo ]
            | _ -> [ elbo ]

        let sites = fit.Model.Sites

        let pair =
            sites
            |> Array.collect (fun site -> Array.init (Shape.size site.Dims) (fun at -> site.Name, at))
            // probabilities that sum to one are a line
            |> Array.filter (fun (name, _) -> name <> "weights" || sites.Length = 1)
            |> Array.truncate 2

        [
            { Html.section opening.Head with
                Paragraphs = head :: fit.Warnings
            }

            for figure in opening.Tail do
                Html.section figure

            yield! imagesOf data fit.Model (fun () -> fit.Centre) (fun () -> guided fit)
            Html.section (guideHistograms [] fit)

            match pair with
            | [| x; y |] -> Html.section (Plot.jointPosterior DrawnOfGuide x y fit)
            | _ -> ()
        ]

    /// Saves the report of a guide as a page; see guideReport.
    let saveGuideReport (options: HtmlOptions) (path: string) (data: Dataset option) (fit: SviFit) =
        Html.saveReport options path (guideReport data fit)
