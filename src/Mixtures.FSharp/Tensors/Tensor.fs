namespace Mixtures

open System
open System.Threading

/// Numbers the tapes, so that of two nested differentiations the inner one is known.
[<Sealed; AbstractClass>]
type internal TapeClock private () =
    // the order of tapes is all that depends on it, never a result
    static let mutable last = 0L

    static member Next() = Interlocked.Increment &last

/// What takes a derivative with respect to a result back to the inputs it was computed from: up to two, or a list.
[<Struct; NoEquality; NoComparison>]
type internal TapeEntry =
    {
        First: int
        FirstPull: (Tensor -> Tensor) voption
        Second: int
        SecondPull: (Tensor -> Tensor) voption
        Rest: struct (int * (Tensor -> Tensor))[]
    }

/// The operations of one differentiation, in their order.
and [<Sealed; AllowNullLiteral>] internal Tape() =
    let tag = TapeClock.Next()
    let entries = ResizeArray<TapeEntry>()

    let track (value: Tensor) entry tape =
        entries.Add entry
        Tensor(value.Storage, value.Dims, tape, entries.Count - 1, value)

    let leaf =
        {
            First = -1
            FirstPull = ValueNone
            Second = -1
            SecondPull = ValueNone
            Rest = [||]
        }

    member _.Tag = tag

    /// The inner one of two differentiations.
    static member Later(a: Tape, b: Tape) : Tape =
        if isNull a then b
        elif isNull b || a.Tag >= b.Tag then a
        else b

    static member Latest(tensors: Tensor[]) : Tape =
        let mutable latest: Tape = null

        for t in tensors do
            latest <- Tape.Later(latest, t.Tape)

        latest

    /// The tensor as this differentiation's outside sees it.
    member tape.Strip(t: Tensor) : Tensor =
        if obj.ReferenceEquals(t.Tape, tape) then t.Primal else t

    /// An input to differentiate by.
    member tape.Input(value: Tensor) : Tensor = track value leaf tape

    /// A result of one tracked input.
    member tape.Record(value: Tensor, a: Tensor, pull: Tensor -> Tensor) : Tensor =
        track
            value
            { leaf with
                First = a.Index
                FirstPull = ValueSome pull
            }
            tape

    /// A result of two inputs, of which at least one is tracked.
    member tape.Record(value: Tensor, a: Tensor, pullA: Tensor -> Tensor, b: Tensor, pullB: Tensor -> Tensor) : Tensor =
        let isMine (t: Tensor) = obj.ReferenceEquals(t.Tape, tape)

        track
            value
            {
                First = a.Index
                FirstPull = if isMine a then ValueSome pullA else ValueNone
                Second = b.Index
                SecondPull = if isMine b then ValueSome pullB else ValueNone
                Rest = [||]
            }
            tape

    /// A result of several inputs.
    member tape.Record(value: Tensor, inputs: Tensor[], pull: int -> Tensor -> Tensor) : Tensor =
        let links =
            inputs
            |> Array.indexed
            |> Array.filter (fun (_, t) -> obj.ReferenceEquals(t.Tape, tape))
            |> Array.map (fun (i, t) -> struct (t.Index, pull i))

        track value { leaf with Rest = links } tape

    /// The derivatives of an output times a seed with respect to each input; nothing for an input that it does not
    /// depend on. What the tape held is released on the way, unless it is to be walked again.
    member _.Backward(output: Tensor, seed: Tensor, inputs: Tensor[], keep: bool) : Tensor voption[] =
        let adjoints: Tensor voption[] = Array.zeroCreate (output.Index + 1)
        adjoints[output.Index] <- ValueSome seed

        let add index (pull: (Tensor -> Tensor) voption) (g: Tensor) =
            match pull with
            | ValueNone -> ()
            | ValueSome pull ->
                let part = pull g

                adjoints[index] <-
                    match adjoints[index] with
                    | ValueNone -> ValueSome part
                    | ValueSome sum -> ValueSome(sum + part)

        for i in output.Index .. -1 .. 0 do
            match adjoints[i] with
            | ValueNone -> ()
            | ValueSome g ->
                let entry = entries[i]

                let isInput =
                    entry.FirstPull.IsNone && entry.SecondPull.IsNone && entry.Rest.Length = 0

                if not isInput then
                    adjoints[i] <- ValueNone
                    add entry.First entry.FirstPull g
                    add entry.Second entry.SecondPull g

                    for struct (index, pull) in entry.Rest do
                        add index (ValueSome pull) g

            if not keep then
                entries[i] <- leaf

        inputs
        |> Array.map (fun input ->
            if input.Index < adjoints.Length then
                adjoints[input.Index]
            else
                ValueNone)

