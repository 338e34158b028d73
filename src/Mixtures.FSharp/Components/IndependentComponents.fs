namespace Mixtures

open System

/// Components whose columns are independent, each column from its own family. Immutable.
[<Sealed>]
type internal IndependentComponents
    (familyOf: ColumnFamily[] -> IComponentFamily, columns: ColumnFamily[], count: int, stated: float[][]) =
    let d = columns.Length
    let family = familyOf columns
    let of' k c = stated[k * d + c]
    let all = [| 0 .. d - 1 |]

    let part (chosen: int[]) =
        IndependentComponents(
            familyOf,
            chosen |> Array.map (fun c -> columns[c]),
            count,
            [| 0 .. count - 1 |] |> Array.collect (fun k -> chosen |> Array.map (of' k))
        )

    let require (chosen: int[]) =
        if chosen.Length = 0 then
            invalidArg "columns" "expected at least one column, received none"

        chosen

    member _.Columns = columns

    /// The stated parameters of component k's column c at k * D + c.
    member _.Stated = stated

    interface IComponents with
        member _.Family = family
        member _.Count = count
        member _.Dimension = d

        member _.FreeParameters =
            count * Array.sumBy (fun (c: ColumnFamily) -> c.Reals.Length) columns

        member _.ActiveColumns = Array.copy all
        member this.Active = this

        member _.Kernel request =
            IndependentKernel(columns, count, stated, request)

        member _.Magnification _ =
            stated
            |> Seq.mapi (fun at values -> columns[at % d].Magnification values)
            |> Seq.fold max 1.0

        member _.Choose indices =
            IndependentComponents(
                familyOf,
                columns,
                indices.Length,
                indices |> Array.collect (fun k -> all |> Array.map (of' k))
            )

        member this.Marginal chosen =
            if chosen = all then this else part (require chosen)

        member _.Condition(chosen, values) =
            let densities =
                Array.init count (fun k ->
                    let mutable sum = 0.0

                    for i in 0 .. chosen.Length - 1 do
                        let c = chosen[i]

                        sum <-
                            sum
                            + (if columns[c].Contains values[i] then
                                   columns[c].LogDensity(of' k c, values[i])
                               else
                                   Double.NegativeInfinity)

                    sum)

            struct (part (require (Array.except chosen all)) :> IComponents, densities)

        member _.Sample(k, stream, row) =
            for c in 0 .. d - 1 do
                row[c] <- columns[c].Sample(of' k c, stream)

        member _.Mean k =
            all |> Array.map (fun c -> columns[c].Mean(of' k c))

        member _.Covariance k =
            Array2D.init d d (fun i j -> if i = j then columns[i].Variance(of' k i) else 0.0)

        member _.Entropy k =
            all |> Array.sumBy (fun c -> columns[c].Entropy(of' k c))

        member _.Cdf(k, x) =
            if d <> 1 then
                invalidOp $"the distribution function is of one column, but these components have {d}"

            columns[0].Cdf(of' k 0, x)

    interface IMarginalComponents with
        member _.MarginalKernel(observed, request) =
            let features = columns |> Array.map _.Features
            let starts = Array.scan (+) 0 features
            let length = starts[d]

            let places =
                [|
                    for k in 0 .. count - 1 do
                        for c in observed do
                            for f in 0 .. features[c] - 1 -> k * length + starts[c] + f
                |]

            DroppingKernel(
                count,
                d,
                observed,
                MissingRoom.kernel part observed request d,
                places,
                count * length,
                fun counts statistics columnCounts ->
                    ExponentialStatistics(features, counts, statistics, stated, columnCounts)
            )
