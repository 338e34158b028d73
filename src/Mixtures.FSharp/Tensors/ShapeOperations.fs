namespace Mixtures

open System

/// Operations that move elements: each with its value and its rule.
[<RequireQualifiedAccess>]
module internal ShapeOperations =

    let reshape (shape: int[]) (a: Tensor) : Tensor =
        let unknown = shape |> Array.filter (fun n -> n = -1) |> Array.length
        let known = shape |> Array.fold (fun size n -> if n = -1 then size else size * n) 1

        if
            unknown > 1
            || Array.exists (fun n -> n < -1) shape
            || (unknown = 0 && known <> a.Count)
            || (unknown = 1 && (known = 0 || a.Count % known <> 0))
        then
            Shape.refuse
                "reshape"
                $"expected a shape of {a.Count} elements (one size may be -1), received {Shape.text shape} for {Shape.text a.Dims}"

        Tensor.WithShape(a, shape |> Array.map (fun n -> if n = -1 then a.Count / known else n))

    /// The elements at offset + Σ iₐ strideₐ, all different positions.
    let rec private strided offset (strides: int[]) (shape: int[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Plain(a.Storage.Backend.Strided(a.Storage, offset, strides, shape), shape)
        | tape ->
            let dims = a.Dims
            tape.Record(strided offset strides shape a.Primal, a, (fun g -> stridedAdd offset strides dims g))

    /// Zeros of a shape with the elements added at those positions.
    and private stridedAdd offset (strides: int[]) (target: int[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null ->
            Tensor.Plain(a.Storage.Backend.StridedAdd(a.Storage, offset, strides, a.Dims, Shape.size target), target)
        | tape ->
            let dims = a.Dims
            tape.Record(stridedAdd offset strides target a.Primal, a, (fun g -> strided offset strides dims g))

    let permute (axes: int[]) (a: Tensor) : Tensor =
        let axes = axes |> Array.map (Shape.axis "permute" a.Rank)

        if axes.Length <> a.Rank || (Array.distinct axes).Length <> a.Rank then
            Shape.refuse
                "permute"
                $"expected each of {a.Rank} axes once, received {Shape.text axes} for shape {Shape.text a.Dims}"

        let own = Shape.strides a.Dims
        strided 0 (axes |> Array.map (fun i -> own[i])) (axes |> Array.map (fun i -> a.Dims[i])) a

    let transpose (a: Tensor) : Tensor =
        if a.Rank < 2 then
            Shape.refuse "transpose" $"expected a tensor of at least 2 axes, received shape {Shape.text a.Dims}"

        let last = a.Rank - 1

        permute
            (Array.init a.Rank (fun i ->
                if i = last then last - 1
                elif i = last - 1 then last
                else i))
            a

    let unsqueeze axis (a: Tensor) : Tensor =
        let axis = Shape.axis "unsqueeze" (a.Rank + 1) axis
        Tensor.WithShape(a, Array.insertAt axis 1 a.Dims)

    let squeeze axis (a: Tensor) : Tensor =
        let axis = Shape.axis "squeeze" a.Rank axis

        if a.Dims[axis] <> 1 then
            Shape.refuse "squeeze" $"expected size 1 on axis {axis}, received shape {Shape.text a.Dims}"

        Tensor.WithShape(a, Array.removeAt axis a.Dims)

    let slice axis start count (a: Tensor) : Tensor =
        let axis = Shape.axis "slice" a.Rank axis

        if start < 0 || count < 0 || start + count > a.Dims[axis] then
            Shape.refuse
                "slice"
                $"expected a range within 0 to {a.Dims[axis]} on axis {axis} of {Shape.text a.Dims}, received {count} from {start}"

        let strides = Shape.strides a.Dims

        let shape = Array.init a.Rank (fun i -> if i = axis then count else a.Dims[i])

        strided (start * strides[axis]) strides shape a

    let select axis index (a: Tensor) : Tensor =
        let axis = Shape.axis "select" a.Rank axis

        if index < 0 || index >= a.Dims[axis] then
            Shape.refuse
                "select"
                $"expected an index from 0 to {a.Dims[axis] - 1} on axis {axis} of {Shape.text a.Dims}, received {index}"

        slice axis index 1 a |> squeeze axis

    /// The elements at the positions, repeated or not, in a shape.
    let rec private pick (positions: int[]) (shape: int[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Plain(a.Storage.Backend.Gather(a.Storage, positions), shape)
        | tape ->
            let dims = a.Dims
            tape.Record(pick positions shape a.Primal, a, (fun g -> spread positions dims g))

    /// Zeros of a shape with the elements added at the positions.
    and private spread (positions: int[]) (shape: int[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Plain(a.Storage.Backend.ScatterAdd(a.Storage, positions, Shape.size shape), shape)
        | tape ->
            let dims = a.Dims
            tape.Record(spread positions shape a.Primal, a, (fun g -> pick positions dims g))

    let private checkIndices operation size axis (indices: int[]) =
        for i in indices do
            if i < 0 || i >= size then
                Shape.refuse operation $"expected indices from 0 to {size - 1} on axis {axis}, received {i}"

    /// For outer x n x inner numbers, the positions of the indices along the middle axis.
    let private positionsAlong (shape: int[]) axis (indices: int[]) =
        let strides = Shape.strides shape
        let inner = strides[axis]
        let block = inner * shape[axis]
        let outer = if block = 0 then 0 else Shape.size shape / block

        Array.init (outer * indices.Length * inner) (fun at ->
            let o = at / (indices.Length * inner)
            let rest = at % (indices.Length * inner)
            o * block + indices[rest / inner] * inner + rest % inner)

    let indexSelect axis (indices: int[]) (a: Tensor) : Tensor =
        let axis = Shape.axis "indexSelect" a.Rank axis
        checkIndices "indexSelect" a.Dims[axis] axis indices

        let shape =
            Array.init a.Rank (fun i -> if i = axis then indices.Length else a.Dims[i])

        pick (positionsAlong a.Dims axis indices) shape a

    let private wholeNumbers operation (indices: Tensor) =
        indices.ToArray()
        |> Array.map (fun v ->
            if v <> Math.Floor v || abs v > 2e9 then
                Shape.refuse operation $"expected whole numbers as indices, received {Wording.number v}"

            int v)

    /// Positions in a tensor of a shape of elements whose index along the axis is given, one for each element of the indices.
    let private positionsOf operation (shape: int[]) axis (indices: Tensor) =
        let numbers = wholeNumbers operation indices
        checkIndices operation shape[axis] axis numbers

        for i in 0 .. shape.Length - 1 do
            if indices.Rank <> shape.Length || (i <> axis && indices.Dims[i] > shape[i]) then
                Shape.refuse
                    operation
                    $"expected indices of {shape.Length} axes, no longer than {Shape.text shape} beside axis {axis}, received {Shape.text indices.Dims}"

        let strides = Shape.strides shape
        let steps = Shape.strides indices.Dims

        numbers
        |> Array.mapi (fun at index ->
            let mutable position = 0
            let mutable rest = at

            for i in 0 .. shape.Length - 1 do
                let own = rest / steps[i]
                rest <- rest % steps[i]
                position <- position + strides[i] * (if i = axis then index else own)

            position)

    let gather axis (indices: Tensor) (a: Tensor) : Tensor =
        let axis = Shape.axis "gather" a.Rank axis
        pick (positionsOf "gather" a.Dims axis indices) indices.Dims a

    let scatterAdd axis (indices: Tensor) (source: Tensor) (a: Tensor) : Tensor =
        let axis = Shape.axis "scatterAdd" a.Rank axis

        if not (Shape.equal indices.Dims source.Dims) then
            Shape.refuse
                "scatterAdd"
                $"expected indices and source of one shape, received {Shape.text indices.Dims} and {Shape.text source.Dims}"

        a + spread (positionsOf "scatterAdd" a.Dims axis indices) a.Dims source

    let rec private join axis (parts: Tensor[]) : Tensor =
        match Tape.Latest parts with
        | null ->
            let first = parts[0]
            let inner = Shape.strides(first.Dims)[axis]
            let sizes = parts |> Array.map (fun t -> t.Dims[axis] * inner)
            let outer = Shape.size first.Dims[.. axis - 1]

            let shape =
                Array.init first.Rank (fun i ->
                    if i = axis then
                        parts |> Array.sumBy (fun t -> t.Dims[axis])
                    else
                        first.Dims[i])

            Tensor.Plain(first.Storage.Backend.Concatenate(parts |> Array.map _.Storage, sizes, outer), shape)
        | tape ->
            let counts = parts |> Array.map (fun t -> t.Dims[axis])
            let starts = Array.scan (+) 0 counts

            tape.Record(join axis (Array.map tape.Strip parts), parts, (fun i g -> slice axis starts[i] counts[i] g))

    let concatenate axis (parts: Tensor[]) : Tensor =
        if parts.Length = 0 then
            Shape.refuse "concatenate" "expected at least one tensor, received none"

        let first = parts[0]
        let axis = Shape.axis "concatenate" first.Rank axis

        for t in parts do
            if
                t.Rank <> first.Rank
                || not (Shape.equal (Array.removeAt axis t.Dims) (Array.removeAt axis first.Dims))
            then
                Shape.refuse
                    "concatenate"
                    $"expected shapes that are equal beside axis {axis}, received {Shape.text first.Dims} and {Shape.text t.Dims}"

        if parts.Length = 1 then first else join axis parts

    let stack axis (parts: Tensor[]) : Tensor =
        if parts.Length = 0 then
            Shape.refuse "stack" "expected at least one tensor, received none"

        for t in parts do
            if not (Shape.equal t.Dims parts[0].Dims) then
                Shape.refuse
                    "stack"
                    $"expected tensors of one shape, received {Shape.text parts[0].Dims} and {Shape.text t.Dims}"

        parts |> Array.map (unsqueeze axis) |> concatenate axis

    /// The diagonals of the last two axes.
    let diagonal (a: Tensor) : Tensor =
        let r = a.Rank

        if r < 2 || a.Dims[r - 1] <> a.Dims[r - 2] then
            Shape.refuse "diagonal" $"expected square matrices in the last two axes, received shape {Shape.text a.Dims}"

        let own = Shape.strides a.Dims
        strided 0 (Array.append own[.. r - 3] [| a.Dims[r - 1] + 1 |]) a.Dims[.. r - 2] a

    /// Diagonal matrices of the last axis.
    let diagonalMatrix (a: Tensor) : Tensor =
        let r = a.Rank

        if r < 1 then
            Shape.refuse "diagonalMatrix" "expected a tensor of at least 1 axis, received a scalar"

        let target = Array.append a.Dims [| a.Dims[r - 1] |]
        let own = Shape.strides target
        stridedAdd 0 (Array.append own[.. r - 2] [| a.Dims[r - 1] + 1 |]) target a
