namespace Mixtures

open System

/// One run of coordinate ascent from one start: the fold of EM, with the guide's expectations in place of parameters.
[<Sealed>]
type internal CaviRun
    (
        data: FitData,
        isProcess: bool,
        concentrations: float[],
        prior: CaviBlock,
        reorders: bool,
        tolerance: float,
        // the statistics that the first update is from
        first: EStep
    ) =
    let history = ResizeArray<float>()

    let convergence =
        Convergence(tolerance, data.Scale.TotalWeight, data.Reference, true)

    let units = data.Pass.LogUnits data.Reference

    /// A larger component first raises the bound of a process, whose sticks prefer it, and changes nothing else
    /// (Kurihara, Welling & Teh 2007).
    let inOrder (block: CaviBlock) (counts: float[]) =
        let order =
            [| 0 .. counts.Length - 1 |] |> Array.sortBy (fun k -> struct (-counts[k], k))

        if not reorders || order = [| 0 .. counts.Length - 1 |] then
            struct (block, counts)
        else
            struct (block.Choose order, order |> Array.map (fun k -> counts[k]))

    let guideOf (block: CaviBlock) (step: EStep) =
        let struct (block, counts) = inOrder (block.Update step.Statistics) step.Counts
        struct (block, WeightsPosterior.update isProcess concentrations counts)

    let struct (firstBlock, firstWeights) = guideOf prior first
    let mutable block = firstBlock
    let mutable weights = firstWeights
    let mutable iterations = 0

    let pass centres =
        let kernel =
            data.Pass.KernelOf(
                block.Components,
                {
                    Reference = data.Reference
                    Centres = centres
                    // as in EM: responsibilities sum to one, so that tied second moments follow from the data's scatter
                    Whole =
                        if data.Scale.Scatter.Length > 0 then
                            ValueSome data.Scale
                        else
                            ValueNone
                    Width = int data.Pass.Execution.Width
                }
            )

        data.Pass.GradientStep(kernel, Array.map2 (+) (WeightsPosterior.expectedLogs weights) block.Offsets)

    let expect () =
        let step = pass ValueNone

        // where the means are so far from the rows that second moments lost digits, collect these around the rows' means
        match block.Components.Family.Recentre step.Statistics with
        | ValueSome centres -> pass (ValueSome centres)
        | ValueNone -> step

    let mutable step = expect ()

    let terms () =
        {
            Evidence = step.LogLikelihood - units
            WeightsDivergence = WeightsPosterior.divergence concentrations weights
            ComponentsDivergence = block.Divergence
        }

    let bound () =
        let t = terms ()
        t.Evidence - t.WeightsDivergence - t.ComponentsDivergence

    let record () =
        let value = bound ()

        if not (Double.IsFinite value) then
            raise (FitException(NotFinite iterations))

        history.Add value
        convergence.Add(value, (fun () -> block.Components.Magnification data.Reference))

    do record ()

    member _.Block = block
    member _.Weights = weights
    member _.EStep = step
    member _.Terms = terms ()
    member _.Bound = history[history.Count - 1]
    member _.History = history.ToArray()
    member _.Iterations = iterations
    member _.Converged = convergence.Converged
    member _.Violations = convergence.Violations

    /// Runs to convergence or to the limit, calling after each iteration with the iteration, the bound and its change; stops
    /// early when the callback returns false.
    member _.Advance(limit: int, after: int -> float -> float -> bool) =
        let mutable going = true

        while going && iterations < limit && not convergence.Converged do
            let before = history[history.Count - 1]
            let struct (nextBlock, nextWeights) = guideOf block step
            block <- nextBlock
            weights <- nextWeights
            step <- expect ()
            iterations <- iterations + 1
            record ()
            let now = history[history.Count - 1]
            going <- after iterations now (now - before)
