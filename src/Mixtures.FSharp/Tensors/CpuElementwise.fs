namespace Mixtures

open System
open System.Numerics.Tensors

/// Element-wise operations on arrays.
[<RequireQualifiedAccess>]
module internal CpuElementwise =

    let inline private each (x: ReadOnlySpan<float>) (y: Span<float>) ([<InlineIfLambda>] f: float -> float) =
        for i in 0 .. x.Length - 1 do
            y[i] <- f x[i]

    let private mapSpan (operation: UnaryOperation) (parameter: float) (x: ReadOnlySpan<float>) (y: Span<float>) =
        match operation with
        | UnaryOperation.Negate -> TensorPrimitives.Negate(x, y)
        | UnaryOperation.Exp -> TensorPrimitives.Exp(x, y)
        | UnaryOperation.Log -> TensorPrimitives.Log(x, y)
        | UnaryOperation.Log1p -> each x y SpecialFunctions.log1p
        | UnaryOperation.Expm1 -> each x y SpecialFunctions.expm1
        | UnaryOperation.Sqrt -> TensorPrimitives.Sqrt(x, y)
        | UnaryOperation.Abs -> TensorPrimitives.Abs(x, y)
        | UnaryOperation.Sign ->
            each x y (fun v ->
                if v > 0.0 then 1.0
                elif v < 0.0 then -1.0
                else v)
        | UnaryOperation.Sigmoid -> TensorPrimitives.Sigmoid(x, y)
        | UnaryOperation.Softplus -> each x y SpecialFunctions.softplus
        | UnaryOperation.Tanh -> TensorPrimitives.Tanh(x, y)
        | UnaryOperation.Reciprocal -> TensorPrimitives.Divide(1.0, x, y)
        | UnaryOperation.Square -> TensorPrimitives.Multiply(x, x, y)
        | UnaryOperation.Sin -> each x y sin
        | UnaryOperation.Cos -> each x y cos
        | UnaryOperation.Erf -> each x y ErrorFunction.erf
        | UnaryOperation.LogGamma -> each x y SpecialFunctions.logGamma
        | UnaryOperation.Polygamma ->
            let order = int parameter
            each x y (fun v -> SpecialFunctions.polygamma order v)
        | UnaryOperation.LogScaledBesselI0 -> each x y (fun v -> Bessel.logScaledI0 (abs v))
        | UnaryOperation.BesselRatioComplement -> each x y (fun v -> Bessel.ratioComplement (abs v))
        | UnaryOperation.Power -> each x y (fun v -> Math.Pow(v, parameter))
        | UnaryOperation.IsNaN -> each x y (fun v -> if Double.IsNaN v then 1.0 else 0.0)
        | other -> invalidArg (nameof operation) $"expected a unary operation, received {other}"

    let map operation parameter (x: float[]) : float[] =
        let y = GC.AllocateUninitializedArray x.Length

        // some primitives refuse to do nothing
        if x.Length > 0 then
            CpuChunks.run x.Length (fun start count ->
                mapSpan operation parameter (ReadOnlySpan(x, start, count)) (Span(y, start, count)))

        y

    let private expDifference (a: float) (b: float) =
        let d = a - b

        if not (Double.IsNaN d) then d
        elif Double.IsNegativeInfinity a then a
        elif a = b then 0.0
        else d

    let private xlogy (a: float) (b: float) = if a = 0.0 then 0.0 else a * log b

    /// The operation on two numbers; the exponential of ExpDifference is left to the caller.
    let private scalar operation (a: float) (b: float) =
        match operation with
        | BinaryOperation.Add -> a + b
        | BinaryOperation.Subtract -> a - b
        | BinaryOperation.Multiply -> a * b
        | BinaryOperation.Divide -> a / b
        | BinaryOperation.Power -> Math.Pow(a, b)
        | BinaryOperation.Maximum -> Math.Max(a, b)
        | BinaryOperation.Minimum -> Math.Min(a, b)
        | BinaryOperation.Less -> if a < b then 1.0 else 0.0
        | BinaryOperation.LessOrEqual -> if a <= b then 1.0 else 0.0
        | BinaryOperation.Equal -> if a = b then 1.0 else 0.0
        | BinaryOperation.ExpDifference -> expDifference a b
        | BinaryOperation.XLogY -> xlogy a b
        | other -> invalidArg (nameof operation) $"expected a binary operation, received {other}"

    let private finish operation (y: Span<float>) =
        if operation = BinaryOperation.ExpDifference then
            TensorPrimitives.Exp(Span.op_Implicit y, y)

    let private zipSpans operation (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) (y: Span<float>) =
        match operation with
        | BinaryOperation.Add -> TensorPrimitives.Add(a, b, y)
        | BinaryOperation.Subtract -> TensorPrimitives.Subtract(a, b, y)
        | BinaryOperation.Multiply -> TensorPrimitives.Multiply(a, b, y)
        | BinaryOperation.Divide -> TensorPrimitives.Divide(a, b, y)
        | _ ->
            for i in 0 .. y.Length - 1 do
                y[i] <- scalar operation a[i] b[i]

            finish operation y

    let private zipRight operation (a: ReadOnlySpan<float>) (b: float) (y: Span<float>) =
        match operation with
        | BinaryOperation.Add -> TensorPrimitives.Add(a, b, y)
        | BinaryOperation.Subtract -> TensorPrimitives.Subtract(a, b, y)
        | BinaryOperation.Multiply -> TensorPrimitives.Multiply(a, b, y)
        | BinaryOperation.Divide -> TensorPrimitives.Divide(a, b, y)
        | _ ->
            for i in 0 .. y.Length - 1 do
                y[i] <- scalar operation a[i] b

            finish operation y

    let private zipLeft operation (a: float) (b: ReadOnlySpan<float>) (y: Span<float>) =
        match operation with
        | BinaryOperation.Add -> TensorPrimitives.Add(b, a, y)
        | BinaryOperation.Subtract -> TensorPrimitives.Subtract(a, b, y)
        | BinaryOperation.Multiply -> TensorPrimitives.Multiply(b, a, y)
        | BinaryOperation.Divide -> TensorPrimitives.Divide(a, b, y)
        | _ ->
            for i in 0 .. y.Length - 1 do
                y[i] <- scalar operation a b[i]

            finish operation y

    /// Runs along the last axis that are shorter than this are stretched out in memory first.
    [<Literal>]
    let private ShortRun = 16

    let private zipWhole operation (a: float[]) (b: float[]) (y: float[]) =
        CpuChunks.run y.Length (fun start count ->
            zipSpans operation (ReadOnlySpan(a, start, count)) (ReadOnlySpan(b, start, count)) (Span(y, start, count)))

    let zip operation (a: float[]) (aShape: int[]) (b: float[]) (bShape: int[]) (shape: int[]) : float[] =
        let size = Shape.size shape
        let y = GC.AllocateUninitializedArray<float> size

        if size = 0 then
            ()
        elif a.Length = size && b.Length = size then
            zipWhole operation a b y
        elif b.Length = 1 && a.Length = size then
            CpuChunks.run size (fun start count ->
                zipRight operation (ReadOnlySpan(a, start, count)) b[0] (Span(y, start, count)))
        elif a.Length = 1 && b.Length = size then
            CpuChunks.run size (fun start count ->
                zipLeft operation a[0] (ReadOnlySpan(b, start, count)) (Span(y, start, count)))
        else
            let aStrides = Shape.stretchedStrides aShape shape
            let bStrides = Shape.stretchedStrides bShape shape
            let struct (sizes, steps) = Strides.coalesce shape [| aStrides; bStrides |]
            let last = sizes.Length - 1
            let run = sizes[last]

            if run < ShortRun then
                let stretch (x: float[]) strides =
                    if x.Length = size then
                        x
                    else
                        let whole = GC.AllocateUninitializedArray<float> size
                        Strides.copy x 0 strides shape whole
                        whole

                zipWhole operation (stretch a aStrides) (stretch b bStrides) y
            else
                let stepA, stepB = steps[0][last], steps[1][last]

                Strides.walk2 sizes steps[0] steps[1] (fun at i j ->
                    let target = Span(y, at, run)

                    if stepA = 1 && stepB = 1 then
                        zipSpans operation (ReadOnlySpan(a, i, run)) (ReadOnlySpan(b, j, run)) target
                    elif stepA = 1 then
                        zipRight operation (ReadOnlySpan(a, i, run)) b[j] target
                    else
                        zipLeft operation a[i] (ReadOnlySpan(b, j, run)) target)

        y

    let where (condition: float[]) (a: float[]) (b: float[]) : float[] =
        let y = GC.AllocateUninitializedArray a.Length

        for i in 0 .. y.Length - 1 do
            y[i] <- if condition[i] <> 0.0 then a[i] else b[i]

        y
