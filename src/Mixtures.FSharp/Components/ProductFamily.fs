namespace Mixtures

open System

/// The family of components that are made of parts over different columns, independent given the component: log-densities
/// add, and every step is taken part by part. Names, where there are any, say which column of the data each position is.
type internal ProductFamily(parts: ProductPart[], names: string[] voption) =
    let dimension = parts |> Array.sumBy _.Columns.Length

    let familyOf (parts: ProductPart[]) = ProductFamily.Of(parts, ValueNone)

    let componentsOf (components: IComponents) =
        match components with
        | :? ProductComponents as c when c.Parts.Length = parts.Length -> c
        | _ -> invalidArg (nameof components) "expected components of the same product"

    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? ProductStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected statistics of a product"

    let create (made: IComponents[]) : IComponents =
        ProductComponents(familyOf, dimension, parts |> Array.map _.Columns, made)

    let pick (part: ProductPart) (values: 'T[]) =
        part.Columns |> Array.map (fun c -> values[c])

    let scaleOf (scale: DataScale) (part: ProductPart) =
        { scale with
            Means = pick part scale.Means
            Variances = pick part scale.Variances
            Scatter = [||]
        }

    /// A scale that only tells names: of unit variances.
    let scaleLike: DataScale =
        {
            Means = Array.zeroCreate dimension
            Variances = Array.create dimension 1.0
            Scatter = [||]
            TotalWeight = 1.0
            EffectiveRows = 1.0
        }

    /// Points K x D restricted to a part's columns.
    let pointsOf (points: float[]) (part: ProductPart) =
        let d = part.Columns.Length

        Array.init (points.Length / dimension * d) (fun at -> points[at / d * dimension + part.Columns[at % d]])

    let each (f: int -> ProductPart -> IComponents) = parts |> Array.mapi f |> create

    /// Where each part's numbers start in the vector.
    let vectorStarts (components: ProductComponents) =
        components.Parts
        |> Array.map (fun p -> p.Family.VectorParts p |> Array.sumBy (fun struct (_, n) -> n))
        |> Array.scan (+) 0

    member _.Parts = parts
    member _.Names = names

    /// The product of these parts.
    static member Of(parts: ProductPart[], names: string[] voption) : IComponentFamily =
        if parts |> Array.exists (fun p -> p.Family :? INumericalFamily) then
            NumericalProductFamily(parts, names)
        else
            ProductFamily(parts, names)

    /// Components from those of the parts, in their order.
    member _.Create(made: IComponents[]) = create made

    interface IColumnwiseFamily with
        member _.Bind data =
            let positions =
                match names with
                | ValueNone -> [| 0 .. data.Dimension - 1 |]
                | ValueSome names ->
                    let known = data.ColumnNames |> Seq.toArray

                    for name in known do
                        if not (Array.contains name names) then
                            raise (
                                DataException
                                    $"Column '{name}' has no family in the schema: add it, or choose the columns {ColumnNames.show names}."
                            )

                    names
                    |> Array.map (fun name ->
                        match Array.IndexOf(known, name) with
                        | -1 ->
                            raise (
                                DataException
                                    $"The schema has a column '{name}', but the data have {ColumnNames.show known}."
                            )
                        | at -> at)

            if positions.Length <> dimension then
                raise (DataException $"The schema has {dimension} columns, but the data have {positions.Length}.")

            let bound =
                parts
                |> Array.map (fun part ->
                    let columns = part.Columns |> Array.map (fun c -> positions[c])
                    let own = data.SelectAt columns

                    if not (FamilyColumns.keepsConstants part.Family) then
                        for c in 0 .. own.Dimension - 1 do
                            let values = own.Column c |> Array.filter (Double.IsNaN >> not)

                            if values |> Array.forall (fun v -> v = values[0]) then
                                raise (
                                    DataException
                                        $"Column '{own.ColumnNames[c]}' is constant, so its {part.Family.Name} part has no spread to model: leave it out."
                                )

                    {
                        Columns = columns
                        Family = FamilyColumns.bind part.Family own
                    })

            ProductFamily.Of(bound, ValueNone)

        member _.KeepsConstantColumns = true

        member _.Expected column =
            parts
            |> Array.tryPick (fun part ->
                match Array.IndexOf(part.Columns, column), part.Family with
                | -1, _ -> None
                | at, (:? IColumnwiseFamily as f) -> Some(f.Expected at)
                | _ -> Some "a number")
            |> Option.defaultValue "a number"

        member _.FirstRefused(column, values) =
            let mutable found = -1

            for part in parts do
                match Array.IndexOf(part.Columns, column), part.Family with
                | -1, _ -> ()
                | at, (:? IColumnwiseFamily as f) -> found <- f.FirstRefused(at, values)
                | _ -> ()

            found

        member _.Warnings(components, names) =
            // several columns together may be identified where each alone is not
            if parts.Length > 1 then
                []
            else
                match parts[0].Family with
                | :? IColumnwiseFamily as f -> f.Warnings(components, pick parts[0] names)
                | _ -> []

    interface IComposedFamily with
        member _.FamilyOf column =
            (parts |> Array.find (fun part -> Array.contains column part.Columns)).Family

    interface ILevelFamily with
        member _.HoldsLevels column =
            parts
            |> Array.exists (fun part ->
                match Array.IndexOf(part.Columns, column), part.Family with
                | -1, _ -> false
                | at, (:? ILevelFamily as family) -> family.HoldsLevels at
                | _ -> false)

        member _.LevelNames column =
            parts
            |> Array.tryPick (fun part ->
                match Array.IndexOf(part.Columns, column), part.Family with
                | -1, _ -> None
                | at, (:? ILevelFamily as family) -> Some(family.LevelNames at)
                | _ -> None)
            |> Option.defaultValue [||]

    interface IComponentFamily with
        member _.Name = "product"

        member _.Structure =
            parts
            |> Array.map (fun p -> $"{p.Family.Name} x {p.Columns.Length}")
            |> String.concat ", "

        member _.UsesScatter = false

        member _.EstimatesSpread = parts |> Array.exists (fun p -> p.Family.EstimatesSpread)

        member _.Check(components, columns) =
            // where columns have names, binding tells which are missing
            if names.IsNone && columns <> dimension then
                ValueSome $"expected data of {dimension} columns, as the schema has, received {columns}"
            else
                parts
                |> Array.tryPick (fun p ->
                    match p.Family.Check(components, p.Columns.Length) with
                    | ValueSome reason -> Some reason
                    | ValueNone -> None)
                |> ValueOption.ofOption

        member _.Estimate(statistics, previous, scale, floor) =
            let s = statisticsOf statistics

            each (fun i part ->
                let before = previous |> ValueOption.map (fun p -> (componentsOf p).Parts[i])

                part.Family.Estimate(s.Parts[i], before, scaleOf scale part, floor))

        member _.Recentre statistics =
            let s = statisticsOf statistics

            let found = parts |> Array.mapi (fun i part -> part.Family.Recentre s.Parts[i])

            // all parts are collected again: those that need no other points stay at the origin of theirs
            if found |> Array.exists _.IsSome then
                let count = s.Counts.Length
                let centres = Array.zeroCreate (count * dimension)

                for i in 0 .. parts.Length - 1 do
                    let own =
                        match found[i], s.Parts[i] with
                        | ValueSome own, _ -> own
                        // points are in the data's units
                        | ValueNone, (:? GaussianStatistics as g) when (parts[i].Family :? LogNormalFamily) ->
                            Array.map exp g.Centres
                        | ValueNone, (:? StudentTStatistics as t) -> t.Weighted.Centres
                        | ValueNone, (:? GaussianStatistics as g) -> g.Centres
                        | ValueNone, _ -> Array.zeroCreate (count * parts[i].Columns.Length)

                    let d = parts[i].Columns.Length

                    for at in 0 .. own.Length - 1 do
                        centres[at / d * dimension + parts[i].Columns[at % d]] <- own[at]

                ValueSome centres
            else
                ValueNone

        member _.At(points, scale) =
            each (fun _ part -> part.Family.At(pointsOf points part, scaleOf scale part))

        member _.Start(statistics, keepCentres, scale, floor) =
            let s = statisticsOf statistics
            each (fun i part -> part.Family.Start(s.Parts[i], keepCentres, scaleOf scale part, floor))

        member _.Project(components, scale, floor) =
            let c = componentsOf components
            each (fun i part -> part.Family.Project(c.Parts[i], scaleOf scale part, floor))

        member _.Reseed(components, k, point, scale) =
            let c = componentsOf components
            each (fun i part -> part.Family.Reseed(c.Parts[i], k, pick part point, scaleOf scale part))

        member _.Health(components, scale) =
            let c = componentsOf components

            parts
            |> Array.mapi (fun i part ->
                if part.Family.EstimatesSpread then
                    part.Family.Health(c.Parts[i], scaleOf scale part)
                else
                    Array.create
                        components.Count
                        {
                            SmallestEigenvalue = 1.0
                            ConditionNumber = 1.0
                        })
            |> Array.reduce (
                Array.map2 (fun a b ->
                    {
                        SmallestEigenvalue = min a.SmallestEigenvalue b.SmallestEigenvalue
                        ConditionNumber = max a.ConditionNumber b.ConditionNumber
                    })
            )

        member _.LargestGradient(statistics, components, scale, floor) =
            let s = statisticsOf statistics
            let c = componentsOf components

            parts
            |> Array.mapi (fun i part -> part.Family.LargestGradient(s.Parts[i], c.Parts[i], scaleOf scale part, floor))
            |> Array.max

        member _.ToVector(components, scale) =
            let c = componentsOf components

            parts
            |> Array.mapi (fun i part -> part.Family.ToVector(c.Parts[i], scaleOf scale part))
            |> Array.concat

        member _.OfVector(vector, like, scale) =
            let c = componentsOf like
            let starts = vectorStarts c

            each (fun i part ->
                part.Family.OfVector(
                    Array.sub vector starts[i] (starts[i + 1] - starts[i]),
                    c.Parts[i],
                    scaleOf scale part
                ))

        member _.VectorParts components =
            let c = componentsOf components

            parts
            |> Array.mapi (fun i part ->
                part.Family.VectorParts c.Parts[i]
                |> Array.map (fun struct (name, n) -> struct ($"{part.Family.Name} {name}", n)))
            |> Array.concat

        member _.Gradient(statistics, components, scale) =
            let s = statisticsOf statistics
            let c = componentsOf components

            let found =
                parts
                |> Array.mapi (fun i part -> part.Family.Gradient(s.Parts[i], c.Parts[i], scaleOf scale part))

            if found |> Array.forall _.IsSome then
                found |> Array.collect _.Value |> ValueSome
            else
                ValueNone

        member _.LogDensity(vector, like, scale, rows) =
            let c = componentsOf like
            let starts = vectorStarts c

            parts
            |> Array.mapi (fun i part ->
                part.Family.LogDensity(
                    Tensor.slice 0 starts[i] (starts[i + 1] - starts[i]) vector,
                    c.Parts[i],
                    scaleOf scale part,
                    Tensor.indexSelect 1 part.Columns rows
                ))
            |> Array.reduce (+)

        member _.Natural(vector, like, scale, columns) =
            let c = componentsOf like
            let starts = vectorStarts c

            let found =
                parts
                |> Array.mapi (fun i part ->
                    let struct (names, values) =
                        part.Family.Natural(
                            Tensor.slice 0 starts[i] (starts[i + 1] - starts[i]) vector,
                            c.Parts[i],
                            scaleOf scale part,
                            pick part columns
                        )

                    names, values)

            struct (Array.collect fst found, Tensor.concatenate 0 (Array.map snd found))

        member _.Embed(components, _, _) = components

    interface IConjugateFamily with
        member this.WithPriors(like, columns, priors) =
            let c = componentsOf like

            let steps =
                parts
                |> Array.mapi (fun i part ->
                    let prefix = String.Join("+", pick part columns)
                    let own = (this :> IParametricFamily).Parameters

                    let mine =
                        priors
                        |> List.choose (fun (name, prior) ->
                            let local = ParameterSites.localName name

                            let isMine =
                                name = $"{prefix}.{local}"
                                || name = local
                                   && (own (like, scaleLike, columns, [ name ])).Sites
                                      |> Array.exists (fun site -> site.Name = $"{prefix}.{local}")

                            if isMine then Some(local, prior) else None)

                    if mine.IsEmpty then
                        fun (statistics: IStatistics) (before: IComponents) scale floor ->
                            part.Family.Estimate(statistics, ValueSome before, scaleOf scale part, floor)
                    else
                        let step = ConjugatePriors.stepOf c.Parts[i] (pick part columns) mine
                        fun statistics before scale floor -> step statistics before (scaleOf scale part) floor)

            fun statistics before scale floor ->
                let s = statisticsOf statistics
                let b = componentsOf before
                each (fun i _ -> steps[i] s.Parts[i] b.Parts[i] scale floor)

    interface IParametricFamily with
        /// Those of the parts, with the part's column (several joined by +) before the name.
        member _.Parameters(like, scale, columns, wanted) =
            let c = componentsOf like
            let starts = vectorStarts c

            let prefixes = parts |> Array.map (fun part -> String.Join("+", pick part columns))

            /// What a part is asked for: those that name its columns, and those that name none and that it has.
            let asked i (part: ProductPart) =
                let own = ParameterSites.ofPart c.Parts[i] (scaleOf scale part) (pick part columns)

                let answers name =
                    try
                        own [ name ] |> ignore
                        true
                    with :? UnknownParameterException ->
                        false

                wanted
                |> List.choose (fun name ->
                    let local = ParameterSites.localName name

                    if name = local then
                        if answers name then Some name else None
                    elif name = $"{prefixes[i]}.{local}" then
                        if answers local then Some local else None
                    elif part.Columns.Length > 1 && answers name then
                        Some name
                    else
                        None)
                |> own

            let all =
                parts
                |> Array.mapi (fun i part ->
                    let qualified (name: string) =
                        if name.Contains '.' then name else $"{prefixes[i]}.{name}"

                    struct (ParameterSites.rename qualified (asked i part), starts[i + 1] - starts[i]))
                |> ParameterSites.concatenate

            ParameterSites.check "product" wanted all.Sites
            all

/// As ProductFamily, where a part has no closed M-step.
and [<Sealed>] internal NumericalProductFamily(parts, names) =
    inherit ProductFamily(parts, names)
    interface INumericalFamily
