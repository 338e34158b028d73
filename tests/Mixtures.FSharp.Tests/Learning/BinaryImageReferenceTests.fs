module Mixtures.Tests.BinaryImageReferenceTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.EmLaws

// Source of every number: data/distreqx_em.json (200 binary rows of 64 columns, four components).

let private root = lazy (ReferenceFile.json "distreqx_em.json")

let private close tolerance what (expected: float) (actual: float) =
    Assert.True(
        abs (expected - actual) <= tolerance * max 1.0 (abs expected),
        $"{what}: expected {expected:R}, received {actual:R}"
    )

let private binary =
    lazy (ReferenceFile.rows (ReferenceFile.at "data_binary" root.Value))

let private startWeights =
    lazy (ReferenceFile.numbers (ReferenceFile.at "init_weights" root.Value))

let private startParameters =
    lazy (ReferenceFile.rows (ReferenceFile.at "init_params" root.Value))

let private sphere =
    Array2D.init 64 64 (fun i j -> if i = j then 0.2 * 0.2 else 0.0)

/// Catches a known covariance that the diagonal kernel mistakes, and weights or means off.
[<Fact>]
let ``EM with a known standard deviation follows the reference step by step`` () =
    let transformed = binary.Value |> Array.map (Array.map (fun b -> (b + 1e-8) * 0.99))

    let start =
        Gaussian.create CovarianceStructure.Known startWeights.Value startParameters.Value (Array.create 4 sphere)

    for name, points in [ "gmm_sigma0.2_binary", binary.Value; "gmm_sigma0.2_transformed", transformed ] do
        let data = Dataset.FromRows points
        let case = ReferenceFile.at name root.Value
        let fit = iterate start 20 data

        Array.iteri2
            (fun i e a -> close 1e-10 $"{name}, step {i}" e a)
            (ReferenceFile.numbers (ReferenceFile.at "log_likelihood_per_step_0_to_20" case))
            fit.History

        for result in (ReferenceFile.at "results" case).EnumerateArray() do
            let step = (ReferenceFile.at "steps" result).GetInt32()
            let view = Gaussian.view (iterate start step data).Mixture

            Array.iteri2
                (fun k e a -> close 1e-10 $"{name}, step {step}, weight {k}" e a)
                (ReferenceFile.numbers (ReferenceFile.at "weights" result))
                view.Weights

            Array.iteri2
                (fun k -> Array.iteri2 (fun d e a -> close 1e-10 $"{name}, step {step}, component {k}, column {d}" e a))
                (ReferenceFile.rows (ReferenceFile.at "params" result))
                view.Means

/// Catches a gradient or an Adam step off in either family.
[<Fact>]
let ``Gradient descent follows the reference's Adam trajectories`` () =
    let data = Dataset.FromRows binary.Value
    let logit p = log (p / (1.0 - p))

    let check name (spec: MixtureSpec) (start: float[]) =
        let f = LikelihoodFunction.create spec data
        let loss = Loss.meanNegativeLogLikelihoodOf f

        let optimiser =
            Adam.create
                { Adam.defaults with
                    Rate = Schedule.constant 0.1
                }

        let mutable x = Array.append startWeights.Value start
        let mutable state = optimiser.Init x
        let mutable step = 0

        for entry in (ReferenceFile.at "trajectory" (ReferenceFile.at name root.Value)).EnumerateArray() do
            while step < (ReferenceFile.at "step" entry).GetInt32() do
                let struct (_, g) = Tensor.valueAndGrad loss (Tensor.ofArray x)
                let struct (moved, next) = optimiser.Step (g.ToArray()) state x
                x <- moved
                state <- next
                step <- step + 1

            let struct (value, gradient) = Tensor.valueAndGrad loss (Tensor.ofArray x)
            close 1e-8 $"{name}, step {step}, loss" ((ReferenceFile.at "loss" entry).GetDouble()) (value.ToScalar())
            let gradient = gradient.ToArray()

            for part, first in [ "grad_logits", 0; "grad_params", 4 ] do
                match entry.TryGetProperty part with
                | true, expected ->
                    let expected =
                        if part = "grad_logits" then
                            ReferenceFile.numbers expected
                        else
                            Array.concat (ReferenceFile.rows expected)

                    expected
                    |> Array.iteri (fun i e -> close 1e-8 $"{name}, step {step}, {part} {i}" e gradient[first + i])
                | _ -> ()

    check "sgd_gmm" (Gaussian.known (KnownCovariance.StandardDeviation(0.2, 64)) 4) (Array.concat startParameters.Value)

    check "sgd_bmm" (BernoulliMixture.spec 4) (startParameters.Value |> Array.concat |> Array.map logit)

/// An all-equal start is an exact fixed point of EM; a person should be told.
[<Fact>]
let ``A start with equal components stays where it is, and there is a warning`` () =
    let equal = Array.create 4 (Array.create 64 0.25)
    let data = Dataset.FromRows binary.Value

    for start in
        [
            Gaussian.create CovarianceStructure.Known startWeights.Value equal (Array.create 4 sphere)
            BernoulliMixture.create startWeights.Value equal
        ] do
        let fit =
            Em.fit
                { Em.defaults with
                    Start = GivenModel start
                }
                start.Spec
                data

        Assert.Contains(fit.Warnings, fun w -> w.Contains "components are equal")
        Array.iter2 (fun e a -> close 1e-12 "weight" e a) startWeights.Value fit.Mixture.Weights
