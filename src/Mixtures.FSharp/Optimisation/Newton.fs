namespace Mixtures

open System

/// Newton's method for small problems, with the exact Hessian and a line search. Each step solves (H + E) d = -g, where
/// E is 0 if H is safely positive definite; otherwise the eigenvalues of H, in the parameters' own scales, are replaced by
/// their sizes and kept from 0 (Nocedal & Wright 2006, section 3.4), so that it descends from saddles, and flat
/// directions (softmax logits have one) do no harm. Cost: n³ a step.
[<RequireQualifiedAccess>]
module Newton =

    /// Smallest eigenvalue or squared pivot that is trusted, in units of the largest, where the diagonal is scaled to 1.
    let private trusted = 1e-11

    /// The symmetric part of the Hessian in coordinates in which its diagonal is about 1, and the scales of these.
    let private scale n (hessian: float[]) =
        let largest = Seq.max (seq { for i in 0 .. n - 1 -> abs hessian[i * n + i] })

        let scales =
            Array.init n (fun i ->
                let own = abs hessian[i * n + i]
                // a diagonal of 0 gets the largest one's scale
                let size = if own > 1e-60 * largest then own else largest
                if size > 0.0 then 1.0 / sqrt size else 1.0)

        let scaled =
            Array.init (n * n) (fun at ->
                let i = at / n
                let j = at % n
                0.5 * (hessian[at] + hessian[j * n + i]) * scales[i] * scales[j])

        struct (scaled, scales)

    let private safeFactor n (scaled: float[]) =
        match Cholesky.tryFactor n (ReadOnlySpan scaled) with
        | ValueSome factor when
            Seq.forall (fun i -> factor[i * n + i] * factor[i * n + i] > trusted) (seq { 0 .. n - 1 })
            ->
            ValueSome factor
        | _ -> ValueNone

    /// -(H + E)⁻¹ g, and whether E was needed.
    let internal direction (hessian: float[]) (gradient: float[]) : struct (float[] * bool) =
        let n = gradient.Length
        let struct (scaled, scales) = scale n hessian
        let vector = Array.init n (fun i -> -gradient[i] * scales[i])

        match safeFactor n scaled with
        | ValueSome factor ->
            Cholesky.solveLower n factor (Span vector)
            Cholesky.solveUpper n factor (Span vector)
            struct (Array.map2 (*) vector scales, false)
        | ValueNone ->
            let struct (values, vectors) = Eigen.symmetric n scaled
            let least = values |> Array.map abs |> Array.max |> (*) trusted
            let result = Array.zeroCreate n

            // Σ q qᵀ v / |λ|
            for k in 0 .. n - 1 do
                let mutable along = 0.0

                for i in 0 .. n - 1 do
                    along <- along + vectors[i * n + k] * vector[i]

                let size = max (abs values[k]) least
                let share = if size > 0.0 then along / size else along

                for i in 0 .. n - 1 do
                    result[i] <- result[i] + share * vectors[i * n + k]

            struct (Array.map2 (*) result scales, true)

    /// The minimiser as a pair of pure functions, from the objective and its Hessian (n x n, row-major, one row a
    /// parameter; its symmetric part is used). A Hessian of another length raises ArgumentException.
    let create (search: LineSearchOptions) (objective: Objective) (hessian: float[] -> float[]) : Minimiser<unit> =
        LineSearch.check search

        {
            Name = "newton"
            Init = MinimiserState.start objective ()
            Step =
                fun state ->
                    let point = state.Point
                    let n = point.Parameters.Length
                    let second = hessian point.Parameters

                    if second.Length <> n * n then
                        invalidArg (nameof hessian) $"expected {n * n} numbers ({n} x {n}), received {second.Length}"

                    if not (Vectors.isFinite second) then
                        MinimiserState.next state (LineSearch.nowhere LineSearchOutcome.NotFinite point) () false 0
                    else
                        let struct (down, corrected) = direction second point.Gradient

                        let down =
                            if Vectors.isFinite down then
                                down
                            else
                                Vectors.scaled -1.0 point.Gradient

                        let found = LineSearch.search search objective down 1.0 point
                        MinimiserState.next state found () corrected found.Evaluations
        }

    /// Minimises from a start with the default line search.
    let minimise (options: MinimiseOptions) (objective: Objective) (hessian: float[] -> float[]) (start: float[]) =
        Minimiser.run options (create LineSearch.defaults objective hessian) start
