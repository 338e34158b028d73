namespace Mixtures

open System

/// Anderson's acceleration of a fixed-point iteration θ → g(θ) (Anderson 1965; Walker & Ni 2011, type II; for EM:
/// Henderson & Varadhan 2019). It proposes the combination of the last images whose residuals g(θ) - θ nearly cancel.
/// The caller judges the proposal and forgets the past when it is bad.
[<Sealed>]
type internal Anderson(memory: int) =
    let residualSteps = ResizeArray<float[]>()
    let imageSteps = ResizeArray<float[]>()
    let mutable lastResidual: float[] = [||]
    let mutable lastImage: float[] = [||]

    let dot (a: float[]) (b: float[]) =
        let mutable sum = 0.0

        for i in 0 .. a.Length - 1 do
            sum <- sum + a[i] * b[i]

        sum

    /// Forgets all steps.
    member _.Reset() =
        residualSteps.Clear()
        imageSteps.Clear()
        lastResidual <- [||]
        lastImage <- [||]

    /// Takes θ and g(θ), and proposes the next θ: g(θ) itself while nothing is known, or where numbers are not finite.
    member this.Propose(point: float[], image: float[]) : float[] =
        let residual = Array.map2 (-) image point

        if not (Array.forall Double.IsFinite residual) then
            this.Reset()
            image
        else
            if lastResidual.Length = residual.Length then
                residualSteps.Add(Array.map2 (-) residual lastResidual)
                imageSteps.Add(Array.map2 (-) image lastImage)

                if residualSteps.Count > memory then
                    residualSteps.RemoveAt 0
                    imageSteps.RemoveAt 0
            else
                this.Reset()

            lastResidual <- residual
            lastImage <- image
            let m = residualSteps.Count

            if m = 0 then
                image
            else
                // min |f - ΔF γ|² with a small ridge, by normal equations
                let normal =
                    Array.init (m * m) (fun at -> dot residualSteps[at / m] residualSteps[at % m])

                let trace = Seq.sum (seq { for i in 0 .. m - 1 -> normal[i * m + i] })

                for i in 0 .. m - 1 do
                    normal[i * m + i] <- normal[i * m + i] + 1e-12 * trace

                let gamma = Array.init m (fun i -> dot residualSteps[i] residual)

                match Cholesky.tryFactor m (ReadOnlySpan normal) with
                | ValueNone ->
                    this.Reset()
                    image
                | ValueSome factor ->
                    Cholesky.solveLower m factor (Span gamma)
                    Cholesky.solveUpper m factor (Span gamma)
                    let proposal = Array.copy image

                    for i in 0 .. m - 1 do
                        let step = imageSteps[i]

                        for at in 0 .. proposal.Length - 1 do
                            proposal[at] <- proposal[at] - gamma[i] * step[at]

                    if Array.forall Double.IsFinite proposal then
                        proposal
                    else
                        this.Reset()
                        image
