namespace Mixtures

open System

/// A family with a noise component beside its own: constant density over the data's bounding box, which is taken from the
/// rows that are fitted and is not itself fitted (Banfield & Raftery 1993; Fraley & Raftery 2002). The noise is the last.
type internal NoiseFamily(inner: IComponentFamily, box: NoiseBox voption) =
    let familyOf (inner: IComponentFamily) box = NoiseFamily.Of(inner, ValueSome box)

    /// The box over so many columns: all, or those that are not constant.
    let boxOf dimension : NoiseBox =
        match box with
        | ValueNone -> invalidOp "the noise is to be bound to data first"
        | ValueSome box when box.Lower.Length = dimension -> box
        | ValueSome box ->
            let varying =
                [| 0 .. box.Lower.Length - 1 |]
                |> Array.filter (fun c -> box.Upper[c] > box.Lower[c])

            if varying.Length <> dimension then
                invalidArg (nameof dimension) $"expected {varying.Length} columns that vary, received {dimension}"

            NoiseBox.pick varying box

    let componentsOf (components: IComponents) =
        match components with
        | :? NoiseComponents as c -> c
        | _ -> invalidArg (nameof components) "expected components with noise"

    let innerOf (components: IComponents) = NoiseComponents.Proper components

    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? NoiseStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected statistics of components with noise"

    let wrap (made: IComponents) : IComponents =
        NoiseComponents(familyOf, made, boxOf made.Dimension)

    let like (components: IComponents) (made: IComponents) : IComponents =
        NoiseComponents(familyOf, made, (componentsOf components).Box)

    let columnwise =
        match inner with
        | :? IColumnwiseFamily as f -> ValueSome f
        | _ -> ValueNone

    /// What a name of a family with noise ends with.
    static member Suffix = "-with-noise"

    /// The share of the weight that the noise starts with.
    static member StartShare = 0.05

    /// The family of the components beside the noise.
    member _.Inner = inner

    /// Components of the inner family, with noise over the box that was found in the data.
    member _.Wrap(made: IComponents) = wrap made

    /// Components of the inner family with noise over a given box.
    static member WrapIn(made: IComponents, box: NoiseBox) : IComponents =
        NoiseComponents((fun inner box -> NoiseFamily.Of(inner, ValueSome box)), made, box)

    /// The family with noise.
    static member Of(inner: IComponentFamily, box: NoiseBox voption) : IComponentFamily =
        match inner with
        | :? NoiseFamily -> invalidArg (nameof inner) "expected a family without noise, received one that has it"
        | :? INumericalFamily -> NumericalNoiseFamily(inner, box)
        | _ -> NoiseFamily(inner, box)

    interface IColumnwiseFamily with
        member _.Bind data =
            let bound = FamilyColumns.bind inner data
            NoiseFamily.Of(bound, ValueSome(NoiseBox.ofData bound data))

        member _.KeepsConstantColumns = FamilyColumns.keepsConstants inner

        member _.Expected column =
            match columnwise with
            | ValueSome f -> f.Expected column
            | ValueNone -> "a number"

        member _.FirstRefused(column, values) =
            match columnwise with
            | ValueSome f -> f.FirstRefused(column, values)
            | ValueNone -> -1

        member _.Warnings(components, columns) =
            match columnwise with
            | ValueSome f -> f.Warnings(components - 1, columns)
            | ValueNone -> []

    interface IComposedFamily with
        member _.FamilyOf _ = inner

    interface ILevelFamily with
        member _.HoldsLevels column =
            match inner with
            | :? ILevelFamily as f -> f.HoldsLevels column
            | _ -> false

        member _.LevelNames column = FamilyColumns.levelNames inner column

    interface IComponentFamily with
        member _.Name = inner.Name + NoiseFamily.Suffix
        member _.Structure = inner.Structure

        // the total scatter is the noise's too
        member _.UsesScatter = false
        member _.EstimatesSpread = inner.EstimatesSpread

        member _.Check(components, dimension) =
            if components < 2 then
                ValueSome $"expected at least one component beside the noise, received {components - 1}"
            else
                inner.Check(components - 1, dimension)

        member _.Estimate(statistics, previous, scale, floor) =
            let s = statisticsOf statistics
            let made = inner.Estimate(s.Inner, ValueOption.map innerOf previous, scale, floor)

            match previous with
            | ValueSome previous -> like previous made
            | ValueNone -> wrap made

        member _.Recentre statistics =
            let s = statisticsOf statistics

            inner.Recentre s.Inner
            |> ValueOption.map (fun centres ->
                // the noise has no centre, but a place among them
                Array.append centres (Array.zeroCreate (centres.Length / (s.Counts.Length - 1))))

        member _.At(points, scale) =
            wrap (inner.At(Array.sub points 0 (points.Length - scale.Variances.Length), scale))

        member _.Start(statistics, keepCentres, scale, floor) =
            wrap (inner.Start((statisticsOf statistics).Inner, keepCentres, scale, floor))

        member _.Project(components, scale, floor) =
            wrap (inner.Project(innerOf components, scale, floor))

        member _.Reseed(components, k, point, scale) =
            if NoiseComponents.IsNoise(components, k) then
                components
            else
                like components (inner.Reseed(innerOf components, k, point, scale))

        member _.Health(components, scale) =
            Array.append
                (inner.Health(innerOf components, scale))
                [|
                    {
                        SmallestEigenvalue = 1.0
                        ConditionNumber = 1.0
                    }
                |]

        member _.LargestGradient(statistics, components, scale, floor) =
            let s = statisticsOf statistics
            // the mean is over all rows, those of the noise too
            let share = Array.sum s.Inner.Counts / Array.sum s.Counts
            share * inner.LargestGradient(s.Inner, innerOf components, scale, floor)

        member _.ToVector(components, scale) =
            inner.ToVector(innerOf components, scale)

        member _.OfVector(vector, components, scale) =
            like components (inner.OfVector(vector, innerOf components, scale))

        member _.VectorParts components = inner.VectorParts(innerOf components)

        member _.Gradient(statistics, components, scale) =
            inner.Gradient((statisticsOf statistics).Inner, innerOf components, scale)

        member _.LogDensity(vector, components, scale, rows) =
            let all = (componentsOf components).Box

            // columns that are missing have no width
            let box, present =
                match MissingRows.observed rows with
                | ValueSome columns -> NoiseBox.pick columns all, Tensor.indexSelect 1 columns rows
                | ValueNone -> all, rows

            let inside = NoiseBox.logDensity box
            let values = present.Numbers
            let n, d = present.Dims[0], present.Dims[1]

            let own =
                Array.init n (fun i ->
                    let mutable value = inside

                    for c in 0 .. d - 1 do
                        if not (NoiseBox.contains box c values[i * d + c]) then
                            value <- Double.NegativeInfinity

                    value)

            Tensor.concatenate
                1
                [
                    inner.LogDensity(vector, innerOf components, scale, rows)
                    Tensor.ofShape [| n; 1 |] own
                ]

        member _.Natural(vector, components, scale, columns) =
            inner.Natural(vector, innerOf components, scale, columns)

        member _.Embed(components, positions, constants) =
            let own = (componentsOf components).Box
            let lower, upper = Array.copy constants, Array.copy constants
            let whole = Array.create constants.Length false

            for i in 0 .. positions.Length - 1 do
                lower[positions[i]] <- own.Lower[i]
                upper[positions[i]] <- own.Upper[i]
                whole[positions[i]] <- own.Whole[i]

            let made = inner.Embed(innerOf components, positions, constants)

            NoiseFamily.WrapIn(
                made,
                {
                    Lower = lower
                    Upper = upper
                    Whole = whole
                }
            )

    interface IParametricFamily with
        member _.Parameters(components, scale, columns, wanted) =
            ParameterSites.ofPart (innerOf components) scale columns wanted

/// As NoiseFamily, where the other components have no closed M-step.
and [<Sealed>] internal NumericalNoiseFamily(inner, box) =
    inherit NoiseFamily(inner, box)
    interface INumericalFamily
