namespace Mixtures

open System

/// Row weights: one column of storage, finite, not negative, not all zero.
[<Sealed>]
type internal RowWeights private (storage: Storage, total: float, squares: float) =
    let array =
        lazy
            (match storage with
             | :? RowMajorStorage<float> as single when not (isNull single.SingleArray) -> nonNull single.SingleArray
             | _ ->
                 let values = Array.zeroCreate storage.Rows
                 storage.Fill(0, 0, values.AsSpan())
                 values)

    member _.Storage = storage

    /// Σw.
    member _.Total = total

    /// (Σw)² / Σw².
    member _.Effective = total * (total / squares)

    /// Writes the weights of the rows from the first on; 1 where there are none.
    static member Fill(weights: RowWeights option, first: int, destination: Span<float>) =
        match weights with
        | None -> destination.Fill 1.0
        | Some weights -> weights.Storage.Fill(first, 0, destination)

    /// All weights in one array, which must not be changed.
    member _.Array = array.Value

    /// Checks the weights and takes them over.
    static member OfStorage(storage: Storage) =
        let block = Array.zeroCreate (min 1024 storage.Rows)
        let mutable total = 0.0
        let mutable squares = 0.0
        let mutable start = 0

        while start < storage.Rows do
            let count = min block.Length (storage.Rows - start)
            storage.Fill(start, 0, block.AsSpan(0, count))

            for i in 0 .. count - 1 do
                let w = block[i]

                if not (Double.IsFinite w && w >= 0.0) then
                    raise (
                        DataException
                            $"The weight of row {start + i + 1} is {Wording.number w}: weights must be finite and not negative."
                    )

                total <- total + w
                squares <- squares + w * w

            start <- start + count

        if not (total > 0.0) then
            raise (DataException "All row weights are zero: at least one row needs a positive weight.")

        if not (Double.IsFinite squares && squares > 0.0) then
            raise (
                DataException
                    $"The row weights sum to {Wording.number total}, which is out of range: scale them by a common factor."
            )

        RowWeights(storage, total, squares)

    /// Checks the weights and takes the array over.
    static member OfArray(values: float[]) =
        RowWeights.OfStorage(RowMajorStorage<float>([| values |], values.Length, values.Length, 1))
