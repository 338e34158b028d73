namespace Mixtures

open System

/// Which family each column has.
[<NoEquality; NoComparison>]
type internal ColumnChoice =
    /// Every column the same.
    | Same of ColumnFamily
    /// One for each.
    | Each of ColumnFamily[]
    /// Known once the data are there: the number of levels, say.
    | Found of (Dataset -> ColumnFamily[])

/// The family of components whose columns are independent, each from a family of its own.
type internal IndependentFamily(name: string, choice: ColumnChoice) =
    let componentsOf (components: IComponents) =
        match components with
        | :? IndependentComponents as c -> c
        | _ -> invalidArg (nameof components) $"expected {name} components"

    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? ExponentialStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected statistics of independent columns"

    let columnsOf dimension =
        match choice with
        | Same column -> Array.create dimension column
        | Each columns ->
            if columns.Length <> dimension then
                invalidArg
                    (nameof dimension)
                    $"expected {columns.Length} columns, as the {name} family was given, received {dimension}"

            columns
        | Found _ -> invalidOp $"the {name} family is to be bound to data first"

    /// Column c where any number of them will do, for messages.
    let columnAt c =
        match choice with
        | Same column -> ValueSome column
        | Each columns when c < columns.Length -> ValueSome columns[c]
        | Each _
        | Found _ -> ValueNone

    /// The column with the names of the data's levels, if it is categorical.
    let withLevels (data: Dataset) c (column: ColumnFamily) : ColumnFamily =
        match column with
        | :? CategoricalColumn as levels when data.Levels(c).Count > 0 ->
            CategoricalColumn(levels.Levels, FamilyColumns.levelsOf data c levels.Levels levels.Names)
        | _ -> column

    let hasCap =
        match choice with
        | Same column -> column.HasCap
        | Each columns -> columns |> Array.exists _.HasCap
        | Found _ -> false

    let familyOf (columns: ColumnFamily[]) = IndependentFamily.Of(name, columns)

    let create count (columns: ColumnFamily[]) (stated: float[][]) : IComponents =
        IndependentComponents(familyOf, columns, count, stated)

    /// The features' means of component k's column c; shrunken towards all components' as if these had extra weight.
    let means (s: ExponentialStatistics) (starts: int[]) (extra: float) k c =
        let length = starts[starts.Length - 1]

        Array.init (starts[c + 1] - starts[c]) (fun f ->
            let at = starts[c] + f

            if extra = 0.0 then
                s.Sums[k * length + at] / s.CountOf(k, c)
            else
                let mutable pooled = 0.0
                let mutable total = 0.0

                for j in 0 .. s.Counts.Length - 1 do
                    pooled <- pooled + s.Sums[j * length + at]
                    total <- total + s.CountOf(j, c)

                (s.Sums[k * length + at] + extra * pooled / total) / (s.CountOf(k, c) + extra))

    let estimate (s: ExponentialStatistics) (columns: ColumnFamily[]) (previous: float[][]) extra (scale: DataScale) =
        let d = columns.Length
        let starts = Array.scan (+) 0 s.Features

        Array.init (s.Counts.Length * d) (fun at ->
            let k, c = at / d, at % d

            if s.CountOf(k, c) > 0.0 || extra > 0.0 then
                columns[c].Estimate(means s starts extra k c, s.Stated[at], scale.Means[c])
            else
                previous[at])

    /// The real numbers of each component: where those of a column start, and how many there are in all.
    let realStarts (columns: ColumnFamily[]) =
        Array.scan (fun sum (c: ColumnFamily) -> sum + c.Reals.Length) 0 columns

    let fromVector (vector: float[]) count (columns: ColumnFamily[]) =
        let d = columns.Length
        let starts = realStarts columns

        Array.init (count * d) (fun at ->
            let k, c = at / d, at % d

            columns[c].OfReals(ReadOnlySpan(vector, k * starts[d] + starts[c], columns[c].Reals.Length)))

    /// The reals of column c, one tensor of K numbers each.
    let realsOf (vector: Tensor) count (columns: ColumnFamily[]) =
        let starts = realStarts columns
        let matrix = Tensor.reshape [| count; starts[columns.Length] |] vector

        columns
        |> Array.mapi (fun c column -> Array.init column.Reals.Length (fun p -> Tensor.select 1 (starts[c] + p) matrix))

    member _.Choice = choice
    member _.Columns dimension = columnsOf dimension

    /// The family of columns that need not be alike.
    static member Of(name, columns: ColumnFamily[]) : IComponentFamily =
        if columns |> Array.forall _.IsClosed then
            IndependentFamily(name, Each columns)
        else
            NumericalIndependentFamily(name, Each columns)

    /// Components from stated parameters, those of component k's column c at k * D + c.
    member _.Create(count, dimension, stated: float[][]) : IComponents =
        let columns = columnsOf dimension
        stated |> Array.iteri (fun at values -> columns[at % dimension].Check values)
        create count columns stated

    interface IColumnwiseFamily with
        member this.Bind data =
            match choice with
            | Each columns when data.HasLevels && columns.Length = data.Dimension ->
                IndependentFamily.Of(name, columns |> Array.mapi (withLevels data))
            | Same _
            | Each _ -> this
            | Found find -> IndependentFamily.Of(name, find data)

        member _.KeepsConstantColumns = true

        member _.Expected c =
            match columnAt c with
            | ValueSome column -> column.Expected
            | ValueNone -> "a number"

        member _.FirstRefused(c, values) =
            match columnAt c with
            | ValueNone -> -1
            | ValueSome column ->
                let mutable at = 0

                while at < values.Length && column.Contains values[at] do
                    at <- at + 1

                if at = values.Length then -1 else at

        member _.Warnings(components, names) =
            let columns = columnsOf names.Length

            [
                if components > 1 && columns.Length = 1 then
                    match columns[0] with
                    | :? CategoricalColumn ->
                        $"Column '{names[0]}' alone, categorical, cannot tell {components} components apart: every mixture of them is one categorical distribution. Add columns."
                    | :? BinomialColumn as binomial when binomial.Trials < 2 * components - 1 ->
                        $"{components} components of binomial counts of {binomial.Trials} trials in one column are not identified: that takes at least {2 * components - 1} trials. Ask for fewer components, or add columns."
                    | _ -> ()
            ]

    interface ILevelFamily with
        member _.HoldsLevels c =
            match choice, columnAt c with
            | Found _, _ -> true
            | _, ValueSome(:? CategoricalColumn) -> true
            | _ -> false

        member _.LevelNames c =
            match columnAt c with
            | ValueSome(:? CategoricalColumn as column) -> column.Names
            | _ -> [||]

    interface IComponentFamily with
        member _.Name = name
        member _.Structure = "independent"
        member _.UsesScatter = false
        member _.EstimatesSpread = hasCap

        member _.Check(_, dimension) =
            match choice with
            | Each columns when columns.Length <> dimension ->
                ValueSome $"expected {columns.Length} columns, as the {name} family was given, received {dimension}"
            | Same _
            | Each _
            | Found _ -> ValueNone

        member _.Estimate(statistics, previous, scale, _) =
            let s = statisticsOf statistics

            let columns, before =
                match previous with
                | ValueSome p -> (componentsOf p).Columns, (componentsOf p).Stated
                | ValueNone -> columnsOf s.Features.Length, s.Stated

            create s.Counts.Length columns (estimate s columns before 0.0 scale)

        member _.Recentre _ = ValueNone

        member _.At(points, scale) =
            let d = scale.Means.Length
            let columns = columnsOf d

            create
                (points.Length / d)
                columns
                (Array.init points.Length (fun at ->
                    columns[at % d].At(points[at], scale.Means[at % d], scale.Variances[at % d])))

        member _.Start(statistics, keepCentres, scale, _) =
            let s = statisticsOf statistics
            let columns = columnsOf s.Features.Length

            if keepCentres then
                // the statistics were collected at the points
                create s.Counts.Length columns s.Stated
            else
                let extra = 2.0 * scale.TotalWeight / max 1.0 scale.EffectiveRows
                create s.Counts.Length columns (estimate s columns s.Stated extra scale)

        member _.Project(components, _, _) = components

        member this.Reseed(components, k, point, scale) =
            let c = componentsOf components
            let d = c.Columns.Length
            let stated = Array.copy c.Stated

            for i in 0 .. d - 1 do
                stated[k * d + i] <- c.Columns[i].At(point[i], scale.Means[i], scale.Variances[i])

            create components.Count c.Columns stated

        member _.Health(components, scale) =
            let c = componentsOf components
            let d = c.Columns.Length

            Array.init components.Count (fun k ->
                let capped =
                    Seq.exists
                        (fun i -> c.Columns[i].IsAtCap(c.Stated[k * d + i], scale.Means[i]))
                        (seq { 0 .. d - 1 })

                {
                    SmallestEigenvalue = if capped then 0.0 else 1.0
                    ConditionNumber = 1.0
                })

        member _.LargestGradient(statistics, components, scale, _) =
            let s = statisticsOf statistics
            let c = componentsOf components
            let d = c.Columns.Length
            let starts = Array.scan (+) 0 s.Features
            let total = Array.sum s.Counts
            let mutable worst = 0.0

            for k in 0 .. components.Count - 1 do
                for i in 0 .. d - 1 do
                    let stated = c.Stated[k * d + i]

                    if c.Columns[i].IsClosed && not (c.Columns[i].IsAtCap(stated, scale.Means[i])) then
                        let sums = ReadOnlySpan(s.Sums, k * starts[d] + starts[i], s.Features[i])
                        let gradient = c.Columns[i].Gradient(stated, s.CountOf(k, i), sums)
                        let information = c.Columns[i].Information stated

                        for p in 0 .. gradient.Length - 1 do
                            // what is held at its least value has next to no information
                            if information[p] > 1e-7 then
                                worst <- max worst (abs gradient[p] / sqrt information[p] / total)

            worst

        member _.ToVector(components, _) =
            let c = componentsOf components
            let d = c.Columns.Length

            c.Stated
            |> Array.mapi (fun at stated -> c.Columns[at % d].ToReals stated)
            |> Array.concat

        member _.OfVector(vector, like, _) =
            let c = componentsOf like
            create like.Count c.Columns (fromVector vector like.Count c.Columns)

        member _.VectorParts components =
            let c = componentsOf components
            let names = c.Columns |> Array.collect _.Reals |> Array.distinct

            let name =
                if names.Length <= 3 then
                    String.Join(" and ", names)
                else
                    "parameters"

            [|
                struct (name,
                        components.Count
                        * Array.sumBy (fun (c: ColumnFamily) -> c.Reals.Length) c.Columns)
            |]

        member _.Gradient(statistics, components, _) =
            let s = statisticsOf statistics
            let c = componentsOf components
            let d = c.Columns.Length
            let starts = Array.scan (+) 0 s.Features

            c.Stated
            |> Array.mapi (fun at stated ->
                let k, i = at / d, at % d
                let sums = ReadOnlySpan(s.Sums, k * starts[d] + starts[i], s.Features[i])
                c.Columns[i].Gradient(stated, s.CountOf(k, i), sums))
            |> Array.concat
            |> ValueSome

        member _.LogDensity(vector, like, _, rows) =
            let columns = (componentsOf like).Columns
            let reals = realsOf vector like.Count columns
            let n = rows.Dims[0]
            let carrier = Array.zeroCreate<float> n
            let mutable sum = Tensor.scalar 0.0

            for c in 0 .. columns.Length - 1 do
                let values = Tensor.slice 1 c 1 rows
                let numbers = values.ToArray()

                // a missing column is missing in all of the rows
                if not (Double.IsNaN numbers[0]) then
                    columns[c].AddCarrier(ReadOnlySpan numbers, Span carrier)
                    sum <- sum + columns[c].Density(reals[c] |> Array.map (Tensor.unsqueeze 0), values)

            sum + Tensor.zeros [| 1; like.Count |] + Tensor.ofShape [| n; 1 |] carrier

        member _.Natural(vector, like, _, names) =
            let columns = (componentsOf like).Columns
            let reals = realsOf vector like.Count columns

            let parts =
                [|
                    for c in 0 .. columns.Length - 1 do
                        let stated = columns[c].Stated reals[c]

                        for p in 0 .. stated.Length - 1 do
                            (columns[c].Parameters[p], names[c], stated[p])
                |]

            struct ([|
                        for parameter, column, _ in parts do
                            for k in 1 .. like.Count -> $"{parameter}[{k}][{column}]"
                    |],
                    parts |> Array.map (fun (_, _, values) -> values) |> Tensor.concatenate 0)

        member _.Embed(components, _, _) = components

    interface IConjugateFamily with
        member _.WithPriors(like, names, priors) =
            let columns = (componentsOf like).Columns
            let count, d = like.Count, columns.Length

            let worth = ColumnConjugate.worth columns count names priors

            fun statistics _ scale _ ->
                let s = statisticsOf statistics
                let starts = Array.scan (+) 0 s.Features

                let stated =
                    Array.init (count * d) (fun at ->
                        let k, c = at / d, at % d
                        let struct (rows, sums) = worth[at]
                        let n = s.CountOf(k, c) + rows

                        let means =
                            Array.init s.Features[c] (fun f ->
                                let more = if sums.Length > 0 then sums[f] else 0.0
                                // a prior that likes the edge has its mode there
                                max 0.0 (s.Sums[k * starts[d] + starts[c] + f] + more) / n)

                        if n > 0.0 && Array.forall System.Double.IsFinite means then
                            columns[c].Estimate(means, s.Stated[at], scale.Means[c])
                        else
                            s.Stated[at])

                create count columns stated

    interface IParametricFamily with
        member _.Parameters(like, _, names, wanted) =
            let columns = (componentsOf like).Columns
            let count, d = like.Count, columns.Length

            /// The vector of the columns' reals, K numbers each.
            let vectorOf (reals: Tensor[][]) =
                Array.concat reals |> Tensor.stack 1 |> ParameterSites.flat

            let sites =
                match choice with
                | Same column when
                    column.Sites
                    |> Array.forall (fun struct (_, support) -> Support.size support = 1)
                    ->
                    // one table for all columns
                    {
                        Sites =
                            column.Sites
                            |> Array.map (fun struct (name, support) ->
                                {
                                    Name = name
                                    Batch = [| count; d |]
                                    Support = support
                                })
                        ToVector =
                            fun values ->
                                Array.init d (fun c -> column.RealsOfSites(values |> Array.map (Tensor.select 1 c)))
                                |> vectorOf
                        OfVector =
                            fun vector ->
                                realsOf vector count columns
                                |> Array.map column.SitesOfReals
                                |> Array.transpose
                                |> Array.map (Tensor.stack 1)
                    }
                | _ ->
                    let counts =
                        Array.scan (fun at (column: ColumnFamily) -> at + column.Sites.Length) 0 columns

                    {
                        Sites =
                            columns
                            |> Array.mapi (fun c column ->
                                column.Sites
                                |> Array.map (fun struct (name, support) ->
                                    {
                                        Name = if d = 1 then name else $"{names[c]}.{name}"
                                        Batch = [| count |]
                                        Support = support
                                    }))
                            |> Array.concat
                        ToVector =
                            fun values ->
                                columns
                                |> Array.mapi (fun c column ->
                                    column.RealsOfSites(Array.sub values counts[c] column.Sites.Length))
                                |> vectorOf
                        OfVector =
                            fun vector ->
                                let reals = realsOf vector count columns

                                columns
                                |> Array.mapi (fun c column -> column.SitesOfReals reals[c])
                                |> Array.concat
                    }

            ParameterSites.check name wanted sites.Sites
            sites

/// As IndependentFamily, where a column has no closed M-step.
and [<Sealed>] internal NumericalIndependentFamily(name, choice) =
    inherit IndependentFamily(name, choice)
    interface INumericalFamily
