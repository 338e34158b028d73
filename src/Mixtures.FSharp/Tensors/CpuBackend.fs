namespace Mixtures

open System

/// Numbers in an array of this process.
[<Sealed>]
type internal CpuStorage(backend: ITensorBackend, values: float[]) =
    inherit TensorStorage()
    member _.Values = values
    override _.Backend = backend
    override _.DType = DType.Float64
    override _.Length = values.Length

/// Tensors in the memory of this process: vector instructions, several threads for large ones, nothing to install.
[<Sealed>]
type CpuBackend private () =
    static let instance = CpuBackend()

    static let values (storage: TensorStorage) =
        match storage with
        | :? CpuStorage as s -> s.Values
        | other ->
            invalidArg
                (nameof storage)
                $"expected a tensor of backend cpu, received one of backend {other.Backend.Name}"

    let store values : TensorStorage = CpuStorage(instance, values)

    /// The backend; it has no state.
    static member Instance: ITensorBackend = instance

    interface ITensorBackend with
        member _.Name = "cpu"
        member _.OfArray array = store array
        member _.ToArray storage = values storage
        member _.Item(storage, index) = (values storage)[index]

        member _.Full(length, value) = store (Array.create length value)

        member _.Map(operation, x, parameter) =
            store (CpuElementwise.map operation parameter (values x))

        member _.Zip(operation, a, aShape, b, bShape, shape) =
            store (CpuElementwise.zip operation (values a) aShape (values b) bShape shape)

        member _.Where(condition, a, b) =
            store (CpuElementwise.where (values condition) (values a) (values b))

        member _.Reduce(operation, x, outer, reduced, inner) =
            store (CpuReduce.reduce operation (values x) outer reduced inner)

        member _.Strided(x, offset, strides, shape) =
            let target = GC.AllocateUninitializedArray<float>(Shape.size shape)
            Strides.copy (values x) offset strides shape target
            store target

        member _.StridedAdd(x, offset, strides, shape, length) =
            let target = Array.zeroCreate<float> length
            Strides.add (values x) offset strides shape target
            store target

        member _.Gather(x, indices) =
            let source = values x
            store (indices |> Array.map (fun i -> source[i]))

        member _.ScatterAdd(x, indices, length) =
            let source = values x
            let target = Array.zeroCreate<float> length

            for i in 0 .. indices.Length - 1 do
                target[indices[i]] <- target[indices[i]] + source[i]

            store target

        member _.Concatenate(parts, sizes, outer) =
            let total = Array.sum sizes
            let target = GC.AllocateUninitializedArray<float>(total * outer)
            let mutable first = 0

            for p in 0 .. parts.Length - 1 do
                let source = values parts[p]

                for o in 0 .. outer - 1 do
                    Array.blit source (o * sizes[p]) target (o * total + first) sizes[p]

                first <- first + sizes[p]

            store target

        member _.MatMul(a, transposeA, aBatch, b, transposeB, bBatch, batches, rows, shared, columns) =
            store (
                CpuLinearAlgebra.matMul
                    (values a)
                    transposeA
                    aBatch
                    (values b)
                    transposeB
                    bBatch
                    batches
                    rows
                    shared
                    columns
            )

        member _.Cholesky(a, batches, dimension) =
            let struct (l, bad) = CpuLinearAlgebra.cholesky (values a) batches dimension
            struct (store l, bad)

        member _.SolveLower(l, transposed, b, batches, dimension, columns) =
            store (CpuLinearAlgebra.solveLower (values l) transposed (values b) batches dimension columns)

        member _.LowerTriangle(x, batches, rows, columns, diagonal) =
            store (CpuLinearAlgebra.lowerTriangle (values x) batches rows columns diagonal)
