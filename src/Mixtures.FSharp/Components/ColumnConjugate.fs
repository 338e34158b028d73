namespace Mixtures

/// What conjugate priors of columns' parameters are worth in rows and in sums of features.
[<RequireQualifiedAccess>]
module internal ColumnConjugate =

    /// Component k's own numbers of a prior's parameter for column c: of one table for all columns (K x D), or of K vectors.
    let private own count d (event: int[]) k c (parameter: Tensor) : float[] =
        let size = Shape.size event
        let batch = parameter.Dims[.. parameter.Rank - event.Length - 1]

        let shape, at =
            if batch.Length = 2 then
                [| count; d |], k * d + c
            else
                [| count |], k

        Array.sub (ConjugatePriors.numbers (Array.append shape event) parameter) (at * size) size

    let private nameOf names c site (name: string) =
        name = site || name = $"{Array.item c names}.{site}"

    /// Rows and sums of component k's column c, at k * D + c; raises ArgumentException for a prior that is not conjugate, or
    /// of no parameter of the columns.
    let worth
        (columns: ColumnFamily[])
        (count: int)
        (names: string[])
        (priors: (string * IDistribution) list)
        : struct (float * float[])[] =
        let d = columns.Length
        let result = Array.create (count * d) (struct (0.0, [||]))

        for name, prior in priors do
            let mutable used = false

            for c in 0 .. d - 1 do
                let isMeant =
                    columns[c].Sites
                    |> Array.exists (fun struct (site, _) -> nameOf names c site name)

                match columns[c].Conjugate with
                | _ when not isMeant -> ()
                | ValueNone -> ConjugatePriors.refuse name prior "none, for the parameter has no conjugate prior"
                | ValueSome(struct (conjugate, rowsOf)) ->
                    if prior.Name <> conjugate then
                        ConjugatePriors.refuse name prior $"a {conjugate} distribution"

                    used <- true
                    let struct (_, support) = columns[c].Sites[0]

                    for k in 0 .. count - 1 do
                        result[k * d + c] <-
                            prior.Parameters
                            |> Array.map (own count d (Support.shape support) k c)
                            |> rowsOf

            if not used then
                ConjugatePriors.refuse name prior "the name of a parameter"

        result
