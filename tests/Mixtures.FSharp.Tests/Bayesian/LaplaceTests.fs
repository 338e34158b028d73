/// Laplace's approximation against exact evidence.
module Mixtures.Tests.LaplaceTests

open Xunit
open Mixtures
open Mixtures.Tests

/// Two well-separated components of known standard deviation 1 with normal priors of their means and uniform weights: one
/// labelling (and its mirror) has all of the evidence, which is then known in closed form.
[<Fact>]
let ``the evidence of a well-separated conjugate mixture`` () =
    let stream = (RandomKey.ofSeed 11).Stream()
    let left = [| for _ in 1..30 -> -10.0 + stream.NextNormal() |]
    let right = [| for _ in 1..20 -> 10.0 + stream.NextNormal() |]

    /// log ∫ N(m; 0, 15²) Π N(x; m, 1) dm
    let marginal (x: float[]) =
        let n = float x.Length
        let total = Array.sum x
        let precision = n + 1.0 / 225.0

        -0.5 * n * log (2.0 * System.Math.PI)
        - 0.5 * log (225.0 * precision)
        - 0.5 * (Array.sumBy (fun v -> v * v) x - total * total / precision)

    let beta =
        SpecialFunctions.logGamma 31.0 + SpecialFunctions.logGamma 21.0
        - SpecialFunctions.logGamma 52.0

    let exact = log 2.0 + beta + marginal left + marginal right

    let spec =
        Gaussian.known (KnownCovariance.StandardDeviation(1.0, 1)) 2
        |> MixtureSpec.withWeightsPrior 1.0
        |> MixtureSpec.withPrior "means" (Prior.normal 0.0 15.0)

    let data = Dataset.ofArray2D (array2D [ for x in Array.append left right -> [ x ] ])
    let laplace = Laplace.fit MapEstimate.defaults (SpecModel.ofSpec spec data)
    Assert.Equal(exact, laplace.LogEvidence, 0.3)
    Assert.Equal(exact, laplace.ImportanceLogEvidence, 0.05)
    Assert.True laplace.IsReliable
    // the posterior standard deviations of the means are 1 / √(n + 1/225)
    let errors = (laplace.StandardError "means").ToArray() |> Array.sort
    Assert.Equal(1.0 / sqrt (30.0 + 1.0 / 225.0), errors[0], 1e-6)
    Assert.Equal(1.0 / sqrt (20.0 + 1.0 / 225.0), errors[1], 1e-6)

/// Catches priors of columns that are taken for priors of components, which may then not be numbered in any order.
[<Fact>]
let ``components under the same priors of columns may be numbered in any order`` () =
    let data = EmReferenceTests.faithful.Value
    let t (rows: float list list) = Tensor.ofArray2D (array2D rows)

    let exchangeable means =
        let spec =
            Gaussian.spec CovarianceStructure.Diagonal 2
            |> MixtureSpec.withPrior "means" (Normal.distribution means (Tensor.scalar 10.0))

        (SpecModel.ofSpec spec data).Exchangeable

    Assert.Equal(2, exchangeable (Tensor.scalar 1.0))
    Assert.Equal(2, exchangeable (Tensor.ofArray [| 3.5; 70.0 |]))
    Assert.Equal(2, exchangeable (t [ [ 3.5; 70.0 ] ]))
    Assert.Equal(1, exchangeable (t [ [ 3.5 ]; [ 70.0 ] ]))
    Assert.Equal(1, exchangeable (t [ [ 3.5; 70.0 ]; [ 2.0; 60.0 ] ]))

[<Fact>]
let ``the five points are flagged`` () =
    let laplace = Laplace.fitExchangeable 2 MapEstimate.defaults FivePoints.model
    Assert.False laplace.IsReliable
    Assert.Contains(laplace.Warnings, fun w -> w.Contains "unreliable")
    // and yet not far off
    Assert.Equal(-17.1255330672, laplace.LogEvidence, 1.0)

/// Catches a covariance that is not the inverse of the curvature: a normal posterior is met exactly.
[<Fact>]
let ``a linear normal model is exact`` () =
    let program =
        bayesian {
            let! a = latent "a" (Prior.normal 1.0 2.0)
            do! observe "x" (Normal.distribution a (Tensor.scalar 0.5)) (Tensor.ofArray [| 0.0; 1.0; 2.5 |])
        }

    let laplace = Laplace.fit MapEstimate.defaults (ProgramModel.ofProgram program)
    let precision = 0.25 + 3.0 * 4.0
    Assert.Equal((0.25 + 3.5 * 4.0) / precision, laplace.Values[0].ToScalar(), 1e-9)
    Assert.Equal(1.0 / precision, laplace.Covariance[0, 0], 1e-10)
    Assert.Equal(laplace.LogEvidence, laplace.ImportanceLogEvidence, 1e-8)
    Assert.Equal(1.0, laplace.EffectiveShare, 1e-8)

[<Fact>]
let ``no mode is an error with a remedy`` () =
    let endless =
        ProgramModel.ofProgram (
            bayesian {
                let! a = latent "a" (Prior.normal 0.0 1.0)
                let! b = latent "b" (Prior.normal 0.0 1.0)
                // takes the prior of b away and leaves a slope
                do! factor "slope" (b + 0.5 * b * b - 0.0 * a)
            }
        )

    let e =
        Assert.Throws<System.InvalidOperationException>(fun () -> Laplace.fit MapEstimate.defaults endless |> ignore)

    Assert.Contains("Give proper priors", e.Message)
