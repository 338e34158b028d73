/// Priors of parameters in gradient fits, against closed forms.
module Mixtures.Tests.PriorTests

open System
open Xunit
open Mixtures

let private column (values: float list) =
    Dataset.ofArray2D (array2D [ for v in values -> [ v ] ])

let private fit (spec: MixtureSpec) data =
    Gradient.fit { Gradient.defaults with Restarts = 1 } spec data

let private only (spec: MixtureSpec) data =
    (fit spec data).Mixture |> Families.parameters |> Array.head |> Array.head

/// Catches a prior that is left out, counted per row, or taken in other coordinates than the parameter's own.
[<Fact>]
let ``one component with a conjugate prior has the mode of the closed form`` () =
    let counts = [ 3.0; 0.0; 5.0; 2.0; 4.0; 1.0 ]
    let n, sum = float counts.Length, List.sum counts
    let a, b = 3.0, 2.0

    let poisson =
        MixtureSpec.Create(Families.poisson, 1)
        |> MixtureSpec.withPrior "rates" (Prior.gamma a b)

    Assert.Equal((sum + a - 1.0) / (n + b), (only poisson (column counts))[0], 1e-7)

    let geometric =
        MixtureSpec.Create(Families.geometric, 1)
        |> MixtureSpec.withPrior "probabilities" (Prior.beta a b)

    Assert.Equal((n + a - 1.0) / (n + sum + a + b - 2.0), (only geometric (column counts))[0], 1e-7)

    let times = [ 0.5; 1.5; 0.25; 3.0 ]

    let exponential =
        MixtureSpec.Create(Families.exponential, 1)
        |> MixtureSpec.withPrior "rates" (Prior.gamma a b)

    Assert.Equal((4.0 + a - 1.0) / (List.sum times + b), (only exponential (column times))[0], 1e-7)

    let levels = [ 0.0; 1.0; 1.0; 2.0; 2.0; 2.0 ]
    let alpha = [| 2.0; 3.0; 1.5 |]

    let categorical =
        MixtureSpec.Create(Families.categoricalOf [| 3 |], 1)
        |> MixtureSpec.withPrior "probabilities" (Prior.dirichlet alpha)

    let found = only categorical (column levels)
    let total = 6.0 + Array.sum alpha - 3.0

    for l in 0..2 do
        let count = levels |> List.filter ((=) (float l)) |> List.length |> float
        Assert.Equal((count + alpha[l] - 1.0) / total, found[l], 1e-7)

/// Catches a joint prior whose parts are mixed up: the mode of mean and covariance under NIW(m, κ, ν, Ψ) is
/// Σ = (Ψ + S + κN/(κ+N) (x̄-m)(x̄-m)ᵀ) / (ν + N + D + 2), μ = (κm + N x̄)/(κ + N).
[<Fact>]
let ``mean and covariance under a normal-inverse-Wishart prior`` () =
    let rows =
        array2D [ [ 1.0; 2.0 ]; [ 2.0; 1.0 ]; [ 4.0; 5.0 ]; [ 3.0; 2.5 ]; [ 0.5; 1.0 ] ]

    let n, d = 5.0, 2.0
    let m = [| 1.0; -1.0 |]
    let kappa, nu = 2.0, 5.0
    let psi = array2D [ [ 2.0; 0.3 ]; [ 0.3; 1.0 ] ]

    let spec =
        Gaussian.spec CovarianceStructure.Full 1
        |> MixtureSpec.withPrior "components" (Prior.normalInverseWishart m kappa nu psi)

    let found = Gaussian.view (fit spec (Dataset.ofArray2D rows)).Mixture
    let mean = Array.init 2 (fun c -> Array.average [| for i in 0..4 -> rows[i, c] |])

    for c in 0..1 do
        Assert.Equal((kappa * m[c] + n * mean[c]) / (kappa + n), found.Means[0].[c], 1e-6)

    for i in 0..1 do
        for j in 0..1 do
            let scatter =
                Seq.sum (seq { for r in 0..4 -> (rows[r, i] - mean[i]) * (rows[r, j] - mean[j]) })

            let expected =
                (psi[i, j]
                 + scatter
                 + kappa * n / (kappa + n) * (mean[i] - m[i]) * (mean[j] - m[j]))
                / (nu + n + d + 2.0)

            Assert.Equal(expected, found.Covariances[0].[i, j], 1e-6)

/// Catches a prior of one component that reaches another.
[<Fact>]
let ``a prior per component keeps components apart`` () =
    let data = column [ 0.0; 0.1; 10.0; 10.2; 0.3; 9.9 ]

    let spec =
        Gaussian.spec CovarianceStructure.Diagonal 2
        |> MixtureSpec.withPrior
            "means"
            (Normal.distribution (Tensor.ofShape [| 2; 1 |] [| 10.0; 0.0 |]) (Tensor.scalar 0.5))
        |> MixtureSpec.withPrior "scales" (Prior.logNormal 0.0 1.0)

    let found = Gaussian.view (Gradient.fit Gradient.defaults spec data).Mixture
    Assert.InRange(found.Means[0].[0], 9.0, 11.0)
    Assert.InRange(found.Means[1].[0], -1.0, 1.0)

