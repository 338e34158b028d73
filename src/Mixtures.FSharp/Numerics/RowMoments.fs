namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// The rows of a tile that count in each component: in many dimensions most responsibilities are exactly zero, and
/// contribute exactly zero. Component k has Counts[k] of them, from k * stride.
[<Struct; IsByRefLike; NoEquality; NoComparison>]
type internal WeightedRows =
    val Weights: Span<float>
    /// Where a row starts in a block of columns.
    val Starts: Span<int64>
    val Counts: Span<int64>

    /// In scratch of the length that RowMoments gives.
    new(scratch: Span<float>, stride: int, components: int) =
        let length = components * stride
        let whole = MemoryMarshal.Cast<float, int64> scratch

        {
            Weights = scratch.Slice(0, length)
            Starts = whole.Slice(length, length)
            Counts = whole.Slice(2 * length, components)
        }

/// Weighted moments of many columns, row by row, of those rows alone whose weight is not zero. Lanes are columns.
[<AbstractClass; Sealed>]
type internal RowMoments<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// The columns of a block.
    static member Block = 4 * 'O.Width

    /// How many blocks the columns make; the last one may be partly empty.
    static member Blocks(columns: int) =
        (columns + RowMoments<'O, 'V>.Block - 1) / RowMoments<'O, 'V>.Block

    /// How many numbers of scratch Add needs.
    static member ScratchLength(components: int, capacity: int) =
        capacity * RowMoments<'O, 'V>.Block + components * (2 * capacity + 1)

    /// How many numbers Add adds to: per block and component the block's first moments, then its second.
    static member MomentsLength(components: int, columns: int) =
        RowMoments<'O, 'V>.Blocks columns * components * 2 * RowMoments<'O, 'V>.Block

    /// K x D centres in the order of the moments: blocks of columns, in these components.
    static member Pack(components: int, columns: int, centres: float[]) : AlignedArray =
        let block = RowMoments<'O, 'V>.Block
        let packed = AlignedArray(RowMoments<'O, 'V>.Blocks columns * components * block)

        for k in 0 .. components - 1 do
            for d in 0 .. columns - 1 do
                packed.Span[(d / block * components + k) * block + d % block] <- centres[k * columns + d]

        packed

    /// Finds the rows of each component whose weights are not zero.
    static member private Find(weights: Span<float>, stride: int, rows: int, components: int, found: WeightedRows) =
        let block = RowMoments<'O, 'V>.Block

        for k in 0 .. components - 1 do
            let from = weights.Slice(k * stride, rows)
            let kept = &MemoryMarshal.GetReference(found.Weights.Slice(k * stride, rows))
            let starts = &MemoryMarshal.GetReference(found.Starts.Slice(k * stride, rows))
            let mutable count = 0

            // every row is written, and those that count stay
            for r in 0 .. from.Length - 1 do
                let a = from[r]
                Unsafe.Add(&kept, count) <- a
                Unsafe.Add(&starts, count) <- int64 (r * block)
                count <- count + (if a <> 0.0 then 1 else 0)

            found.Counts[k] <- int64 count

    /// Of one component and one block: first += Σ a (x - centre), second += Σ a (x - centre)².
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member private AddBlock
        (block: Span<float>, weights: Span<float>, starts: Span<int64>, centre: byref<float>, moments: byref<float>)
        =
        let x = &MemoryMarshal.GetReference block
        let a = &MemoryMarshal.GetReference weights
        let start = &MemoryMarshal.GetReference starts
        let second = unativeint (4 * 'O.Width)
        let c = Q<'O, 'V>.Load(&centre, 0un)
        let mutable i = 0

        // sums of a few rows at first, which round less than a single long one
        while i < weights.Length do
            let last = min weights.Length (i + 32)
            let mutable s = Q<'O, 'V>.Zero
            let mutable q = Q<'O, 'V>.Zero

            while i < last do
                let r = Q<'O, 'V>.Sub(Q<'O, 'V>.Load(&x, unativeint (Unsafe.Add(&start, i))), c)

                let t = Q<'O, 'V>.Scale(r, Q<'O, 'V>.Splat(&a, unativeint i))
                s <- Q<'O, 'V>.Add(s, t)
                q <- Q<'O, 'V>.MulAdd(t, r, q)
                i <- i + 1

            Q<'O, 'V>.Accumulate(s, &moments, 0un)
            Q<'O, 'V>.Accumulate(q, &moments, second)

    /// Per component and column: Σ a (x - centre) and Σ a (x - centre)². The weights a are lanes; centres are packed.
    static member Add
        (
            tile: Span<float>,
            stride: int,
            rows: int,
            columns: int,
            components: int,
            weights: Span<float>,
            centres: Span<float>,
            scratch: Span<float>,
            moments: Span<float>
        ) =
        let width = RowMoments<'O, 'V>.Block
        let block = scratch.Slice(0, stride * width)
        let found = WeightedRows(scratch.Slice(stride * width), stride, components)
        RowMoments<'O, 'V>.Find(weights, stride, rows, components, found)

        for number in 0 .. RowMoments<'O, 'V>.Blocks columns - 1 do
            let first = number * width
            let used = min width (columns - first)
            // back to rows, eight columns at a time, whose numbers lie in order; what lies beyond the last column is worked
            // on for nothing
            for d in 0..8 .. used - 1 do
                Transposition.all
                    (tile.Slice((first + d) * stride))
                    (min 8 (used - d))
                    stride
                    rows
                    (block.Slice d)
                    width

            for k in 0 .. components - 1 do
                let count = int found.Counts[k]
                let at = (number * components + k) * width

                if count > 0 then
                    RowMoments<'O, 'V>
                        .AddBlock(
                            block,
                            found.Weights.Slice(k * stride, count),
                            found.Starts.Slice(k * stride, count),
                            &centres[at],
                            &moments[2 * at]
                        )

    /// Adds the moments to K x D numbers each: the second ones may be summed over the columns, or unwanted (empty).
    static member Reduce
        (
            moments: Span<float>,
            components: int,
            columns: int,
            first: Span<float>,
            second: Span<float>,
            secondPerColumn: bool
        ) =
        let block = RowMoments<'O, 'V>.Block

        for k in 0 .. components - 1 do
            for number in 0 .. RowMoments<'O, 'V>.Blocks columns - 1 do
                let from = moments.Slice(2 * (number * components + k) * block, 2 * block)
                let start = number * block

                for d in 0 .. min block (columns - start) - 1 do
                    let at = k * columns + start + d
                    first[at] <- first[at] + from[d]

                    if second.Length > 0 then
                        let at = if secondPerColumn then at else k
                        second[at] <- second[at] + from[block + d]
