module Mixtures.Tests.GradientFitTests

open System
open System.Text.Json
open System.Threading
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmReferenceTests

let private reference = lazy (ReferenceFile.json "dlworkshop.json")

let private workshop = lazy (Dataset.ofCsv (ReferenceFile.path "dlworkshop.csv"))

let private workshopSpec =
    Gaussian.spec CovarianceStructure.Diagonal 2 |> MixtureSpec.withWeightsPrior 2.0

let private near tolerance (expected: float) (actual: float) =
    Assert.True(
        abs (expected - actual) <= tolerance * max 1.0 (abs expected),
        $"expected {expected:R}, received {actual:R}"
    )

/// Weights, means and standard deviations of a 1-D mixture, by mean.
let private ordered (mixture: Mixture) =
    let view = Gaussian.view mixture

    Array.init mixture.Count (fun k -> view.Means[k][0], view.Weights[k], sqrt view.Covariances[k].[0, 0])
    |> Array.sort

let private checkOptimum (mixture: Mixture) =
    let optimum = reference.Value.GetProperty "map_optimum_dirichlet2"
    let weights = ReferenceFile.numbers (optimum.GetProperty "weights")
    let means = ReferenceFile.numbers (optimum.GetProperty "mus")
    let sds = ReferenceFile.numbers (optimum.GetProperty "scales")

    ordered mixture
    |> Array.iteri (fun k (mean, weight, sd) ->
        near 1e-6 means[k] mean
        near 1e-6 weights[k] weight
        near 1e-6 sds[k] sd)

/// Source: data/dlworkshop.json, the exact minimum of the tutorial's loss.
[<Fact>]
let ``L-BFGS, Newton, Adam with a polish and EM reach the workshop's optimum`` () =
    let optimum =
        (reference.Value.GetProperty "map_optimum_dirichlet2").GetProperty("loss").GetDouble()

    let methods =
        [
            "L-BFGS", Gradient.defaults
            "Newton",
            { Gradient.defaults with
                Method = NewtonMethod
                Restarts = 1
            }
            "Adam, polished by L-BFGS",
            { Gradient.adam 0.1 with
                Steps = 200
                Polish = PolishByQuasiNewton
            }
            "data's units",
            { Gradient.defaults with
                Standardise = false
            }
        ]

    for name, options in methods do
        let fit = Gradient.fit options workshopSpec workshop.Value
        Assert.True(abs (fit.Loss - optimum) <= 1e-8 * optimum, $"{name}: {fit.Loss:R} against {optimum:R}")
        checkOptimum fit.Mixture
        Assert.Equal(Converged, fit.Termination)

    let em = Em.fit { Em.defaults with Tolerance = 1e-14 } workshopSpec workshop.Value

    checkOptimum em.Mixture

    let prior =
        Loss.dirichlet [| 2.0 |] (Tensor.ofArray (em.Mixture.Weights |> Array.map log))

    near 1e-8 optimum (-em.LogLikelihood + prior.ToScalar())
    Assert.Equal(0, em.Certificate.MonotonicityViolations)
    Assert.InRange(em.Certificate.LargestGradient, 0.0, 1e-5)

