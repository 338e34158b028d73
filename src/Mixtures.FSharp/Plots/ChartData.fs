namespace Mixtures

open System
open System.Globalization

/// A mixture's components as the charts need them, in order.
[<NoEquality; NoComparison>]
type ChartComponents =
    {
        /// Their names: K texts.
        Names: string[]
        /// Their weights: K numbers.
        Weights: float[]
        /// Their means: K arrays of D numbers.
        Means: float[][]
        /// Their covariances: K matrices of D x D. One that is not finite is not drawn.
        Covariances: float[,][]
        /// Weight times density of each component in one column, given the column and points: K arrays, one number a
        /// point. Where there is none, Gaussian with the means and covariances.
        Marginal: (int -> float[] -> float[][]) option
    }

/// Components for charts.
[<RequireQualifiedAccess>]
module ChartComponents =

    /// The name of a component that has none, by its index from 0: people count from 1.
    let defaultName (index: int) =
        "component " + (index + 1).ToString CultureInfo.InvariantCulture

    /// Components called component 1, component 2 and so on, Gaussian in each column.
    let create (weights: float[]) (means: float[][]) (covariances: float[,][]) =
        {
            Names = Array.init weights.Length defaultName
            Weights = weights
            Means = means
            Covariances = covariances
            Marginal = None
        }

    let private gaussian (components: ChartComponents) (column: int) (points: float[]) =
        Array.init components.Weights.Length (fun k ->
            let mean = components.Means[k][column]
            let variance = components.Covariances[k][column, column]
            let factor = components.Weights[k] / sqrt (Math.Tau * variance)

            points
            |> Array.map (fun x -> factor * exp (-0.5 * (x - mean) * (x - mean) / variance)))

    /// Weight times density of each component in one column: K arrays, one number a point.
    let internal marginal (components: ChartComponents) (column: int) (points: float[]) =
        match components.Marginal with
        | Some density -> density column points
        | None -> gaussian components column points

    /// Checks that there is one name, mean of D numbers and D x D covariance for each weight.
    let internal check (dimension: int) (components: ChartComponents) =
        let count = components.Weights.Length

        if count = 0 then
            invalidArg (nameof components) "expected at least one component, received none"

        PlotParts.requireLength (nameof components.Names) "component" count components.Names.Length
        PlotParts.requireLength (nameof components.Means) "component" count components.Means.Length
        PlotParts.requireLength (nameof components.Covariances) "component" count components.Covariances.Length

        for k in 0 .. count - 1 do
            PlotParts.requireLength (nameof components.Means) "column" dimension components.Means[k].Length
            let covariance = components.Covariances[k]

            if covariance.GetLength 0 <> dimension || covariance.GetLength 1 <> dimension then
                invalidArg
                    (nameof components.Covariances)
                    $"expected covariances of {dimension} x {dimension}, received {covariance.GetLength 0} x {covariance.GetLength 1} for component {k + 1}"

/// Rows for charts, column by column, each with the component that it is given to.
type ChartRows =
    {
        /// The columns' names: D texts.
        Columns: string[]
        /// The columns: D arrays of N numbers. A number that is not finite is not drawn.
        Values: float[][]
        /// The rows' weights, which count in histograms only: N numbers, or none where every row weighs the same.
        Weights: float[] option
        /// The component of each row, from 0: N numbers.
        Labels: int[]
        /// 1 minus the largest responsibility of each row: N numbers from 0 to 1 - 1/K.
        Uncertainty: float[]
    }

/// Rows for charts.
[<RequireQualifiedAccess>]
module ChartRows =

    /// Checks that there is one column for each name, and one finite entry for each row and column.
    let internal check (components: int) (rows: ChartRows) =
        PlotParts.requireLength (nameof rows.Values) "column name" rows.Columns.Length rows.Values.Length

        for column in rows.Values do
            PlotParts.requireLength (nameof rows.Values) "row" rows.Labels.Length column.Length

        PlotParts.requireLength (nameof rows.Uncertainty) "row" rows.Labels.Length rows.Uncertainty.Length

        match rows.Weights with
        | Some weights -> PlotParts.requireLength (nameof rows.Weights) "row" rows.Labels.Length weights.Length
        | None -> ()

        match rows.Labels |> Array.tryFind (fun label -> label < 0 || label >= components) with
        | Some label ->
            invalidArg
                (nameof rows.Labels)
                $"expected labels from 0 to {components - 1}, one component each, received {label}"
        | None -> ()

/// A histogram with curves over it.
type ChartDensity =
    {
        /// The column's name.
        Column: string
        /// The rows' values: N numbers.
        Values: float[]
        /// The rows' weights: N numbers, or none where every row weighs the same.
        RowWeights: float[] option
        /// Where the curves are given, ascending: G numbers.
        Grid: float[]
        /// Weight times density of each component on the grid: K arrays of G numbers. Their sum is drawn as the total.
        Curves: float[][]
        /// The components' names: K texts.
        Names: string[]
        /// The components' weights: K numbers.
        Weights: float[]
    }

/// A model that was tried, for the chart of a selection.
type ChartCandidate =
    {
        /// The structure of its covariances, or its family: each has a line of its own.
        Structure: string
        /// The number of components.
        Components: int
        /// The criterion; not finite where the fit failed.
        Value: float
    }
