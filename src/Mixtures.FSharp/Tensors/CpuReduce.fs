namespace Mixtures

open System
open System.Numerics.Tensors

/// Reductions of outer x reduced x inner numbers over the middle axis.
[<RequireQualifiedAccess>]
module internal CpuReduce =

    /// Sums of this many elements are added up in pairs, which keeps rounding small; also a chunk of parallel work.
    [<Literal>]
    let private Leaf = 4096

    /// Σ x, pairwise above a leaf.
    let rec private sumSpan (x: ReadOnlySpan<float>) : float =
        if x.Length <= Leaf then
            Sums.sum x
        else
            let half = (x.Length / 2 + Leaf - 1) / Leaf * Leaf
            sumSpan (x.Slice(0, half)) + sumSpan (x.Slice half)

    let private largest (x: ReadOnlySpan<float>) =
        let mutable m = Double.NegativeInfinity

        for v in x do
            m <- Math.Max(m, v)

        m

    let private smallest (x: ReadOnlySpan<float>) =
        let mutable m = Double.PositiveInfinity

        for v in x do
            m <- Math.Min(m, v)

        m

    /// Every outer block is reduced by the body, in parallel where there is much to do.
    let inline private blocks outer perBlock ([<InlineIfLambda>] body: int -> unit) =
        let group = max 1 (CpuChunks.Size / max 1 perBlock)

        if outer * perBlock <= CpuChunks.Size then
            for o in 0 .. outer - 1 do
                body o
        else
            Threading.Tasks.Parallel.For(
                0,
                (outer + group - 1) / group,
                fun g ->
                    for o in g * group .. min outer ((g + 1) * group) - 1 do
                        body o
            )
            |> ignore

    /// Sums of two interleaved columns, by two accumulators each.
    let private sumPairs (x: float[]) start reduced (y: Span<float>) =
        let mutable a0 = 0.0
        let mutable b0 = 0.0
        let mutable a1 = 0.0
        let mutable b1 = 0.0
        let mutable at = start
        let last = start + 2 * reduced

        while at + 3 < last do
            a0 <- a0 + x[at]
            b0 <- b0 + x[at + 1]
            a1 <- a1 + x[at + 2]
            b1 <- b1 + x[at + 3]
            at <- at + 4

        if at < last then
            a0 <- a0 + x[at]
            b0 <- b0 + x[at + 1]

        y[0] <- a0 + a1
        y[1] <- b0 + b1

    /// y[inner] = fold of the rows of a block, row by row.
    let private foldRows operation (x: float[]) start reduced inner (y: Span<float>) =
        if inner = 2 && operation = Reduction.Sum then
            sumPairs x start reduced y
        else
            ReadOnlySpan(x, start, inner).CopyTo y

            for r in 1 .. reduced - 1 do
                let row = ReadOnlySpan(x, start + r * inner, inner)

                match operation with
                | Reduction.Sum ->
                    if inner >= 8 then
                        TensorPrimitives.Add(Span.op_Implicit y, row, y)
                    else
                        for i in 0 .. inner - 1 do
                            y[i] <- y[i] + row[i]
                | Reduction.Max ->
                    for i in 0 .. inner - 1 do
                        y[i] <- Math.Max(y[i], row[i])
                | _ ->
                    for i in 0 .. inner - 1 do
                        y[i] <- Math.Min(y[i], row[i])

    let private empty operation =
        match operation with
        | Reduction.Sum -> 0.0
        | Reduction.Min -> Double.PositiveInfinity
        | _ -> Double.NegativeInfinity

    /// Sum, Max or Min.
    let private fold operation (x: float[]) outer reduced inner : float[] =
        let y = GC.AllocateUninitializedArray<float>(outer * inner)

        if reduced = 0 then
            Span(y).Fill(empty operation)
        elif inner = 1 then
            if reduced = 1 then
                x.CopyTo(y, 0)
            elif reduced < 8 && operation = Reduction.Max then
                for o in 0 .. outer - 1 do
                    let mutable m = x[o * reduced]

                    for r in o * reduced + 1 .. (o + 1) * reduced - 1 do
                        // NaN stays NaN
                        if x[r] > m || Double.IsNaN x[r] then
                            m <- x[r]

                    y[o] <- m
            elif reduced < 8 && operation = Reduction.Sum then
                for o in 0 .. outer - 1 do
                    let mutable sum = 0.0

                    for r in o * reduced .. (o + 1) * reduced - 1 do
                        sum <- sum + x[r]

                    y[o] <- sum
            else
                blocks outer reduced (fun o ->
                    let row = ReadOnlySpan(x, o * reduced, reduced)

                    y[o] <-
                        match operation with
                        | Reduction.Sum -> sumSpan row
                        | Reduction.Max -> largest row
                        | _ -> smallest row)
        else
            // tall blocks are cut into pieces, whose results are reduced in order
            let pieces =
                if outer * inner <= 1024 && reduced > 2 * Leaf then
                    (reduced + Leaf - 1) / Leaf
                else
                    1

            if pieces = 1 then
                blocks outer (reduced * inner) (fun o ->
                    foldRows operation x (o * reduced * inner) reduced inner (Span(y, o * inner, inner)))
            else
                let parts = GC.AllocateUninitializedArray<float>(outer * pieces * inner)

                blocks (outer * pieces) (Leaf * inner) (fun at ->
                    let o, piece = at / pieces, at % pieces
                    let first = piece * Leaf
                    let rows = min Leaf (reduced - first)
                    foldRows operation x ((o * reduced + first) * inner) rows inner (Span(parts, at * inner, inner)))

                for o in 0 .. outer - 1 do
                    foldRows operation parts (o * pieces * inner) pieces inner (Span(y, o * inner, inner))

        y

    /// log Σ exp x = m + log Σ exp(x - m) with m the largest x of each sum; infinities are their own result.
    let private logSumExp (x: float[]) outer reduced inner : float[] =
        let largest = fold Reduction.Max x outer reduced inner
        let shifted = GC.AllocateUninitializedArray<float> x.Length

        let finite (m: float) = if Double.IsInfinity m then 0.0 else m

        if inner = 1 then
            for o in 0 .. outer - 1 do
                let m = finite largest[o]

                for r in o * reduced .. (o + 1) * reduced - 1 do
                    shifted[r] <- x[r] - m
        else
            for o in 0 .. outer - 1 do
                for r in 0 .. reduced - 1 do
                    let at = (o * reduced + r) * inner

                    for i in 0 .. inner - 1 do
                        shifted[at + i] <- x[at + i] - finite largest[o * inner + i]

        CpuChunks.run shifted.Length (fun start count ->
            let part = Span(shifted, start, count)
            TensorPrimitives.Exp(Span.op_Implicit part, part))

        let sums = fold Reduction.Sum shifted outer reduced inner

        CpuChunks.run sums.Length (fun start count ->
            let part = Span(sums, start, count)
            TensorPrimitives.Log(Span.op_Implicit part, part))

        for i in 0 .. sums.Length - 1 do
            sums[i] <-
                if Double.IsInfinity largest[i] then
                    largest[i]
                else
                    largest[i] + sums[i]

        sums

    let reduce operation (x: float[]) outer reduced inner : float[] =
        match operation with
        | Reduction.LogSumExp -> logSumExp x outer reduced inner
        | _ -> fold operation x outer reduced inner
