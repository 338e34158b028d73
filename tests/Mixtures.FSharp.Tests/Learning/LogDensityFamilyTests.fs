module Mixtures.Tests.LogDensityFamilyTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.EmReferenceTests

let private halfLog2Pi = 0.5 * log (2.0 * Math.PI)

/// A 1-D Gaussian component written as a user would.
let private normal =
    Component.ofLogDensity
        "my-normal"
        [ "mean", 1; "log-scale", 1 ]
        (fun point sds -> [| point[0]; log (0.5 * sds[0]) |])
        (fun p rows ->
            let x = Tensor.select 1 0 rows
            let logScale = Tensor.select 0 1 p
            let z = (x - Tensor.select 0 0 p) * Tensor.exp -logScale
            -0.5 * Tensor.square z - logScale - halfLog2Pi)

/// Laplace components, which no built-in family covers.
let private laplace =
    Component.ofLogDensity
        "laplace"
        [ "location", 1; "log-scale", 1 ]
        (fun point sds -> [| point[0]; log (0.5 * sds[0]) |])
        (fun p rows ->
            let logScale = Tensor.select 0 1 p

            let z =
                Tensor.abs (Tensor.select 1 0 rows - Tensor.select 0 0 p) * Tensor.exp -logScale

            -z - logScale - log 2.0)

let private waiting = lazy (faithful.Value.Select [ "waiting" ])

[<Fact>]
let ``EM and gradient descent fit a written Gaussian as they fit the built-in one`` () =
    let builtIn =
        Em.fit Em.defaults (Gaussian.spec CovarianceStructure.Diagonal 2) waiting.Value

    let spec = MixtureSpec.Create(normal, 2)
    let em = Em.fit { Em.defaults with Restarts = 2 } spec waiting.Value
    Assert.Equal(builtIn.LogLikelihood, em.LogLikelihood, 1e-4)
    Assert.Equal(builtIn.Parameters, em.Parameters)
    Assert.Equal(0, em.Certificate.MonotonicityViolations)
    // the certificate's gradient is a real one
    Assert.InRange(em.Certificate.LargestGradient, 1e-15, 1e-3)

    let begun =
        Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 0
            }
            spec
            waiting.Value

    Assert.True(begun.Certificate.LargestGradient > 1e-3)

    let gradient =
        Gradient.fit { Gradient.defaults with Restarts = 2 } spec waiting.Value

    Assert.Equal(builtIn.LogLikelihood, gradient.LogLikelihood, 1e-6)

[<Fact>]
let ``Generalised EM never lets the log-likelihood fall`` () =
    let fit =
        Em.fit
            { Em.defaults with
                Restarts = 1
                Accelerate = false
                MaxIterations = 50
            }
            (MixtureSpec.Create(laplace, 2))
            waiting.Value

    for i in 1 .. fit.History.Length - 1 do
        Assert.True(fit.History[i] >= fit.History[i - 1] - 1e-9 * abs fit.History[i])

    Assert.True(fit.History[fit.History.Length - 1] > fit.History[0] + 1.0)
    // scoring, prediction and densities work as for any mixture
    Assert.Equal(fit.LogLikelihood, Mixture.score fit.Mixture waiting.Value, 1e-8)
    Assert.Equal(2, (Mixture.predict fit.Mixture waiting.Value |> Array.distinct).Length)

[<Fact>]
let ``A log-density of the wrong shape or that is no number is refused with the family's name`` () =
    let fit family =
        Em.fit { Em.defaults with Restarts = 1 } (MixtureSpec.Create(family, 2)) waiting.Value
        |> ignore

    let start (point: float[]) (_: float[]) = [| point[0] |]
    let wrongShape = Component.ofLogDensity "wrong" [ "mean", 1 ] start (fun p _ -> p)
    let error = Assert.ThrowsAny<Exception>(fun () -> fit wrongShape)
    Assert.Contains("'wrong'", error.Message)
    Assert.Contains("one number for each", error.Message)

    let notANumber =
        Component.ofLogDensity "broken" [ "mean", 1 ] start (fun p rows ->
            Tensor.log (Tensor.select 1 0 rows * -1.0) + Tensor.select 0 0 p)

    let error = Assert.ThrowsAny<Exception>(fun () -> fit notANumber)
    Assert.Contains("'broken' is NaN for the row", error.Message)

    Assert.Throws<InvalidOperationException>(fun () ->
        let fitted =
            Em.fit { Em.defaults with Restarts = 1 } (MixtureSpec.Create(laplace, 2)) waiting.Value

        Mixture.sample (RandomKey.ofSeed 1) 3 fitted.Mixture |> ignore)
    |> fun e -> Assert.Contains("withSampler", e.Message)
