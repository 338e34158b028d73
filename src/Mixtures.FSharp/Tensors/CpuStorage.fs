namespace Mixtures

open System
open System.Threading.Tasks

/// Cuts element-wise work into chunks for several threads; results do not depend on how many there are.
[<RequireQualifiedAccess>]
module internal CpuChunks =

    /// Elements of a chunk; no more elements than this stay on the calling thread.
    [<Literal>]
    let Size = 32768

    /// Runs body start count over consecutive chunks of the given length of work.
    let inline run (length: int) ([<InlineIfLambda>] body: int -> int -> unit) =
        if length <= Size then
            body 0 length
        else
            Parallel.For(0, (length + Size - 1) / Size, fun i -> body (i * Size) (min Size (length - i * Size)))
            |> ignore

/// Reading an array along several axes with any steps.
[<RequireQualifiedAccess>]
module internal Strides =

    /// The same walk with fewer axes: those of size 1 dropped, and neighbours joined where every operand allows it.
    let coalesce (shape: int[]) (operands: int[][]) : struct (int[] * int[][]) =
        let sizes = ResizeArray<int>(shape.Length)
        let steps = operands |> Array.map (fun _ -> ResizeArray<int>(shape.Length))

        for i in 0 .. shape.Length - 1 do
            if shape[i] <> 1 then
                let last = sizes.Count - 1

                let joins =
                    last >= 0
                    && Array.forall2
                        (fun (s: int[]) (kept: ResizeArray<int>) -> kept[last] = s[i] * shape[i])
                        operands
                        steps

                if joins then
                    sizes[last] <- sizes[last] * shape[i]

                    for o in 0 .. operands.Length - 1 do
                        steps[o][last] <- operands[o][i]
                else
                    sizes.Add(shape[i])

                    for o in 0 .. operands.Length - 1 do
                        steps[o].Add(operands[o][i])

        struct (sizes.ToArray(), steps |> Array.map _.ToArray())

    /// Calls body with the position of each run along the last axis: in the result, and in the operand or operands.
    let inline private walk (sizes: int[]) (steps: int[][]) ([<InlineIfLambda>] body: int -> int[] -> unit) =
        let outer = sizes.Length - 1
        let run = sizes[outer]
        let index = Array.zeroCreate<int> outer
        let at = Array.zeroCreate<int> steps.Length
        let mutable runs = 1

        for i in 0 .. outer - 1 do
            runs <- runs * sizes[i]

        for r in 0 .. runs - 1 do
            body (r * run) at
            let mutable axis = outer - 1
            let mutable carry = axis >= 0

            while carry do
                index[axis] <- index[axis] + 1

                for o in 0 .. at.Length - 1 do
                    at[o] <- at[o] + steps[o][axis]

                if index[axis] < sizes[axis] || axis = 0 then
                    carry <- false
                else
                    for o in 0 .. at.Length - 1 do
                        at[o] <- at[o] - steps[o][axis] * sizes[axis]

                    index[axis] <- 0
                    axis <- axis - 1

    /// Runs over two operands at once.
    let walk2 (sizes: int[]) (a: int[]) (b: int[]) (body: int -> int -> int -> unit) =
        walk sizes [| a; b |] (fun target at -> body target (at[0]) (at[1]))

    /// Copies the elements offset + Σ iₐ strideₐ, in order.
    let copy (source: float[]) (offset: int) (strides: int[]) (shape: int[]) (target: float[]) =
        if target.Length > 0 then
            let struct (sizes, steps) = coalesce shape [| strides |]

            if sizes.Length = 0 then
                target[0] <- source[offset]
            elif sizes.Length = 2 && sizes[1] < 8 then
                // many short runs: plain loops
                let run, outerStep, step = sizes[1], steps[0][0], steps[0][1]
                let mutable at = 0

                for i in 0 .. sizes[0] - 1 do
                    let mutable from = offset + i * outerStep

                    for _ in 0 .. run - 1 do
                        target[at] <- source[from]
                        at <- at + 1
                        from <- from + step
            else
                let run = sizes[sizes.Length - 1]
                let step = steps[0][sizes.Length - 1]

                walk sizes steps (fun at from ->
                    let first = offset + from[0]

                    if step = 1 && run >= 8 then
                        ReadOnlySpan(source, first, run).CopyTo(Span(target, at, run))
                    elif step = 0 && run >= 8 then
                        Span(target, at, run).Fill source[first]
                    else
                        for i in 0 .. run - 1 do
                            target[at + i] <- source[first + i * step])

    /// Adds the elements, in order, at offset + Σ iₐ strideₐ.
    let add (source: float[]) (offset: int) (strides: int[]) (shape: int[]) (target: float[]) =
        if source.Length > 0 then
            let struct (sizes, steps) = coalesce shape [| strides |]

            if sizes.Length = 0 then
                target[offset] <- target[offset] + source[0]
            else
                let run = sizes[sizes.Length - 1]
                let step = steps[0][sizes.Length - 1]

                walk sizes steps (fun at into ->
                    let first = offset + into[0]

                    for i in 0 .. run - 1 do
                        target[first + i * step] <- target[first + i * step] + source[at + i])