/// An array of numbers with a shape, in double precision. Immutable. Arithmetic broadcasts on both sides: axes are
/// matched from the last, and axes of size 1 are stretched. Functions of tensors are in the module Tensor, where their
/// gradients are too.
and [<Sealed>] Tensor internal (storage: TensorStorage, shape: int[], tape: Tape, index: int, primal: Tensor) =

    member internal _.Storage = storage

    /// The numbers, not to be changed.
    member internal _.Numbers = storage.Backend.ToArray storage
    member internal _.Dims = shape
    member internal _.Tape = tape
    member internal _.Index = index
    member internal _.Primal = primal

    /// A tensor that is not differentiated.
    static member internal Plain(storage: TensorStorage, shape: int[]) =
        Tensor(storage, shape, null, -1, Unchecked.defaultof<Tensor>)

    /// An array handed over as a tensor of one axis: it must not be changed any more.
    static member internal Own(values: float[]) =
        Tensor.Plain(CpuBackend.Instance.OfArray values, [| values.Length |])

    /// A tensor of no axes.
    static member Scalar(value: float) =
        Tensor.Plain(CpuBackend.Instance.OfArray [| value |], [||])

    /// The numbers as a tensor of one axis; they are copied.
    static member OfArray(values: float[]) =
        Tensor.Plain(CpuBackend.Instance.OfArray(Array.copy values), [| values.Length |])

    /// The numbers, last axis innermost, as a tensor of a shape; they are copied.
    static member OfArray(values: float[], [<ParamArray>] shape: int[]) =
        for n in shape do
            if n < 0 then
                Shape.refuse "ofArray" $"expected sizes of at least 0, received {Shape.text shape}"

        if Shape.size shape <> values.Length then
            Shape.refuse
                "ofArray"
                $"expected {Shape.size shape} numbers for shape {Shape.text shape}, received {values.Length}"

        Tensor.Plain(CpuBackend.Instance.OfArray(Array.copy values), Array.copy shape)

    /// A matrix: rows and columns.
    static member OfArray(values: float[,]) =
        let flat = Array.zeroCreate<float> values.Length
        Buffer.BlockCopy(values, 0, flat, 0, 8 * flat.Length)
        Tensor.Plain(CpuBackend.Instance.OfArray flat, [| values.GetLength 0; values.GetLength 1 |])

    /// The size of each axis. A new array at each call.
    member _.Shape = Array.copy shape

    /// The number of axes.
    member _.Rank = shape.Length

    /// The number of elements.
    member _.Count = storage.Length

    /// Whether a gradient is being taken with respect to something that this was computed from.
    member _.IsTracked = not (isNull tape)

    /// The number of a tensor with one element.
    member t.ToScalar() =
        if t.Count <> 1 then
            Shape.refuse "toScalar" $"expected a tensor of one element, received shape {Shape.text shape}"

        storage.Backend.Item(storage, 0)

    /// The numbers, last axis innermost. A new array at each call.
    member _.ToArray() : float[] =
        Array.copy (storage.Backend.ToArray storage)

    /// The numbers of a matrix.
    member _.ToArray2D() : float[,] =
        if shape.Length <> 2 then
            Shape.refuse "toArray2D" $"expected a tensor of 2 axes, received shape {Shape.text shape}"

        let result = Array2D.zeroCreate shape[0] shape[1]
        Buffer.BlockCopy(storage.Backend.ToArray storage, 0, result, 0, 8 * storage.Length)
        result

    /// The number at one index an axis.
    member _.Value([<ParamArray>] indices: int[]) =
        if indices.Length <> shape.Length then
            Shape.refuse
                "value"
                $"expected {shape.Length} indices for shape {Shape.text shape}, received {indices.Length}"

        let mutable at = 0

        for i in 0 .. indices.Length - 1 do
            if indices[i] < 0 || indices[i] >= shape[i] then
                Shape.refuse "value" $"expected an index from 0 to {shape[i] - 1} on axis {i}, received {indices[i]}"

            at <- at * shape[i] + indices[i]

        storage.Backend.Item(storage, at)

    /// The numbers alone: a constant, whatever is being differentiated.
    member t.Detach() : Tensor =
        if isNull tape then t else Tensor.Plain(storage, shape)

    static member internal Map(operation: UnaryOperation, a: Tensor, parameter: float) =
        Tensor.Plain(a.Storage.Backend.Map(operation, a.Storage, parameter), a.Dims)

    static member internal Zip(name: string, operation: BinaryOperation, a: Tensor, b: Tensor) =
        let target = Shape.broadcast name a.Dims b.Dims
        Tensor.Plain(a.Storage.Backend.Zip(operation, a.Storage, a.Dims, b.Storage, b.Dims, target), target)

    /// The reduction over the axes flagged, neighbouring ones together; they stay, with size 1.
    static member internal Reduce(operation: Reduction, a: Tensor, flags: bool[]) : Tensor =
        let dims = Array.copy a.Dims
        let mutable current = a.Storage
        let mutable last = dims.Length - 1

        while last >= 0 do
            if flags[last] then
                let mutable first = last

                while first > 0 && flags[first - 1] do
                    first <- first - 1

                let mutable outer = 1
                let mutable reduced = 1
                let mutable inner = 1

                for i in 0 .. dims.Length - 1 do
                    if i < first then outer <- outer * dims[i]
                    elif i <= last then reduced <- reduced * dims[i]
                    else inner <- inner * dims[i]

                if reduced <> 1 then
                    current <- current.Backend.Reduce(operation, current, outer, reduced, inner)

                for i in first..last do
                    dims[i] <- 1

                last <- first - 1
            else
                last <- last - 1

        Tensor.Plain(current, dims)

    static member internal WithShape(a: Tensor, shape: int[]) : Tensor =
        match a.Tape with
        | null -> Tensor.Plain(a.Storage, shape)
        | tape ->
            let dims = a.Dims
            tape.Record(Tensor.WithShape(a.Primal, shape), a, (fun g -> Tensor.WithShape(g, dims)))

    /// Sums over the axes along which the shape was stretched.
    static member internal SumTo(a: Tensor, shape: int[]) : Tensor =
        if Shape.equal a.Dims shape then
            a
        else
            match a.Tape with
            | null ->
                let missing = a.Rank - shape.Length
                let flags = Array.init a.Rank (fun i -> i < missing || shape[i - missing] = 1)
                Tensor.Plain(Tensor.Reduce(Reduction.Sum, a, flags).Storage, shape)
            | tape ->
                let dims = a.Dims
                tape.Record(Tensor.SumTo(a.Primal, shape), a, (fun g -> Tensor.Expand(g, dims)))

    /// The tensor stretched to a shape that it broadcasts to.
    static member internal Expand(a: Tensor, shape: int[]) : Tensor =
        if Shape.equal a.Dims shape then
            a
        else
            match a.Tape with
            | null ->
                if not (Shape.equal (Shape.broadcast "expand" a.Dims shape) shape) then
                    Shape.refuse
                        "expand"
                        $"expected a shape that {Shape.text a.Dims} can be stretched to, received {Shape.text shape}"

                let strides = Shape.stretchedStrides a.Dims shape
                Tensor.Plain(a.Storage.Backend.Strided(a.Storage, 0, strides, shape), shape)
            | tape ->
                let dims = a.Dims
                tape.Record(Tensor.Expand(a.Primal, shape), a, (fun g -> Tensor.SumTo(g, dims)))

    /// Sum, element by element.
    static member (+)(a: Tensor, b: Tensor) : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null -> Tensor.Zip("add", BinaryOperation.Add, a, b)
        | tape ->
            let x, y = a.Dims, b.Dims
            tape.Record(tape.Strip a + tape.Strip b, a, (fun g -> Tensor.SumTo(g, x)), b, (fun g -> Tensor.SumTo(g, y)))

    /// Difference, element by element.
    static member (-)(a: Tensor, b: Tensor) : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null -> Tensor.Zip("subtract", BinaryOperation.Subtract, a, b)
        | tape ->
            let x, y = a.Dims, b.Dims

            tape.Record(
                tape.Strip a - tape.Strip b,
                a,
                (fun g -> Tensor.SumTo(g, x)),
                b,
                (fun g -> Tensor.SumTo(-g, y))
            )

    /// Product, element by element.
    static member (*)(a: Tensor, b: Tensor) : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null -> Tensor.Zip("multiply", BinaryOperation.Multiply, a, b)
        | tape ->
            let x, y = tape.Strip a, tape.Strip b

            tape.Record(x * y, a, (fun g -> Tensor.SumTo(g * y, x.Dims)), b, (fun g -> Tensor.SumTo(g * x, y.Dims)))

    /// Quotient, element by element.
    static member (/)(a: Tensor, b: Tensor) : Tensor =
        match Tape.Later(a.Tape, b.Tape) with
        | null -> Tensor.Zip("divide", BinaryOperation.Divide, a, b)
        | tape ->
            let x, y = tape.Strip a, tape.Strip b
            let z = x / y

            tape.Record(z, a, (fun g -> Tensor.SumTo(g / y, x.Dims)), b, (fun g -> Tensor.SumTo(-(g / y) * z, y.Dims)))

    /// The negative of each element.
    static member (~-)(a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Map(UnaryOperation.Negate, a, 0.0)
        | tape -> tape.Record(-a.Primal, a, (fun g -> -g))

    /// Adds a number to each element.
    static member (+)(a: Tensor, b: float) : Tensor = a + Tensor.Scalar b
    /// Adds a number to each element.
    static member (+)(a: float, b: Tensor) : Tensor = Tensor.Scalar a + b
    /// Subtracts a number from each element.
    static member (-)(a: Tensor, b: float) : Tensor = a - Tensor.Scalar b
    /// A number minus each element.
    static member (-)(a: float, b: Tensor) : Tensor = Tensor.Scalar a - b
    /// Multiplies each element by a number.
    static member (*)(a: Tensor, b: float) : Tensor = a * Tensor.Scalar b
    /// Multiplies each element by a number.
    static member (*)(a: float, b: Tensor) : Tensor = Tensor.Scalar a * b
    /// Divides each element by a number.
    static member (/)(a: Tensor, b: float) : Tensor = a / Tensor.Scalar b
    /// A number divided by each element.
    static member (/)(a: float, b: Tensor) : Tensor = Tensor.Scalar a / b

    /// Shape and numbers, the latter shortened.
    override t.ToString() =
        let numbers = storage.Backend.ToArray storage
        let shown = numbers |> Seq.truncate 8 |> Seq.map Wording.short
        let more = if numbers.Length > 8 then ", …" else ""
        $"""Tensor {Shape.text shape} [{String.Join(", ", shown)}{more}]"""