/// Source: data/dlworkshop.json, with each step's own sensitivity to rounding as tolerance.
[<Fact>]
let ``Adam follows the workshop's trajectory as far as rounding allows`` () =
    let f = LikelihoodFunction.create workshopSpec workshop.Value
    let loss = Loss.negativeLogJoint workshopSpec f

    let optimiser =
        Adam.create
            { Adam.defaults with
                Rate = Schedule.constant 0.5
            }

    let start = reference.Value.GetProperty "params_init"

    let flatten (parameters: JsonElement) =
        [ "log_component_weights"; "component_mus"; "log_component_scales" ]
        |> Seq.collect (fun name -> ReferenceFile.numbers (parameters.GetProperty name))
        |> Seq.toArray

    let mutable x = flatten start
    let mutable state = optimiser.Init x
    let mutable step = 0

    for entry in ((reference.Value.GetProperty "adam_float64").GetProperty "trajectory").EnumerateArray() do
        let target = entry.GetProperty("step").GetInt32()

        if target <= 950 then
            while step < target do
                let struct (_, g) = Tensor.valueAndGrad loss (Tensor.ofArray x)
                let struct (moved, next) = optimiser.Step (g.ToArray()) state x
                x <- moved
                state <- next
                step <- step + 1

            let expected = flatten (entry.GetProperty "params")
            // a perturbation of 1e-12 of the start stands for rounding
            let sensitivity =
                entry.GetProperty("max_param_change_when_init_perturbed_rel_1e-12").GetDouble()

            for i in 0..5 do
                Assert.True(
                    abs (expected[i] - x[i]) <= 1e-11 + 20.0 * sensitivity,
                    $"step {target}, parameter {i}: expected {expected[i]:R}, received {x[i]:R}"
                )

[<Fact>]
let ``Gradient descent finds EM's optimum for every structure`` () =
    for structure in structures |> List.except [ CovarianceStructure.Known ] do
        let spec = Gaussian.spec structure 2
        let em = Em.fit { Em.defaults with Tolerance = 1e-12 } spec faithful.Value
        let fit = Gradient.fit Gradient.defaults spec faithful.Value
        near 1e-9 em.LogLikelihood fit.LogLikelihood
        Assert.Equal(em.Bic, fit.Fit.Bic, 1e-5)
        Assert.Equal(em.Parameters, fit.Fit.Parameters)
        Assert.True(Gaussian.view(fit.Mixture).Weights[0] >= 0.5)

[<Fact>]
let ``Batches come near the optimum, and EM from there reaches it`` () =
    let spec = Gaussian.spec CovarianceStructure.Full 2
    let em = Em.fit Em.defaults spec faithful.Value

    for batches in [ ShuffledRows 50; DrawnRows 50 ] do
        let options =
            { Gradient.adam 0.02 with
                Steps = 600
                Batches = batches
            }

        let rough = Gradient.fit options spec faithful.Value
        Assert.Equal(601, rough.Losses.Length)
        Assert.InRange(rough.LogLikelihood, em.LogLikelihood - 10.0, em.LogLikelihood + 1e-6)
        // the best parameters are those with the least loss of all rows
        near 1e-9 rough.BestLoss -rough.LogLikelihood
        let polished = Gradient.fit { options with Polish = PolishByEm } spec faithful.Value
        near 1e-8 em.LogLikelihood polished.LogLikelihood

        // the same seed gives the same bits on any number of threads
        let again = Gradient.fit { options with Threads = 7 } spec faithful.Value
        Assert.Equal<float[]>(rough.Losses, again.Losses)

[<Fact>]
let ``Frozen parts stay as they are`` () =
    let start =
        Gaussian.create
            CovarianceStructure.Diagonal
            [| 0.3; 0.7 |]
            [| [| -1.0 |]; [| 4.0 |] |]
            [| array2D [ [ 2.0 ] ]; array2D [ [ 2.0 ] ] |]

    let fit =
        Gradient.fit
            { Gradient.defaults with
                Start = GivenModel start
                Frozen = [ "means"; "logits" ]
            }
            (Gaussian.spec CovarianceStructure.Diagonal 2)
            workshop.Value

    let view = Gaussian.view fit.Mixture
    near 1e-12 -1.0 (view.Means[0][0])
    near 1e-12 4.0 (view.Means[1][0])
    near 1e-12 0.3 (view.Weights[0])
    Assert.True(abs (view.Covariances[0].[0, 0] - 2.0) > 0.1)

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            Gradient.fit
                { Gradient.defaults with
                    Frozen = [ "scale" ]
                }
                workshopSpec
                workshop.Value
            |> ignore)

    Assert.Contains("logits, means, log-scales", error.Message)

