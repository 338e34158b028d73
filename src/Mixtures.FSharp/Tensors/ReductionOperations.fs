namespace Mixtures

/// Reductions over axes: each with its value and its rule.
[<RequireQualifiedAccess>]
module internal Reductions =

    /// Drops the axes flagged, which have size 1, unless they are to stay.
    let private finish keepDim flags (dims: int[]) (kept: Tensor) =
        if keepDim then
            kept
        else
            Tensor.WithShape(kept, Shape.reduced false flags dims)

    let rec private sumKept (flags: bool[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Reduce(Reduction.Sum, a, flags)
        | tape ->
            let dims = a.Dims
            tape.Record(sumKept flags a.Primal, a, (fun g -> Tensor.Expand(g, dims)))

    let sum axes keepDim (a: Tensor) =
        let flags = Shape.chosen "sum" a.Rank axes
        sumKept flags a |> finish keepDim flags a.Dims

    let mean axes keepDim (a: Tensor) =
        let flags = Shape.chosen "mean" a.Rank axes
        let kept = sumKept flags a

        if a.Count = 0 then
            Shape.refuse "mean" $"expected at least one element, received shape {Shape.text a.Dims}"

        finish keepDim flags a.Dims (kept * (float kept.Count / float a.Count))

    let rec private extremeKept operation (flags: bool[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Reduce(operation, a, flags)
        | tape ->
            let x = a.Primal
            let y = extremeKept operation flags x
            let chosen = Elementwise.equal x y
            // where several are equal, they share the derivative
            let share = chosen / sumKept flags chosen
            tape.Record(y, a, (fun g -> g * share))

    let max axes keepDim (a: Tensor) =
        let flags = Shape.chosen "max" a.Rank axes
        extremeKept Reduction.Max flags a |> finish keepDim flags a.Dims

    let min axes keepDim (a: Tensor) =
        let flags = Shape.chosen "min" a.Rank axes
        extremeKept Reduction.Min flags a |> finish keepDim flags a.Dims

    let rec private logSumExpKept (flags: bool[]) (a: Tensor) : Tensor =
        match a.Tape with
        | null -> Tensor.Reduce(Reduction.LogSumExp, a, flags)
        | tape ->
            let x = a.Primal
            let y = logSumExpKept flags x
            tape.Record(y, a, (fun g -> g * Elementwise.expDifference x y))

    let logSumExp axes keepDim (a: Tensor) =
        let flags = Shape.chosen "logsumexp" a.Rank axes
        logSumExpKept flags a |> finish keepDim flags a.Dims

    let softmax axis (a: Tensor) =
        Elementwise.expDifference a (logSumExp [| axis |] true a)

    let logSoftmax axis (a: Tensor) = a - logSumExp [| axis |] true a
