namespace Mixtures

/// How a value with tensors in it, such as a record of parameters, is taken apart into tensors and put together again.
[<NoEquality; NoComparison>]
type TensorStructure<'P> =
    {
        /// The tensors of a value, in a fixed order.
        Flatten: 'P -> Tensor[]
        /// The value of as many tensors, in the same order.
        Rebuild: Tensor[] -> 'P
    }

/// Differentiation by records, tuples and lists of tensors, and their numbers as one vector for optimisers.
[<RequireQualifiedAccess>]
module TensorStructure =

    /// A structure from its two directions.
    let create (flatten: 'P -> Tensor list) (rebuild: Tensor list -> 'P) =
        {
            Flatten = flatten >> List.toArray
            Rebuild = Array.toList >> rebuild
        }

    /// One tensor.
    let tensor: TensorStructure<Tensor> =
        {
            Flatten = Array.singleton
            Rebuild = Array.head
        }

    /// Two tensors.
    let pair: TensorStructure<Tensor * Tensor> =
        {
            Flatten = fun (a, b) -> [| a; b |]
            Rebuild = fun t -> t[0], t[1]
        }

    /// Three tensors.
    let triple: TensorStructure<Tensor * Tensor * Tensor> =
        {
            Flatten = fun (a, b, c) -> [| a; b; c |]
            Rebuild = fun t -> t[0], t[1], t[2]
        }

    /// The value of a scalar function of a structured value, and its gradient in the same structure.
    let valueAndGrad (structure: TensorStructure<'P>) (f: 'P -> Tensor) (parameters: 'P) : struct (Tensor * 'P) =
        let struct (y, gradients) =
            Tensor.valueAndGrads (structure.Rebuild >> f) (structure.Flatten parameters)

        struct (y, structure.Rebuild gradients)

    /// The gradient of a scalar function of a structured value, in the same structure.
    let grad structure f parameters =
        let struct (_, gradient) = valueAndGrad structure f parameters
        gradient

    /// All numbers of a structured value as a tensor of one axis.
    let toVector (structure: TensorStructure<'P>) (parameters: 'P) : Tensor =
        structure.Flatten parameters
        |> Array.map (Tensor.reshape [| -1 |])
        |> Tensor.concatenate 0

    /// A value with the numbers of a vector, of the shapes of another.
    let ofVector (structure: TensorStructure<'P>) (like: 'P) (vector: Tensor) : 'P =
        let shapes = structure.Flatten like |> Array.map _.Dims
        let sizes = shapes |> Array.map Shape.size

        if vector.Rank <> 1 || vector.Count <> Array.sum sizes then
            Shape.refuse
                "ofVector"
                $"expected a vector of {Array.sum sizes} numbers, received shape {Shape.text vector.Dims}"

        let starts = Array.scan (+) 0 sizes

        Array.init shapes.Length (fun i -> vector |> Tensor.slice 0 starts[i] sizes[i] |> Tensor.reshape shapes[i])
        |> structure.Rebuild