[<Fact>]
let ``Dead components are detected, reported and moved where that is asked for`` () =
    // the second component starts far from every row
    let start =
        Gaussian.create
            CovarianceStructure.Diagonal
            [| 0.5; 0.5 |]
            [| [| 3.8 |]; [| 4000.0 |] |]
            [| array2D [ [ 9.0 ] ]; array2D [ [ 0.01 ] ] |]

    let options =
        { Gradient.adam 0.05 with
            Start = GivenModel start
            Steps = 600
        }

    let spec = Gaussian.spec CovarianceStructure.Diagonal 2
    let left = Gradient.fit options spec workshop.Value
    Assert.Equal(1, left.Deaths.Length)
    Assert.Equal(1, left.Deaths.Head.Component)
    Assert.False left.Deaths.Head.Reseeded
    Assert.Contains(left.Warnings, fun w -> w.Contains "Component 2 died")
    let moved = Gradient.fit { options with Dead = ReseedDead } spec workshop.Value
    Assert.True moved.Deaths.Head.Reseeded
    Assert.True(moved.LogLikelihood > left.LogLikelihood + 100.0)

[<Fact>]
let ``A loss that stops being a number ends the steps, and the best parameters are kept`` () =
    let options =
        { Gradient.adam 1e-3 with
            Method =
                FirstOrder(
                    Sgd.create
                        { Sgd.defaults with
                            Rate = Schedule.constant 1e6
                        }
                )
            Steps = 100
        }

    let fit =
        Gradient.fit options (Gaussian.spec CovarianceStructure.Full 2) faithful.Value

    Assert.Contains(fit.Warnings, fun w -> w.Contains "not a finite number at step" && w.Contains "last finite loss")
    Assert.True(Double.IsFinite fit.LogLikelihood)
    near 1e-9 (Array.min fit.Losses) fit.BestLoss

[<Fact>]
let ``Options out of range are refused by name`` () =
    let refused (expected: string) options =
        let error =
            Assert.Throws<ArgumentException>(fun () -> Gradient.fit options workshopSpec workshop.Value |> ignore)

        Assert.Contains(expected, error.Message)

    refused
        "batches of 1 to 6000 rows"
        { Gradient.adam 0.1 with
            Batches = ShuffledRows 6001
        }

    refused "at least 0 steps" { Gradient.defaults with Steps = -1 }

    refused
        "all rows for L-BFGS"
        { Gradient.defaults with
            Batches = DrawnRows 10
        }

    Assert.Throws<ArgumentException>(fun () -> Gradient.adam 0.0 |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> workshopSpec |> MixtureSpec.withWeightsPrior -1.0 |> ignore)
    |> ignore

[<Fact>]
let ``A cancelled fit returns what was reached`` () =
    use stop = new CancellationTokenSource()

    let monitor =
        { FitMonitor.None with
            Cancellation = stop.Token
            Progress =
                fun p ->
                    if p.Iteration = 5 then
                        stop.Cancel()
        }

    for options in [ Gradient.adam 0.05; Gradient.defaults ] do
        let fit =
            Gradient.fitWith monitor options (Gaussian.spec CovarianceStructure.Diagonal 2) workshop.Value

        Assert.Equal(Interrupted, fit.Termination)
        Assert.True(fit.Losses.Length <= 8)

[<Fact>]
let ``Weights' priors keep EM monotone and pull weights together`` () =
    for concentration in [ 2.0; 200.0 ] do
        let spec =
            Gaussian.spec CovarianceStructure.Full 3
            |> MixtureSpec.withWeightsPrior concentration

        let fit = Em.fit Em.defaults spec faithful.Value
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)
        let weights = fit.Mixture.Weights

        if concentration = 200.0 then
            for w in weights do
                Assert.InRange(w, 0.2, 0.47)

