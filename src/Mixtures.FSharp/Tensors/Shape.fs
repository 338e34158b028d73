namespace Mixtures

open System

/// Shapes of tensors: the size of each axis, the first axis outermost; no axes for a scalar.
[<RequireQualifiedAccess>]
module Shape =

    /// The number of elements.
    let size (shape: int[]) =
        let mutable product = 1

        for n in shape do
            product <- product * n

        product

    /// How messages write a shape: 2 x 3, or scalar.
    let text (shape: int[]) =
        if shape.Length = 0 then
            "scalar"
        else
            String.Join(" x ", shape)

    let internal equal (a: int[]) (b: int[]) =
        obj.ReferenceEquals(a, b)
        || MemoryExtensions.SequenceEqual(ReadOnlySpan a, ReadOnlySpan b)

    /// Raises ArgumentException: the operation, what it expected and what it received.
    let internal refuse (operation: string) (message: string) : 'a =
        raise (ArgumentException $"{operation}: {message}")

    /// The axis counted from the front; -1 is the last.
    let internal axis operation (rank: int) (axis: int) =
        if axis < -rank || axis >= rank then
            refuse
                operation
                $"expected an axis from {-rank} to {rank - 1} of a tensor of {rank} axes, received axis {axis}"

        if axis < 0 then axis + rank else axis

    /// For each axis, whether it is one of those given (none given: all are).
    let internal chosen operation (rank: int) (axes: int[]) =
        let flags = Array.create rank (axes.Length = 0)

        for a in axes do
            let a = axis operation rank a

            if flags[a] then
                refuse operation $"axis {a} is given twice"

            flags[a] <- true

        flags

    /// The shape that both broadcast to: axes are matched from the last, and an axis of size 1 (or a missing one) is
    /// stretched, on either side.
    let internal broadcast operation (a: int[]) (b: int[]) =
        if equal a b then
            a
        elif b.Length = 0 then
            a
        elif a.Length = 0 then
            b
        else
            let rank = max a.Length b.Length

            Array.init rank (fun i ->
                let x = if i < rank - a.Length then 1 else a[i - (rank - a.Length)]

                let y = if i < rank - b.Length then 1 else b[i - (rank - b.Length)]

                if x = y || y = 1 then
                    x
                elif x = 1 then
                    y
                else
                    refuse
                        operation
                        $"expected shapes that broadcast (equal sizes, or 1, axis by axis from the last), received {text a} and {text b}")

    /// Element steps of each axis in contiguous storage.
    let internal strides (shape: int[]) =
        let result = Array.zeroCreate shape.Length
        let mutable step = 1

        for i in shape.Length - 1 .. -1 .. 0 do
            result[i] <- step
            step <- step * shape[i]

        result

    /// Element steps for reading a tensor of one shape as if it had another that it broadcasts to: 0 along stretched axes.
    let internal stretchedStrides (shape: int[]) (target: int[]) =
        let own = strides shape
        let missing = target.Length - shape.Length

        Array.init target.Length (fun i ->
            if i < missing || (shape[i - missing] = 1 && target[i] <> 1) then
                0
            else
                own[i - missing])

    /// The shape with the chosen axes gone, or of size 1.
    let internal reduced keepDim (flags: bool[]) (shape: int[]) =
        if keepDim then
            Array.init shape.Length (fun i -> if flags[i] then 1 else shape[i])
        else
            [|
                for i in 0 .. shape.Length - 1 do
                    if not flags[i] then
                        shape[i]
            |]
