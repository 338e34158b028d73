namespace Mixtures

open System
open System.Numerics.Tensors

/// The Bernoulli family: columns of zeros and ones (or numbers between) that are independent within a component.
[<Sealed>]
type internal BernoulliFamily() =
    let statisticsOf (statistics: IStatistics) =
        match statistics with
        | :? BernoulliStatistics as s -> s
        | _ -> invalidArg (nameof statistics) "expected Bernoulli statistics"

    let componentsOf (components: IComponents) =
        match components with
        | :? BernoulliComponents as c -> c
        | _ -> invalidArg (nameof components) "expected Bernoulli components"

    let create (family: IComponentFamily) count dimension (probabilities: float[]) =
        BernoulliComponents(
            family,
            count,
            dimension,
            probabilities
            |> Array.map (BernoulliProbability.bound >> BernoulliProbability.logit)
        )

    /// The log-odds of a probability that no data pulled to the bounds.
    let gentle p = max 0.02 (min 0.98 p)

    member this.Create(count, dimension, probabilities) : IComponents =
        create this count dimension probabilities

    /// Components from log-odds, K x D.
    member this.OfLogits(count, dimension, logits: float[]) : IComponents =
        BernoulliComponents(this, count, dimension, logits)

    interface IColumnwiseFamily with
        member this.Bind _ = this
        member _.KeepsConstantColumns = true
        member _.Expected _ = "0, 1 or a number between"

        member _.FirstRefused(_, values) =
            if TensorPrimitives.Min values >= 0.0 && TensorPrimitives.Max values <= 1.0 then
                -1
            else
                let mutable at = 0

                while values[at] >= 0.0 && values[at] <= 1.0 do
                    at <- at + 1

                at

        member _.Warnings(components, columns) =
            [
                if components > 1 && columns.Length = 1 then
                    $"Column '{columns[0]}' alone, of zeros and ones, cannot tell {components} components apart: every mixture of them is one Bernoulli distribution. Add columns."
            ]

    interface IComponentFamily with
        member _.Name = "bernoulli"
        member _.Structure = "independent"
        member _.UsesScatter = false
        member _.EstimatesSpread = false
        member _.Check(_, _) = ValueNone

        member this.Estimate(statistics, previous, _, _) =
            let s = statisticsOf statistics
            let d = s.Dimension

            let before =
                match previous with
                | ValueSome p -> (componentsOf p).Probabilities
                | ValueNone -> Array.create s.Sums.Length 0.5

            create
                this
                s.Counts.Length
                d
                (Array.init s.Sums.Length (fun at ->
                    let n = s.CountOf(at / d, at % d)
                    if n > 0.0 then s.Sums[at] / n else before[at]))

        member _.Recentre _ = ValueNone

        member this.At(points, scale) =
            let d = scale.Means.Length
            // half way between the point and the mean of all rows
            create
                this
                (points.Length / d)
                d
                (Array.init points.Length (fun at -> gentle (0.5 * (points[at] + scale.Means[at % d]))))

        member this.Start(statistics, _, scale, _) =
            let s = statisticsOf statistics
            let d = s.Dimension

            // two rows' worth of the mean of all rows, so that no probability starts at 0 or 1
            create
                this
                s.Counts.Length
                d
                (Array.init s.Sums.Length (fun at ->
                    let weight = 2.0 * scale.TotalWeight / max 1.0 scale.EffectiveRows

                    gentle (
                        (s.Sums[at] + weight * scale.Means[at % d])
                        / (s.CountOf(at / d, at % d) + weight)
                    )))

        // an accelerated step may leave the bounds, from which the next M-step would fall back
        member this.Project(components, _, _) =
            let logits = (componentsOf components).Logits

            if logits |> Array.forall (fun l -> abs l <= BernoulliProbability.LargestLogit) then
                components
            else
                let most = BernoulliProbability.LargestLogit
                this.OfLogits(components.Count, components.Dimension, logits |> Array.map (max -most >> min most))

        member this.Reseed(components, k, point, scale) =
            let d = components.Dimension
            let logits = Array.copy (componentsOf components).Logits
            let fresh = componentsOf ((this :> IComponentFamily).At(point, scale))
            fresh.Logits.CopyTo(logits, k * d)
            BernoulliComponents(this, components.Count, d, logits)

        member _.Health(components, _) =
            Array.create
                components.Count
                {
                    SmallestEigenvalue = 1.0
                    ConditionNumber = 1.0
                }

        member _.LargestGradient(statistics, components, _, _) =
            let s = statisticsOf statistics
            let c = componentsOf components
            let p = c.Probabilities
            let total = Array.sum s.Counts
            let mutable worst = 0.0

            for at in 0 .. p.Length - 1 do
                // in the scale of the column's own spread; probabilities at their bounds are held there
                let held =
                    p[at] <= 1.001 * BernoulliProbability.Least
                    || p[at] >= 1.0 - 1.001 * BernoulliProbability.Least

                if not held then
                    let n = s.CountOf(at / s.Dimension, at % s.Dimension)
                    worst <- max worst (abs (s.Sums[at] - n * p[at]) / sqrt (p[at] * (1.0 - p[at])) / total)

            worst

        member _.ToVector(components, _) =
            Array.copy (componentsOf components).Logits

        member this.OfVector(vector, like, _) =
            BernoulliComponents(this, like.Count, like.Dimension, vector)

        member _.VectorParts components =
            [| struct ("log-odds", components.Count * components.Dimension) |]

        member _.Gradient(statistics, components, _) =
            let s = statisticsOf statistics
            let gradient = (componentsOf components).Probabilities
            let d = s.Dimension

            // Σ a x - n p
            if s.ColumnCounts.Length > 0 then
                for at in 0 .. gradient.Length - 1 do
                    gradient[at] <- s.Sums[at] - s.CountOf(at / d, at % d) * gradient[at]
            else
                for k in 0 .. s.Counts.Length - 1 do
                    let own = Span<float>(gradient, k * d, d)
                    TensorPrimitives.Multiply(Span.op_Implicit own, -s.Counts[k], own)
                    TensorPrimitives.Add(Span.op_Implicit own, ReadOnlySpan(s.Sums, k * d, d), own)

            ValueSome gradient

        member _.LogDensity(vector, like, _, rows) =
            let logits = Tensor.reshape [| like.Count; like.Dimension |] vector
            let struct (logits, rows) = MissingRows.drop logits rows
            let rest = Tensor.sumOver [| 1 |] false (Tensor.softplus logits)
            Tensor.matmul rows (Tensor.transpose logits) - rest

        member _.Natural(vector, like, _, columns) =
            let names =
                [|
                    for k in 1 .. like.Count do
                        for c in columns -> $"probability[{k}][{c}]"
                |]

            struct (names, Tensor.sigmoid vector)

        member _.Embed(components, _, _) = components

    interface IConjugateFamily with
        member this.WithPriors(like, _, priors) =
            let count, d = like.Count, like.Dimension
            ConjugatePriors.onlyOf [ "probabilities" ] priors
            let name, prior = List.exactlyOne priors

            if prior.Name <> "beta" then
                ConjugatePriors.refuse name prior "a beta distribution"

            let parameter i =
                ConjugatePriors.numbers [| count; d |] prior.Parameters[i]

            let a, b = parameter 0, parameter 1

            fun statistics before _ _ ->
                let s = statisticsOf statistics
                let old = (componentsOf before).Probabilities

                Array.init (count * d) (fun at ->
                    let all = s.CountOf(at / d, at % d) + a[at] + b[at] - 2.0

                    if all > 0.0 then
                        Math.Clamp((s.Sums[at] + a[at] - 1.0) / all, 0.0, 1.0)
                    else
                        old[at])
                |> fun probabilities -> create this count d probabilities :> IComponents

    interface IParametricFamily with
        member _.Parameters(like, _, _, wanted) =
            let site =
                {
                    Name = "probabilities"
                    Batch = [| like.Count; like.Dimension |]
                    Support = Support.UnitInterval
                }

            ParameterSites.check "bernoulli" wanted [| site |]

            {
                Sites = [| site |]
                ToVector = fun values -> ParameterSites.flat (Bijector.sigmoid.Inverse values[0])
                OfVector = fun vector -> [| Tensor.reshape site.Batch (Tensor.sigmoid vector) |]
            }