/// Catches an M-step under a conjugate prior that does not raise the log joint density, or that stops elsewhere than where
/// the gradient of it is zero.
[<Fact>]
let ``EM under conjugate priors ends where the log joint density has no gradient`` () =
    let stream = (RandomKey.ofSeed 8).Stream()

    let twoColumns =
        Dataset.ofArray2D (
            Array2D.init 80 2 (fun i c -> (if i % 2 = 0 then 0.0 else 3.0 + float c) + stream.NextNormal())
        )

    let counts =
        Dataset.ofArray2D (
            Array2D.init 80 2 (fun i _ -> float (Poisson.sample (if i % 2 = 0 then 2.0 else 9.0) stream))
        )

    let bits =
        Dataset.ofArray2D (
            Array2D.init 60 4 (fun i _ ->
                if stream.NextDouble() < (if i % 2 = 0 then 0.2 else 0.7) then
                    1.0
                else
                    0.0)
        )

    let matrix = array2D [ [ 2.0; 0.3 ]; [ 0.3; 1.0 ] ]

    let full, tied =
        Gaussian.spec CovarianceStructure.Full 2, Gaussian.spec CovarianceStructure.Tied 2

    let diagonal, spherical =
        Gaussian.spec CovarianceStructure.Diagonal 2, Gaussian.spec CovarianceStructure.Spherical 2

    let prior = MixtureSpec.withPrior

    let cases =
        [
            twoColumns,
            full
            |> prior "components" (Prior.normalInverseWishart [| 1.0; 1.0 |] 0.5 4.0 matrix)
            twoColumns,
            full
            |> prior "means" (Prior.normal 1.0 2.0)
            |> prior "covariances" (Prior.inverseWishart 4.0 matrix)
            twoColumns,
            tied
            |> prior "means" (Prior.normal 1.0 2.0)
            |> prior "precision_matrices" (Prior.wishart 5.0 matrix)
            twoColumns,
            diagonal
            |> prior "means" (Prior.normal 1.0 2.0)
            |> prior "precisions" (Prior.gamma 3.0 2.0)
            twoColumns,
            diagonal
            |> prior "variances" (Prior.inverseGamma 3.0 2.0)
            |> MixtureSpec.withWeightsPrior 3.0
            twoColumns, spherical |> prior "precisions" (Prior.gamma 3.0 2.0)
            twoColumns, spherical |> prior "means" (Prior.normal 0.0 1.0)
            counts, MixtureSpec.Create(Families.poisson, 2) |> prior "rates" (Prior.gamma 4.0 2.0)
            counts,
            MixtureSpec.Create(Families.geometric, 2)
            |> prior "probabilities" (Prior.beta 4.0 2.0)
            counts,
            MixtureSpec.Create(Families.binomial 30, 2)
            |> prior "probabilities" (Prior.beta 4.0 2.0)
            counts,
            MixtureSpec.Create(Families.exponential, 2)
            |> prior "rates" (Prior.gamma 4.0 2.0)
            bits,
            MixtureSpec.Create(Families.bernoulli, 2)
            |> prior "probabilities" (Prior.beta 2.0 3.0)
            bits,
            MixtureSpec.Create(Families.categoricalOf [| 2; 2; 2; 2 |], 2)
            |> prior "probabilities" (Prior.dirichlet [| 3.0; 2.0 |])
        ]

    for data, spec in cases do
        let what =
            fst spec.Priors.Parameters.Head
            + " of "
            + spec.Family.Name
            + " "
            + spec.Family.Structure

        let fit =
            Em.fit
                { Em.defaults with
                    Restarts = 3
                    Tolerance = 1e-12
                }
                spec
                data

        Assert.True(fit.Certificate.MonotonicityViolations = 0, what + ": the objective fell")
        Assert.True(fit.Certificate.LargestGradient < 2e-5, $"{what}: gradient {fit.Certificate.LargestGradient}")
        // and the same point is a fixed one of the gradient learner: its loss does not fall from there
        let again =
            Gradient.fit
                { Gradient.defaults with
                    Start = GivenModel fit.Mixture
                }
                spec
                data

        Assert.True(again.Losses[0] - again.Loss < 1e-6, $"{what}: {again.Losses[0]} fell to {again.Loss}")

