namespace Mixtures

open System
open System.Collections.Generic
open System.Numerics.Tensors

/// A worker's buffers. Lanes hold a number a row and component, component k's from k * capacity.
[<Sealed>]
type internal PassWorker(dimension: int, components: int, capacity: int, scratch: int, accumulators: int, width: int) =
    let mutable first = 0
    let mutable order: int[] voption = ValueNone
    let mutable known: int[] voption = ValueNone

    /// The tile begins with this row, of rows in this order; these are the components that rows keep to.
    member _.StartAt(row: int, rows: int[] voption, kept: int[] voption) =
        first <- row
        order <- rows
        known <- kept

    /// The number of the tile's i-th row in the data.
    member _.Row(i: int) =
        match order with
        | ValueSome rows -> rows[first + i]
        | ValueNone -> first + i

    /// The component that the tile's i-th row keeps to, or -1.
    member worker.Known(i: int) =
        match known with
        | ValueSome all -> all[worker.Row i]
        | ValueNone -> -1

    /// Joint log-densities in the lanes of the components that rows do not keep to become minus infinity.
    member worker.Restrict(components: int) =
        if known.IsSome then
            let lanes = worker.Lanes.Span

            for i in 0 .. worker.Tile.Count - 1 do
                let own = worker.Known i

                if own >= 0 then
                    for k in 0 .. components - 1 do
                        if k <> own then
                            lanes[k * capacity + i] <- Double.NegativeInfinity

    /// A row that keeps to a component does so also where it has no density there, and was given shares like the weights.
    member worker.Keep(components: int) =
        if known.IsSome then
            let lanes = worker.Lanes.Span

            for i in 0 .. worker.Tile.Count - 1 do
                let own = worker.Known i

                if own >= 0 && Double.IsNegativeInfinity(worker.Evidence.Span[i]) then
                    for k in 0 .. components - 1 do
                        lanes[k * capacity + i] <- if k = own then 1.0 else 0.0

    member val Tile: Tile = Tile(dimension, capacity)
    member val Lanes: AlignedArray = AlignedArray(components * capacity)
    member val Evidence: AlignedArray = AlignedArray capacity
    /// What the lanes of each row have yet to be multiplied by.
    member val Factors = AlignedArray capacity
    member val Scratch = AlignedArray scratch
    member val Accumulators = AlignedArray accumulators
    member val Counts = AlignedArray(components * width)
    member val Squares = AlignedArray(components * width)
    member val LogLikelihood = AlignedArray width
    member val ZeroDensityRows = 0 with get, set

/// Sums of arrays that come in any order and are added up in theirs. Arrays are kept and used again; only those that
/// wait for an earlier one are alive besides.
[<Sealed>]
type internal OrderedSums() =
    let spare = Stack<float[]>()
    let mutable waiting: (float[] | null)[] = [||]
    let mutable next = 0
    let mutable total: float[] = [||]

    /// Sums of so many arrays of this length begin.
    member _.Start(count: int, length: int) =
        if total.Length <> length then
            total <- Array.zeroCreate length
            spare.Clear()

        Array.Clear total
        waiting <- Array.zeroCreate count
        next <- 0

    /// An array of zeros to fill.
    member _.Rent() : float[] =
        let found =
            lock spare (fun () ->
                match spare.TryPop() with
                | true, found -> found
                | false, _ -> [||])

        if found.Length = 0 then
            Array.zeroCreate total.Length
        else
            Array.Clear found
            found

    /// Adds the part of this number as soon as all before it are added.
    member _.Add(number: int, part: float[]) =
        lock spare (fun () ->
            waiting[number] <- part
            let mutable going = true

            while going && next < waiting.Length do
                match waiting[next] with
                | null -> going <- false
                | ready ->
                    waiting[next] <- null
                    next <- next + 1
                    TensorPrimitives.Add(ReadOnlySpan total, ReadOnlySpan ready, Span total)
                    spare.Push ready)

    /// The sum of all parts; it holds until the next start.
    member _.Total = total
