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

[<Fact>]
let ``EM says that it takes no priors of parameters`` () =
    let spec =
        Gaussian.spec CovarianceStructure.Diagonal 2
        |> MixtureSpec.withPrior "scales" (Prior.logNormal 0.0 1.0)

    let e =
        Assert.Throws<FitException>(fun () -> Em.fit Em.defaults spec (column [ 0.0; 1.0; 5.0; 6.0 ]) |> ignore)

    Assert.Contains("there is one of scales: fit by gradient (MAP)", e.Message)

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
