namespace Mixtures

open System

/// What a column's distribution is over, and so how it is drawn.
[<RequireQualifiedAccess>]
type internal ColumnKind =
    /// Numbers between two ends, which they do not reach: densities.
    | Numbers of low: float * high: float
    /// Angles in radians: densities that go round.
    | Angles
    /// Whole numbers: probabilities.
    | Counts
    /// Levels 0, 1, … of so many: probabilities in no order.
    | Levels of count: int

/// One column of a mixture on data, as a panel draws it.
[<NoEquality; NoComparison>]
type internal ColumnMarginal =
    {
        /// The column's name.
        Column: string
        Kind: ColumnKind
        /// The names of its levels, in the order of their codes; none where they have no names.
        Levels: string[]
        /// The rows' values: N numbers, NaN where one is missing.
        Values: float[]
        /// The rows' weights: N numbers, or none where every row weighs the same.
        RowWeights: float[] option
        /// Where the components are given, ascending: G numbers.
        Points: float[]
        /// Weight times density, or probability, of each component at the points: K arrays of G numbers.
        Curves: float[][]
    }

/// Columns of mixtures, each by its own family.
[<RequireQualifiedAccess>]
module internal ColumnMarginal =

    /// More whole numbers than this are drawn as a density.
    [<Literal>]
    let private MostCounts = 150

    /// Points of a density.
    [<Literal>]
    let private Points = 301

    /// What a column of components is over; columns are positions among all of the components' dimension.
    let rec kind (components: IComponents) (column: int) : ColumnKind =
        match components with
        | :? NoiseComponents as c -> kind c.Inner column
        | :? ProductComponents as c ->
            let part = c.Columns |> Array.findIndex (fun own -> Array.contains column own)

            kind c.Parts[part] (Array.IndexOf(c.Columns[part], column))
        | :? BernoulliComponents -> ColumnKind.Levels 2
        | :? LogNormalComponents -> ColumnKind.Numbers(0.0, Double.PositiveInfinity)
        | :? IndependentComponents as c ->
            match c.Columns[column] with
            | :? CategoricalColumn as levels -> ColumnKind.Levels levels.Levels
            | :? CountColumn -> ColumnKind.Counts
            | :? VonMisesColumn -> ColumnKind.Angles
            | :? BetaColumn -> ColumnKind.Numbers(0.0, 1.0)
            | _ -> ColumnKind.Numbers(0.0, Double.PositiveInfinity)
        | _ -> ColumnKind.Numbers(Double.NegativeInfinity, Double.PositiveInfinity)

    /// Whether the components have marginals; those known by their log-density alone have none.
    let rec isKnown (components: IComponents) : bool =
        match components with
        | :? NoiseComponents as c -> isKnown c.Inner
        | :? ProductComponents as c -> Array.forall isKnown c.Parts
        | :? LogDensityComponents -> false
        | _ -> true

    let private even low high =
        Array.init Points (fun i -> min high (low + (high - low) * float i / float (Points - 1)))

    /// Points that reach a little beyond the values where the kind allows it.
    let private points kind (low: float) (high: float) : float[] =
        match kind with
        | ColumnKind.Levels count -> Array.init count float
        | ColumnKind.Counts when high - low <= float MostCounts -> [| low..high |]
        | ColumnKind.Counts -> even low high |> Array.map Math.Round |> Array.distinct
        | ColumnKind.Angles ->
            let first = if low < 0.0 then -Math.PI else 0.0
            let last = if high > Math.PI then 2.0 * Math.PI else Math.PI
            even first last
        | ColumnKind.Numbers(least, greatest) ->
            let margin = 0.08 * (if high > low then high - low else 1.0)
            let first = if low - margin > least then low - margin else low
            let last = if high + margin < greatest then high + margin else high
            even first last

    /// Weight times density, or probability, of each component in a column that varies: K arrays, one number a point.
    let curves (mixture: Mixture) (column: int) (points: float[]) : float[][] =
        let components = mixture.ActiveComponents
        let weights = mixture.Weights

        let alone =
            if components.Dimension = 1 then
                components
            else
                components.Marginal [| column |]

        let densities =
            Mixture.componentLogDensities (Mixture(weights, alone, None)) (Dataset.ofColumn points)

        Array.init mixture.Count (fun k -> Array.init points.Length (fun i -> weights[k] * exp densities[i, k]))

    /// The names of a mixture's components; noise is called so.
    let names (mixture: Mixture) : string[] =
        Array.init mixture.Count (fun k ->
            if NoiseComponents.IsNoise(mixture.Components, k) then
                "noise"
            else
                ChartComponents.defaultName k)

    /// Components for scatters: noise has no ellipse, and single columns of it are flat.
    let withNoise (mixture: Mixture) (drawn: ChartComponents) : ChartComponents =
        if not (Noise.isIn mixture) then
            drawn
        else
            let last = mixture.Count - 1
            let d = mixture.ActiveColumns.Length
            let hide nothing k value = if k = last then nothing else value

            { drawn with
                Names = names mixture
                Means = drawn.Means |> Array.mapi (hide (Array.create d nan))
                Covariances = drawn.Covariances |> Array.mapi (hide (Array2D.create d d nan))
                Marginal =
                    if isKnown mixture.Components then
                        Some(curves mixture)
                    else
                        drawn.Marginal
            }

    /// Whether every column holds any number, so that scatters and ellipses tell something.
    let isPlain (mixture: Mixture) : bool =
        mixture.ActiveColumns
        |> Array.forall (fun c ->
            match kind mixture.Components c with
            | ColumnKind.Numbers(low, high) -> Double.IsInfinity low && Double.IsInfinity high
            | ColumnKind.Angles
            | ColumnKind.Counts
            | ColumnKind.Levels _ -> false)

    /// A column that varies of a mixture on data, by position among those.
    let create (mixture: Mixture) (data: Dataset) (column: int) : ColumnMarginal =
        let active = mixture.ActiveData data
        let components = mixture.ActiveComponents
        let values = active.Column column

        let weights =
            if data.HasWeights then
                Some(data.Weights.ToArray())
            else
                None

        let counted =
            values
            |> Array.indexed
            |> Array.filter (fun (i, v) ->
                Double.IsFinite v
                && (match weights with
                    | Some weights -> weights[i] > 0.0
                    | None -> true))
            |> Array.map snd

        let kind = kind components column

        let points =
            if counted.Length = 0 then
                [||]
            else
                points kind (Array.min counted) (Array.max counted)

        let curves =
            if points.Length = 0 then
                Array.create mixture.Count [||]
            else
                curves mixture column points

        {
            Column = active.ColumnNames[column]
            Kind = kind
            Levels = Seq.toArray (mixture.Levels mixture.ActiveColumns[column])
            Values = values
            RowWeights = weights
            Points = points
            Curves = curves
        }

    /// The share of the rows' weight at each point; what lies between points counts nowhere.
    let observed (marginal: ColumnMarginal) : float[] =
        let result = Array.zeroCreate marginal.Points.Length
        let mutable total = 0.0

        for i in 0 .. marginal.Values.Length - 1 do
            let weight =
                match marginal.RowWeights with
                | Some weights -> weights[i]
                | None -> 1.0

            if Double.IsFinite marginal.Values[i] && weight > 0.0 then
                total <- total + weight
                let at = Array.BinarySearch(marginal.Points, marginal.Values[i])

                if at >= 0 then
                    result[at] <- result[at] + weight

        result |> Array.map (fun sum -> sum / total)