/// One component: the errors of mean and standard deviation have closed forms, sd / √n and sd / √(2n).
[<Fact>]
let ``Standard errors of one Gaussian component are the textbook's`` () =
    let spec = Gaussian.spec CovarianceStructure.Diagonal 1
    let data = faithful.Value
    let fit = Em.fit Em.defaults spec data
    let n = float data.Count
    let errors = StandardErrors.ofMixture spec data fit.Mixture

    let find name =
        errors |> Array.find (fun e -> e.Name = name)

    Assert.Equal(0.0, (find "weight[1]").StandardError, 1e-12)

    for column in [ "eruptions"; "waiting" ] do
        let sd = find $"sd[1][{column}]"
        near 1e-9 (sd.Value / sqrt n) (find $"mean[1][{column}]").StandardError
        near 1e-9 (sd.Value / sqrt (2.0 * n)) sd.StandardError

/// The spread of estimates over samples drawn again from the mixture is what the errors promise.
[<Fact>]
let ``Standard errors agree with the spread of fits to samples drawn again`` () =
    let truth =
        Gaussian.create
            CovarianceStructure.Tied
            [| 0.3; 0.7 |]
            [| [| -2.0 |]; [| 2.0 |] |]
            [| array2D [ [ 1.0 ] ]; array2D [ [ 1.0 ] ] |]

    let spec = Gaussian.spec CovarianceStructure.Tied 2

    let estimates =
        Array.init 200 (fun i ->
            let sample = Mixture.sample (RandomKey.ofSeed i) 500 truth
            let data = sample

            let fit =
                Em.fit
                    { Em.defaults with
                        Start = GivenModel truth
                    }
                    spec
                    data

            let view = Gaussian.view fit.Mixture

            [|
                view.Weights[0]
                view.Means[0][0]
                view.Means[1][0]
                view.Covariances[0].[0, 0]
            |])

    let sample = Mixture.sample (RandomKey.ofSeed 1000) 500 truth

    let fit =
        Em.fit
            { Em.defaults with
                Start = GivenModel truth
            }
            spec
            sample

    let errors = StandardErrors.ofMixture spec sample fit.Mixture

    for at, name in [ 0, "weight[1]"; 1, "mean[1][x1]"; 2, "mean[2][x1]"; 3, "covariance[x1][x1]" ] do
        let values = estimates |> Array.map (fun e -> e[at])
        let mean = Array.average values
        let sd = sqrt (values |> Array.averageBy (fun v -> (v - mean) * (v - mean)))
        let error = (errors |> Array.find (fun e -> e.Name = name)).StandardError
        // the sd of 200 draws is known to 5 %, and the errors vary from sample to sample
        Assert.InRange(error / sd, 0.75, 1.3)

/// Catches components that are renumbered where the prior tells them apart, and a polish that loses the prior's part.
[<Fact>]
let ``Concentrations stay with their components`` () =
    let spec =
        (Gaussian.spec CovarianceStructure.Diagonal 2).WithPriors
            { Priors.None with
                Weights = Dirichlet [| 2.0; 200.0 |]
            }

    let lossOf (mixture: Mixture) =
        let prior =
            Loss.dirichlet [| 2.0; 200.0 |] (Tensor.ofArray (mixture.Weights |> Array.map log))

        prior.ToScalar() - Mixture.score mixture faithful.Value

    let em = Em.fit Em.defaults spec faithful.Value
    Assert.True(em.Mixture.Weights[1] > em.Mixture.Weights[0])

    for options in
        [
            Gradient.defaults
            { Gradient.adam 0.1 with
                Steps = 300
                Restarts = 6
                Polish = PolishByEm
            }
        ] do
        let fit = Gradient.fit options spec faithful.Value
        near 1e-9 (lossOf fit.Mixture) fit.Loss
        Assert.DoesNotContain(fit.Warnings, fun w -> w.StartsWith "Not converged")
        near 1e-6 em.Mixture.Weights[1] fit.Mixture.Weights[1]
