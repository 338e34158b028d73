namespace Mixtures

open System

/// What a fit needs of the data: the pass over its varying columns, and their scale.
[<NoEquality; NoComparison>]
type internal FitData =
    {
        Pass: RowPass
        Scale: DataScale
        Floor: Floor
        /// The columns' standard deviations, or 1 where a column is constant: the unit of log-densities.
        Reference: float[]
        /// Rows without any value, which count for nothing.
        EmptyRows: int
    }

    /// A row as a point; a missing cell is at its column's mean.
    member data.PointOf(row: int) : float[] =
        data.Pass.Data.Row row
        |> Array.mapi (fun c x -> if Double.IsNaN x then data.Scale.Means[c] else x)

/// A point to start EM from.
[<NoEquality; NoComparison>]
type internal Point =
    {
        Weights: float[]
        Components: IComponents
    }

/// From data to what a fit works on, and back.
[<RequireQualifiedAccess>]
module internal FitData =

    /// What is said of a column that does not vary.
    let constantColumn (name: string) =
        $"Column '{name}' is constant: it is kept in the model, but left out of the density."

    let private positiveRows (data: Dataset) =
        if data.HasWeights then
            let mutable n = 0

            for w in data.Weights.Span do
                if w > 0.0 then
                    n <- n + 1

            n
        else
            data.Count

    /// The specification with what its family takes from the data; data that it cannot hold raise FitException.
    let bind (spec: MixtureSpec) (data: Dataset) : MixtureSpec =
        match spec.Family.Check(spec.Components, data.Dimension) with
        | ValueSome reason -> raise (FitException(InvalidModel(reason + ".")))
        | ValueNone -> ()

        let family = FamilyColumns.bind spec.Family data

        match FamilyColumns.check true family data with
        | ValueSome reason -> raise (FitException(InvalidModel reason))
        | ValueNone -> ()

        // rows may keep to components that are fitted, not to the noise
        let fitted =
            match spec.Family with
            | :? NoiseFamily -> spec.Components - 1
            | _ -> spec.Components

        match KnownComponents.check fitted data with
        | ValueSome reason -> raise (FitException(InvalidModel reason))
        | ValueNone -> ()

        spec.WithFamily family

    /// The data in which rows without any value have weight zero, and how many there are.
    let private withoutEmptyRows (data: Dataset) : struct (Dataset * int) =
        if not data.HasMissing then
            struct (data, 0)
        else
            let patterns = MissingPatterns.find false data

            match patterns.Observed |> Array.tryFindIndex (fun columns -> columns.Length = 0) with
            | None -> struct (data, 0)
            | Some pattern ->
                let weights =
                    if data.HasWeights then
                        data.Weights.ToArray()
                    else
                        Array.create data.Count 1.0

                let rows =
                    patterns.Rows[patterns.Starts[pattern] .. patterns.Starts[pattern + 1] - 1]

                if rows.Length = data.Count then
                    raise (DataException "No row has any value: there is nothing to fit.")

                for row in rows do
                    weights[row] <- 0.0

                struct (data.WithWeights weights, rows.Length)

    /// The pass over the columns that vary, and the positions of these; the others are constant.
    let prepare (options: EmOptions) width (spec: MixtureSpec) (data: Dataset) =
        let struct (data, emptyRows) = withoutEmptyRows data
        let rows = positiveRows data

        if rows < spec.Components then
            raise (FitException(TooFewRows(rows, spec.Components)))

        let execution =
            {
                Threads = options.Threads
                BlockRows = options.BlockRows
                Width = width
            }

        let whole = RowPass(data, execution, true)
        let scale = ColumnSummary.ofPass whole

        let keepsConstants = FamilyColumns.keepsConstants spec.Family

        let varying =
            [| 0 .. data.Dimension - 1 |]
            |> Array.filter (fun i -> scale.Variances[i] > 0.0)

        if varying.Length = 0 && not (keepsConstants && spec.Components = 1) then
            raise (FitException(IdenticalRows rows))

        // with an absolute floor a constant column has a variance, as in tools that add one
        let keepAll = keepsConstants || options.AbsoluteFloor > 0.0

        let columns = if keepAll then [| 0 .. data.Dimension - 1 |] else varying

        let pick (values: float[]) =
            columns |> Array.map (fun i -> values[i])

        let part =
            if columns.Length = data.Dimension then
                whole
            else
                RowPass(data.SelectAt columns, execution, true)

        let variances = pick scale.Variances

        let partScale =
            { scale with
                Means = pick scale.Means
                // a constant column that is kept has no scale of its own
                Variances = variances |> Array.map (fun v -> if v > 0.0 then v else 1.0)
            }

        let fitData =
            {
                Pass = part
                Scale =
                    if spec.Family.UsesScatter && part.Patterns.IsNone then
                        ColumnSummary.withScatter part partScale
                    else
                        partScale
                Floor =
                    {
                        Relative = options.RelativeFloor
                        Absolute = options.AbsoluteFloor
                    }
                Reference = variances |> Array.map (fun v -> if v > 0.0 then sqrt v else 1.0)
                EmptyRows = emptyRows
            }

        struct (fitData, columns, scale)

    /// The components by weight, the heaviest first; noise stays last.
    let heaviestFirst (point: Point) : int[] =
        [| 0 .. point.Weights.Length - 1 |]
        |> Array.sortBy (fun k -> struct (NoiseComponents.IsNoise(point.Components, k), -point.Weights[k], k))

    /// The point as a mixture over all columns, constant ones included.
    let toMixture (data: Dataset) (columns: int[]) (means: float[]) (order: int[]) (point: Point) =
        let components = point.Components.Choose order

        let whole =
            if columns.Length = data.Dimension then
                components
            else
                components.Family.Embed(components, columns, means)

        let names =
            if data.HasColumnNames then
                Some(Seq.toArray data.ColumnNames)
            else
                None

        Mixture(order |> Array.map (fun k -> point.Weights[k]), whole, names)
