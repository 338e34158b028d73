namespace Mixtures

open System
open System.Globalization

/// Pictures of fitted mixtures.
[<RequireQualifiedAccess>]
module Plot =

    /// Whether means and covariances are known; components known by their log-density alone have none.
    let private hasMoments (mixture: Mixture) =
        ColumnMarginal.isKnown mixture.Components

    let private components (mixture: Mixture) =
        let active = mixture.ActiveComponents
        let indices = [| 0 .. mixture.Count - 1 |]
        let d = active.Dimension

        if hasMoments mixture then
            { ChartComponents.create
                  mixture.Weights
                  (indices |> Array.map active.Mean)
                  (indices |> Array.map active.Covariance) with
                Marginal =
                    if mixture.Family.Name = "gaussian" then
                        None
                    else
                        Some(ColumnMarginal.curves mixture)
            }
        else
            // what is not finite is not drawn
            ChartComponents.create
                mixture.Weights
                (indices |> Array.map (fun _ -> Array.create d nan))
                (indices |> Array.map (fun _ -> Array2D.create d d nan))

    let private rowWeights (data: Dataset) =
        if data.HasWeights then
            Some(data.Weights.ToArray())
        else
            None

    /// Columns that vary, labels and uncertainties.
    let private rows (mixture: Mixture) (data: Dataset) =
        let active = mixture.ActiveData data

        {
            Columns = Seq.toArray active.ColumnNames
            Values = Array.init active.Dimension active.Column
            Weights = rowWeights data
            Labels = Mixture.predict mixture data
            Uncertainty = Mixture.uncertainty mixture data
        }

    /// Points that reach a little beyond the values, but not where a density of one's own may not be defined; where there are
    /// no values, as far as the components.
    let private grid (points: int) (mixture: Mixture) (values: float[]) =
        let low, high =
            if values.Length > 0 then
                Array.min values, Array.max values
            else
                ScatterTraces.range (components mixture) 0 values

        let margin = if hasMoments mixture then 0.08 * (high - low) else 0.0
        Array.init points (fun i -> low - margin + (high - low + 2.0 * margin) * float i / float (points - 1))

    /// Weight times density of each component of a mixture of one varying column: K arrays, one number a point.
    let private curves (points: float[]) (mixture: Mixture) =
        let single = Mixture(mixture.Weights, mixture.ActiveComponents, None)
        let densities = Mixture.componentLogDensities single (Dataset.ofColumn points)
        let weights = mixture.Weights
        Array.init mixture.Count (fun k -> Array.init points.Length (fun i -> weights[k] * exp densities[i, k]))

    let private densityOf (points: int) (mixture: Mixture) (data: Dataset) =
        let active = mixture.ActiveData data
        let column = active.Column 0

        let present =
            Array.init column.Length id
            |> Array.filter (fun row -> Double.IsFinite column[row])

        let values = present |> Array.map (fun row -> column[row])
        let grid = grid points mixture values

        {
            Column = active.ColumnNames[0]
            Values = values
            RowWeights =
                rowWeights data
                |> Option.map (fun weights -> present |> Array.map (fun row -> weights[row]))
            Grid = grid
            Curves = curves grid mixture
            Names = Array.init mixture.Count ChartComponents.defaultName
            Weights = mixture.Weights
        }

    /// One column: a histogram under the densities.
    let private oneColumn (mixture: Mixture) (data: Dataset) =
        Charts.density1D (densityOf 400 mixture data)

    /// The data column by column, a panel each, drawn as the column's family asks: numbers as a histogram under densities,
    /// counts as shares with probabilities, levels (0 and 1 too) as bars side by side. Constant columns are left out; of more
    /// than 12 the first 12 are drawn. Components known by their log-density alone have no marginals: one column only.
    let marginals (data: Dataset) (mixture: Mixture) : Figure =
        let all = mixture.ActiveColumns.Length

        if all > 1 && not (ColumnMarginal.isKnown mixture.Components) then
            invalidArg
                (nameof mixture)
                $"expected components whose single columns have a known density, received the {mixture.Family.Name} family"

        let columns =
            Array.init (min MarginalsChart.mostPanels all) (ColumnMarginal.create mixture data)

        MarginalsChart.create (ColumnMarginal.names mixture) mixture.Weights columns all

    /// The data under a mixture: a histogram with densities for one column, a scatter with ellipses at one and two
    /// standard deviations for two, pairs of columns for more; where columns are counts, levels, angles or numbers that are
    /// bounded, a panel for each (see marginals). Constant columns are left out. Components that are known by their
    /// log-density alone have no ellipses, and no curves for single columns of several; nor has noise an ellipse.
    let mixture (data: Dataset) (mixture: Mixture) : Figure =
        let components mixture =
            components mixture |> ColumnMarginal.withNoise mixture

        match mixture.ActiveColumns.Length with
        | _ when not (ColumnMarginal.isPlain mixture) -> marginals data mixture
        | 1 -> oneColumn mixture data
        | 2 -> Charts.scatter2D (components mixture) (rows mixture data)
        | _ -> Charts.pairs (components mixture) (rows mixture data)

    /// The data under a fitted mixture; see mixture.
    let density (data: Dataset) (fit: MixtureFit) : Figure = mixture data fit.Mixture

    /// How uncertain a mixture's classification of the rows is, component by component.
    let classification (data: Dataset) (mixture: Mixture) : Figure =
        Charts.uncertainty
            (Array.init mixture.Count ChartComponents.defaultName)
            (Mixture.predict mixture data)
            (Mixture.uncertainty mixture data)

    /// How uncertain a fit's classification of the rows is; see classification.
    let uncertainty (data: Dataset) (fit: MixtureFit) : Figure = classification data fit.Mixture

    /// The log-likelihood at the start and after each iteration, a line for each start that was run to convergence.
    let logLikelihood (fit: MixtureFit) : Figure =
        Charts.logLikelihood fit.Certificate.Returned fit.Certificate.Histories

    /// The expected weights of a mean-field posterior, each with the interval that holds it with probability 0.9: of beta
    /// distributions for a Dirichlet guide, of 4000 draws for the products of a Dirichlet process.
    let posteriorWeights (fit: CaviFit) : Figure =
        let means = WeightsPosterior.means fit.Weights

        let low, high =
            match fit.Weights with
            | DirichletWeights concentrations ->
                let total = Array.sum concentrations

                let quantile p =
                    concentrations
                    |> Array.map (fun a -> if a = total then 1.0 else Beta.quantile a (total - a) p)

                quantile 0.05, quantile 0.95
            | StickBreaking _ ->
                let stream = (RandomKey.ofSeed 0).Stream()

                let draws = Array.init 4000 (fun _ -> WeightsPosterior.sample fit.Weights stream)

                let sorted =
                    Array.init means.Length (fun k -> draws |> Array.map (fun w -> w[k]) |> Array.sort)

                sorted |> Array.map (fun w -> w[199]), sorted |> Array.map (fun w -> w[3799])

        Charts.guideWeights (Array.init means.Length (fun k -> string (k + 1))) means low high

    /// The lower bound at the start and after each iteration, a line for each start.
    let lowerBound (fit: CaviFit) : Figure = Charts.bound 0 fit.Histories

    /// The loss and the norm of the gradient at the start and after each step of a gradient fit, the best step marked.
    let losses (fit: GradientFit) : Figure =
        Charts.losses fit.BestStep fit.Losses fit.GradientNorms

    /// The loss and the norm of its gradient at the start and after each step of a search for a MAP estimate.
    let search (estimate: MapEstimate) : Figure =
        Charts.losses (estimate.Losses.Length - 1) estimate.Losses estimate.GradientNorms

    /// The same for a guide of assignment probabilities.
    let assignmentGuide (guide: AssignmentGuide) : Figure =
        Charts.losses (guide.Losses.Length - 1) guide.Losses guide.GradientNorms

    /// The probability of each component between low and high under values of a Bayesian model of one column, with the
    /// boundaries between classes; with a key, components are drawn at 100 of the values as well.
    let assignments (low: float) (high: float) (draw: RandomKey option) (model: BayesianModel) (values: Tensor[]) =
        let grid = Array.init 401 (fun i -> low + (high - low) * float i / 400.0)
        let all = Assignments.probabilitiesOf (Tensor.ofArray grid) model values
        let count = all.GetLength 1

        let drawn =
            draw
            |> Option.map (fun key ->
                let x = Array.init 100 (fun i -> low + (high - low) * float i / 99.0)
                x, Assignments.sample key (Assignments.probabilitiesOf (Tensor.ofArray x) model values))

        Charts.assignments
            "value"
            (Array.init count ChartComponents.defaultName)
            grid
            (Array.init count (fun k -> Array.init grid.Length (fun i -> all[i, k])))
            (Assignments.boundaries low high 401 model values)
            drawn

    /// The density of one column under values of a Bayesian model, part by part, over the data's histogram; with draws of
    /// the values, such as a guide's or a sampler's, their mean and the band that holds 90 % of them.
    let posteriorDensity (data: float[]) (model: BayesianModel) (values: Tensor[]) (draws: Tensor[] list) : Figure =
        PosteriorDensity.create "value" data model values draws

    /// The evidence lower bound of each step of a variational fit, with its smoothed line, the steps that are averaged and
    /// the final bound.
    let elbo (fit: SviFit) : Figure =
        Charts.elbo fit.Report.AveragedFrom fit.Elbo fit.History

    /// The densities of the numbers of a site under a fitted guide, from so many draws.
    let posterior (count: int) (site: string) (fit: SviFit) : Figure =
        let struct (names, draws) = GuideDraws.ofSite count site fit
        Charts.posterior site names draws

    /// The joint density of two numbers under a fitted guide, from so many draws: sites and places among their numbers, from
    /// 0, the last axis innermost.
    let jointPosterior (count: int) (x: string * int) (y: string * int) (fit: SviFit) : Figure =
        let pick (site, at) =
            let struct (names, draws) = GuideDraws.ofSite count site fit

            if at < 0 || at >= names.Length then
                invalidArg "place" $"expected a place from 0 to {names.Length - 1} in {site}, received {at}"

            names[at], draws[at]

        Charts.jointPosterior (pick x) (pick y)

    /// The density of one varying column at steps (from 0) of a gradient fit that kept its parameters, over the data's
    /// histogram, with a slider and a play button; no steps for at most 60 of them, evenly spaced, the last included.
    let animation (steps: int list) (data: Dataset) (fit: GradientFit) : Figure =
        let kept = fit.ParameterHistory.Length

        if kept = 0 then
            invalidArg (nameof fit) "expected a fit that kept its parameters, received one without: set KeepParameters"

        if fit.Mixture.ActiveColumns.Length <> 1 then
            invalidArg
                (nameof fit)
                $"expected a mixture of one column that varies, received one of {fit.Mixture.ActiveColumns.Length}"

        for step in steps do
            if step < 0 || step >= kept then
                invalidArg (nameof steps) $"expected steps from 0 to {kept - 1}, received {step}"

        let chosen =
            if steps.IsEmpty then
                let frames = min 60 kept

                List.init frames (fun i ->
                    if frames = 1 then
                        0
                    else
                        int (int64 i * int64 (kept - 1) / int64 (frames - 1)))
            else
                steps

        let density = densityOf 240 fit.Mixture data

        chosen
        |> List.map (fun step -> step.ToString CultureInfo.InvariantCulture, curves density.Grid (fit.MixtureAt step))
        |> Charts.animatedDensity "step" density

    /// Images side by side: each of width pixels a row, row by row, from white at low to dark at high, in so many columns,
    /// with a caption each or none at all.
    let images
        (title: string)
        (width: int)
        (columns: int)
        (range: float * float)
        (captions: string[])
        (images: float[][])
        : Figure =
        ImageGrid.create title width columns range captions images

    /// Components' weights and means, the heaviest first, as captions and images.
    let private meansByWeight (mixture: Mixture) =
        let order =
            [| 0 .. mixture.Count - 1 |]
            |> Array.sortBy (fun k -> -mixture.WeightArray[k], k)

        order |> Array.map (fun k -> PlotParts.weight mixture.WeightArray[k]),
        order |> Array.map mixture.Components.Mean

    /// The means of a mixture of images (each of width pixels a row, row by row), the heaviest component first, captioned by
    /// their weights, in so many columns.
    let componentImages (width: int) (columns: int) (mixture: Mixture) : Figure =
        let captions, means = meansByWeight mixture
        let low, high = Array.min (Array.concat means), Array.max (Array.concat means)
        ImageGrid.create "Component means, by weight" width columns (min 0.0 low, max 1e-300 high) captions means

    /// The same at several stages of a fit (names and mixtures), with a slider; components keep their places.
    let componentImagesByStage (width: int) (columns: int) (stages: (string * Mixture) list) : Figure =
        let frames =
            stages
            |> List.map (fun (name, mixture) ->
                name, [||], Array.init mixture.Count (fun k -> mixture.Components.Mean k))

        let high =
            frames
            |> Seq.collect (fun (_, _, images) -> Seq.map Array.max images)
            |> Seq.fold max 1e-300

        ImageGrid.animated "Component means" "" width columns (0.0, high) frames

    /// Rows of images beside what a mixture makes of them: the means of its components, weighted by their responsibilities
    /// for the row.
    let reconstructions (width: int) (rows: int[]) (data: Dataset) (mixture: Mixture) : Figure =
        let chosen = data.Take rows
        let shares = Mixture.responsibilities mixture chosen

        let made i =
            let image = Array.zeroCreate<float> mixture.Dimension

            for k in 0 .. mixture.Count - 1 do
                if shares[i, k] > 0.0 then
                    let mean = mixture.Components.Mean k

                    for d in 0 .. image.Length - 1 do
                        image[d] <- image[d] + shares[i, k] * mean[d]

            image

        let pairs =
            Array.init rows.Length (fun i -> [| chosen.Row i; made i |]) |> Array.concat

        let captions =
            Array.init pairs.Length (fun i -> if i % 2 = 0 then $"row {rows[i / 2] + 1}" else "made")

        let high = pairs |> Seq.concat |> Seq.filter Double.IsFinite |> Seq.fold max 1e-300
        ImageGrid.create "Rows and what the components make of them" width 8 (0.0, high) captions pairs

    /// Draws from a mixture of images.
    let sampledImages (width: int) (columns: int) (count: int) (key: RandomKey) (mixture: Mixture) : Figure =
        let drawn = Mixture.sample key count mixture
        let images = Array.init count drawn.Row
        let high = images |> Array.fold (fun m image -> max m (Array.max image)) 1e-300
        ImageGrid.create "Draws" width columns (0.0, high) [||] images

    /// What tells models of a search apart: the structure among Gaussians, otherwise the family too.
    let rec private structureOf (family: IComponentFamily) =
        match family with
        | :? NoiseFamily as noisy -> structureOf noisy.Inner + " with noise"
        | _ ->
            match family.Name with
            | "gaussian" -> family.Structure
            | "student-t" -> $"{family.Name}, {family.Structure}"
            | name -> name

    /// The criterion against the number of components, a line for each structure.
    let selection (result: SelectionResult) : Figure =
        let name = (Criterion.name result.Criterion).ToUpperInvariant()

        result.Candidates
        |> List.map (fun candidate ->
            {
                Structure = structureOf candidate.Spec.Family
                Components = candidate.Spec.Components
                Value =
                    match candidate.Result with
                    | Ok fit -> Criterion.value result.Criterion fit
                    | Error _ -> nan
            })
        |> Charts.selection name

    let private number (value: float) =
        value.ToString("0.####", CultureInfo.InvariantCulture)

    /// A page's sections on a fit: what was fitted and its warnings, the density, the uncertainty and the
    /// log-likelihood, and the selection where there was one.
    let report (data: Dataset) (selected: SelectionResult option) (fit: MixtureFit) : PageSection list =
        let summary =
            let family =
                match fit.Mixture.Family.Name with
                | "gaussian"
                | "student-t" -> $"{fit.Mixture.Family.Structure} {fit.Mixture.Family.Name} component"
                | name -> $"{name} component"

            let rows, steps = "row", "iteration"

            $"{Wording.count fit.Mixture.Count family} in {Wording.count fit.Summary.Rows rows}: log-likelihood {number fit.LogLikelihood}, BIC {number fit.Bic}, ICL {number fit.Icl}, AIC {number fit.Aic}; {Termination.name fit.Termination} after {Wording.count fit.Iterations steps}."

        [
            { Html.section (density data fit) with
                Paragraphs = summary :: fit.Warnings
            }

            match selected with
            | Some result when result.Candidates.Length > 1 -> Html.section (selection result)
            | _ -> ()

            if fit.Mixture.Count > 1 then
                Html.section (uncertainty data fit)

            if fit.History.Length > 1 then
                Html.section (logLikelihood fit)
        ]

    /// Draws by chain in the order in which they were made, a panel for each named parameter (none named: all, at most 8).
    let trace (names: string list) (draws: Draws) : Figure = TraceChart.create names [||] draws

    /// How the ranks of each chain's draws of a parameter are spread among those of all chains: level where chains agree.
    let ranks (name: string) (draws: Draws) : Figure = RankChart.create name draws

    /// Histograms of draws with medians and intervals of 90 %, of the named parameters (none named: all, at most 12).
    let histograms (names: string list) (draws: Draws) : Figure = DrawHistograms.create names draws

    /// Contours of the logarithm of one plus the number of draws, over two parameters.
    let joint (first: string) (second: string) (draws: Draws) : Figure = JointChart.create first second draws

    /// Draws in pairs of the named parameters (none named: all, at most 6), those that diverged marked: one flag for each draw
    /// of each chain, or none at all.
    let posteriorPairs (names: string list) (divergent: bool[][]) (draws: Draws) : Figure =
        PosteriorPairsChart.create names divergent draws

    /// Co-assignment probabilities, N x N, as a heat map with the rows of each cluster side by side.
    let coassignment (partition: PointPartition) (matrix: float[,]) : Figure =
        CoassignmentChart.create partition.Labels matrix

    /// A parameter (from 0) of every component in all draws, as they were drawn and as they are renumbered.
    let labelSwitching (parameter: int) (raw: MixtureDraws) (relabelled: Relabelled) : Figure =
        LabelSwitchingChart.create parameter raw relabelled.Draws

    /// Saves a figure as a page that finds Plotly on its CDN; see Html for pages that work offline.
    let save (path: string) (figure: Figure) = Html.save Html.defaults path figure

    /// Saves the report of a fit as a page.
    let saveReport
        (options: HtmlOptions)
        (path: string)
        (data: Dataset)
        (selected: SelectionResult option)
        (fit: MixtureFit)
        =
        Html.saveReport options path (report data selected fit)

    /// A page's sections on a gradient fit: those of report, and the losses.
    let gradientReport (data: Dataset) (selected: SelectionResult option) (fit: GradientFit) : PageSection list =
        [
            yield! report data selected fit.Fit

            if fit.Losses.Length > 1 then
                Html.section (losses fit)
        ]

    /// Saves the report of a gradient fit as a page.
    let saveGradientReport
        (options: HtmlOptions)
        (path: string)
        (data: Dataset)
        (selected: SelectionResult option)
        (fit: GradientFit)
        =
        Html.saveReport options path (gradientReport data selected fit)
