namespace Mixtures

open System
open System.Globalization

/// Pictures of fitted mixtures.
[<RequireQualifiedAccess>]
module Plot =

    let private components (mixture: Mixture) =
        let active = mixture.ActiveComponents
        let indices = [| 0 .. mixture.Count - 1 |]

        ChartComponents.create
            mixture.Weights
            (indices |> Array.map active.Mean)
            (indices |> Array.map active.Covariance)

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

    /// One column: a histogram under the densities, on a grid that reaches a little beyond the data.
    let private oneColumn (mixture: Mixture) (data: Dataset) =
        let active = mixture.ActiveData data
        let values = active.Column 0
        let low, high = Array.min values, Array.max values
        let margin = 0.08 * (high - low)
        let points = 400

        let grid =
            Array.init points (fun i -> low - margin + (high - low + 2.0 * margin) * float i / float (points - 1))

        let single =
            Mixture(mixture.Weights, mixture.ActiveComponents, Some [| active.ColumnNames[0] |])

        let densities = Mixture.componentLogDensities single (Dataset.ofColumn grid)

        let weights = mixture.Weights

        Charts.density1D
            {
                Column = active.ColumnNames[0]
                Values = values
                RowWeights = rowWeights data
                Grid = grid
                Curves =
                    Array.init mixture.Count (fun k -> Array.init points (fun i -> weights[k] * exp densities[i, k]))
                Names = Array.init mixture.Count ChartComponents.defaultName
                Weights = weights
            }

    /// The data under a mixture: a histogram with densities for one column, a scatter with ellipses at one and two
    /// standard deviations for two, pairs of columns for more. Constant columns are left out.
    let mixture (data: Dataset) (mixture: Mixture) : Figure =
        match mixture.ActiveColumns.Length with
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

    /// The criterion against the number of components, a line for each structure.
    let selection (result: SelectionResult) : Figure =
        let name = (Criterion.name result.Criterion).ToUpperInvariant()

        result.Candidates
        |> List.map (fun candidate ->
            {
                Structure = candidate.Spec.Family.Structure
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
            let family = $"{fit.Mixture.Family.Structure} {fit.Mixture.Family.Name} component"

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
