namespace Mixtures

open System

/// Reverse-mode differentiation. Derivatives are tensors computed by tensor operations, so differentiations nest.
[<RequireQualifiedAccess>]
module internal Differentiation =

    let private zeros (t: Tensor) =
        Tensor.Expand(Tensor.Scalar 0.0, t.Dims)

    let private isScalar operation (y: Tensor) =
        if y.Count <> 1 then
            Shape.refuse
                operation
                $"expected a function whose result is one number, received a result of shape {Shape.text y.Dims}; take the jacobian, or reduce the result by sum or mean"

    /// The value of a function of several tensors, and its derivatives times a seed of the value's shape.
    let pullback (f: Tensor[] -> Tensor) (inputs: Tensor[]) keep : struct (Tensor * (Tensor -> Tensor[])) =
        let tape = Tape()
        let tracked = inputs |> Array.map tape.Input
        let y = f tracked

        if obj.ReferenceEquals(y.Tape, tape) then
            let back seed =
                tape.Backward(y, seed, tracked, keep)
                |> Array.mapi (fun i g ->
                    match g with
                    | ValueSome g -> g
                    | ValueNone -> zeros inputs[i])

            struct (y.Primal, back)
        else
            struct (y, (fun _ -> inputs |> Array.map zeros))

    /// The value of a scalar function of several tensors and its gradients.
    let valueAndGradients operation (f: Tensor[] -> Tensor) (inputs: Tensor[]) : struct (Tensor * Tensor[]) =
        let struct (y, back) = pullback f inputs false
        isScalar operation y
        struct (y, back (Tensor.Expand(Tensor.Scalar 1.0, y.Dims)))

    let valueAndGradient operation (f: Tensor -> Tensor) (x: Tensor) : struct (Tensor * Tensor) =
        let struct (y, gradients) =
            valueAndGradients operation (fun inputs -> f inputs[0]) [| x |]

        struct (y, gradients[0])

    /// ∂y/∂x of the shape of y and then that of x.
    let jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        let struct (y, back) = pullback (fun inputs -> f inputs[0]) [| x |] true

        let rows =
            Array.init y.Count (fun i ->
                let seed = Array.zeroCreate<float> y.Count
                seed[i] <- 1.0
                (back (Tensor.OfArray(seed, y.Dims)))[0])

        let shape = Array.append y.Dims x.Dims

        if rows.Length = 0 then
            Tensor.OfArray(Array.empty<float>, shape)
        else
            Tensor.WithShape(ShapeOperations.stack 0 rows, shape)

    /// A scalar function whose value and gradients are computed together by a kernel, as one step of the tape. Where
    /// its gradient is differentiated in turn, the composed form, made of tensor operations, takes its place.
    let rec fused
        (value: Tensor[] -> Tensor)
        (valueAndGradients: Tensor[] -> struct (Tensor * Tensor[]))
        (composed: Tensor[] -> Tensor)
        (inputs: Tensor[])
        : Tensor =
        match Tape.Latest inputs with
        | null -> value inputs
        | tape ->
            let stripped = inputs |> Array.map tape.Strip

            if isNull (Tape.Latest stripped) then
                let struct (y, gradients) = valueAndGradients stripped
                tape.Record(y, inputs, (fun i g -> g * gradients[i]))
            else
                composed inputs