[<Fact>]
let ``EM refuses priors that are not conjugate, with those that are`` () =
    let refused (expected: string) (spec: MixtureSpec) =
        let e =
            Assert.Throws<FitException>(fun () -> Em.fit Em.defaults spec (column [ 0.0; 1.0; 5.0; 6.0 ]) |> ignore)

        Assert.Contains(expected, e.Message)
        Assert.Contains("by gradient (MAP)", e.Message)

    Gaussian.spec CovarianceStructure.Diagonal 2
    |> MixtureSpec.withPrior "scales" (Prior.logNormal 0.0 1.0)
    |> refused "of scales expected a prior of one of means, variances, precisions"

    MixtureSpec.Create(Families.poisson, 2)
    |> MixtureSpec.withPrior "rates" (Prior.logNormal 0.0 1.0)
    |> refused "of rates expected a gamma distribution, received a log-normal distribution"

    MixtureSpec.Create(Families.negativeBinomial, 2)
    |> MixtureSpec.withPrior "successes" (Prior.gamma 1.0 1.0)
    |> refused "of successes expected none, for the parameter has no conjugate prior"

    let positive = column [ 0.5; 1.0; 5.0; 6.0 ]

    let e =
        Assert.Throws<FitException>(fun () ->
            Em.fit
                Em.defaults
                (MixtureSpec.Create(Families.weibull, 1)
                 |> MixtureSpec.withPrior "scales" (Prior.gamma 1.0 1.0))
                positive
            |> ignore)

    Assert.Contains("EM takes no priors of the weibull family's parameters", e.Message)

/// Catches a prior of one column that is taken for all of them, in EM and in the gradient fit.
[<Fact>]
let ``priors within products reach their own columns`` () =
    let data =
        Dataset.ofArray2D (array2D [ for i in 0..5 -> [ float i; float (i % 2) ] ])
        |> fun d -> d.WithColumnNames [| "visits"; "smoker" |]

    let spec =
        Product.spec [ "visits", Families.poisson; "smoker", Families.bernoulli ] 1
        |> MixtureSpec.withPrior "visits.rates" (Prior.gamma 3.0 2.0)
        |> MixtureSpec.withPrior "probabilities" (Prior.beta 5.0 2.0)

    for mixture in [ (Em.fit Em.defaults spec data).Mixture; (fit spec data).Mixture ] do
        Assert.Equal((15.0 + 2.0) / (6.0 + 2.0), (mixture.Components.Mean 0)[0], 1e-6)
        Assert.Equal((3.0 + 4.0) / (6.0 + 5.0), (mixture.Components.Mean 0)[1], 1e-6)

[<Fact>]
let ``bad priors are refused`` () =
    let refused expected (make: unit -> MixtureSpec) =
        let e = Assert.Throws<ArgumentException>(fun () -> make () |> ignore)
        Assert.Contains(expected, e.Message)

    let spec = Gaussian.spec CovarianceStructure.Full 2

    refused "expected a positive concentration of the weights' Dirichlet process, received 0" (fun () ->
        spec.WithPriors
            { Priors.None with
                Weights = DirichletProcess 0.0
            })

    refused "expected positive concentrations of the weights' Dirichlet prior, received -1" (fun () ->
        MixtureSpec.withWeightsPrior -1.0 spec)

    refused "received several of means" (fun () ->
        spec.WithPriors
            { Priors.None with
                Parameters = [ "means", Prior.normal 0.0 1.0; "means", Prior.normal 1.0 1.0 ]
            })

/// Catches a weight that the prior pushes to zero and that takes the fit to NaN, or to a limit that is never reached.
[<Fact>]
let ``a concentration below 1 may push a weight to zero, and says so`` () =
    let stream = (RandomKey.ofSeed 2).Stream()

    let data =
        column [ for i in 0..39 -> (if i % 2 = 0 then 0.0 else 8.0) + stream.NextNormal() ]

    let spec =
        Gaussian.spec CovarianceStructure.Tied 5 |> MixtureSpec.withWeightsPrior 0.01

    let fit =
        Em.fit
            { Em.defaults with
                Start = RandomResponsibilities
                Restarts = 3
            }
            spec
            data

    Assert.True(fit.History |> Array.forall Double.IsFinite)
    Assert.True(fit.Mixture.Weights |> Array.forall Double.IsFinite)
    Assert.Equal(1.0, Array.sum fit.Mixture.Weights, 1e-12)
    Assert.Contains(0.0, fit.Mixture.Weights)
    Assert.Equal(Converged, fit.Termination)
    Assert.Contains(fit.Warnings, fun w -> w.Contains "pushed the weight of component")

/// Catches a gradient fit that returns a point on its way to a weight of zero.
[<Fact>]
let ``gradient fits tell starts that run away to a weight of zero`` () =
    let spec =
        Gaussian.spec CovarianceStructure.Spherical 3
        |> MixtureSpec.withWeightsPrior 0.05

    let e =
        Assert.Throws<FitException>(fun () ->
            Gradient.fit Gradient.defaults spec (column [ 0.0; 1.0; 10.0; 11.0; 12.0 ])
            |> ignore)

    Assert.Contains("Every start ran away: a weight falls to 0", e.Message)
