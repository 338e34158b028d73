/// Coordinate ascent: laws, exact evidence of small data, prediction, hostile input.
module Mixtures.Tests.CaviTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let private lg = SpecialFunctions.logGamma

let private column (values: float list) =
    Dataset.ofArray2D (array2D [ for v in values -> [ v ] ])

/// log Σ over all labellings of p(labels) Π p(rows of a component): the exact evidence.
let private evidence (count: int) (concentration: float) (rows: int) (marginal: int list -> float) =
    let total = pown count rows

    LogSumExp.ofArray (
        Array.init total (fun code ->
            let labels = Array.init rows (fun i -> code / pown count i % count)

            let sizes =
                Array.init count (fun k -> labels |> Array.filter ((=) k) |> Array.length |> float)

            let weights =
                lg (concentration * float count) - lg (concentration * float count + float rows)
                + Array.sumBy (fun n -> lg (concentration + n) - lg concentration) sizes

            weights
            + Seq.sum (
                seq {
                    for k in 0 .. count - 1 ->
                        marginal
                            [
                                for i in 0 .. rows - 1 do
                                    if labels[i] = k then
                                        i
                            ]
                }
            ))
    )

/// log p(x) of one column's rows under mean and variance of a normal-inverse-gamma prior (Murphy 2007, equation 95).
let private normalMarginal (m: float) kappa nu psi (x: float list) =
    let n = float x.Length

    if n = 0.0 then
        0.0
    else
        let mean = List.average x
        let scatter = x |> List.sumBy (fun v -> (v - mean) * (v - mean))
        let psiN = psi + scatter + kappa * n / (kappa + n) * (mean - m) * (mean - m)

        lg (0.5 * (nu + n)) - lg (0.5 * nu) + 0.5 * nu * log psi
        - 0.5 * (nu + n) * log psiN
        + 0.5 * log (kappa / (kappa + n))
        - 0.5 * n * log Math.PI

[<Fact>]
let ``the bound stays below the exact evidence, and near it where labels are certain`` () =
    let x = [ 0.1; -0.4; 0.3; 8.0; 8.4; 7.7; 8.1; -0.2 ]

    let exact =
        evidence 2 1.0 8 (fun rows -> normalMarginal 4.0 0.1 3.0 1.0 [ for i in rows -> x[i] ])

    let prior = Prior.normalInverseWishart [| 4.0 |] 0.1 3.0 (array2D [ [ 1.0 ] ])

    // one column: full, diagonal and spherical are the same model
    for structure in
        [
            CovarianceStructure.Full
            CovarianceStructure.Diagonal
            CovarianceStructure.Spherical
        ] do
        let spec =
            Gaussian.spec structure 2
            |> MixtureSpec.withWeightsPrior 1.0
            |> MixtureSpec.withPrior "components" prior

        let fit = Cavi.fit Cavi.defaults spec (column x)
        Assert.True(fit.Bound < exact, $"{fit.Bound} is not below {exact}")
        // one of two labellings, each certain
        Assert.Equal(exact, fit.Bound + log 2.0, 0.1)

    // overlapping rows: still below
    let y = [ 0.0; 1.0; 1.5; 2.0; 3.0; 3.5; 4.0; 2.5 ]

    let exact =
        evidence 2 1.0 8 (fun rows -> normalMarginal 4.0 0.1 3.0 1.0 [ for i in rows -> y[i] ])

    let spec =
        Gaussian.spec CovarianceStructure.Full 2
        |> MixtureSpec.withWeightsPrior 1.0
        |> MixtureSpec.withPrior "components" prior

    Assert.True((Cavi.fit Cavi.defaults spec (column y)).Bound < exact)

[<Fact>]
let ``bounds of Bernoulli and categorical mixtures stay below the exact evidence`` () =
    let rows =
        [|
            [| 1; 1; 1; 1; 0 |]
            [| 1; 1; 1; 1; 1 |]
            [| 0; 0; 0; 0; 0 |]
            [| 0; 0; 0; 1; 0 |]
            [| 1; 1; 0; 1; 1 |]
            [| 0; 0; 0; 0; 1 |]
        |]

    let data = Dataset.ofArray2D (Array2D.init 6 5 (fun i c -> float rows[i].[c]))
    let logBeta a b = lg a + lg b - lg (a + b)

    let marginal (members: int list) =
        Seq.sum (
            seq {
                for c in 0..4 do
                    let ones = members |> List.sumBy (fun i -> rows[i].[c]) |> float
                    logBeta (2.0 + ones) (2.0 + float members.Length - ones) - logBeta 2.0 2.0
            }
        )

    let exact = evidence 2 1.0 6 marginal

    let bound spec =
        (Cavi.fit
            { Cavi.defaults with
                Start = RandomResponsibilities
            }
            spec
            data)
            .Bound

    let bernoulli =
        bound (
            BernoulliMixture.spec 2
            |> MixtureSpec.withWeightsPrior 1.0
            |> MixtureSpec.withPrior "probabilities" (Prior.beta 2.0 2.0)
        )

    // the same model as levels
    let categorical =
        bound (
            MixtureSpec.Create(Families.categoricalOf [| 2; 2; 2; 2; 2 |], 2)
            |> MixtureSpec.withWeightsPrior 1.0
            |> MixtureSpec.withPrior "probabilities" (Prior.dirichlet [| 2.0; 2.0 |])
        )

    Assert.Equal(bernoulli, categorical, 1e-8)
    Assert.True(bernoulli < exact)
    Assert.Equal(exact, bernoulli + log 2.0, 1.0)

[<Fact>]
let ``the bound never falls, whatever the model`` () =
    forSeeds 15 (fun stream ->
        let d = between 1 3 stream
        let k = between 1 4 stream
        let structure = structures[stream.NextInt32 4]

        let weights =
            if stream.NextDouble() < 0.5 then
                DirichletProcess(0.2 + 3.0 * stream.NextDouble())
            else
                Dirichlet [| 0.1 + 2.0 * stream.NextDouble() |]

        let check (spec: MixtureSpec) data start =
            let fit =
                Cavi.fit
                    { Cavi.defaults with
                        Restarts = 3
                        Start = start
                        Seed = stream.NextInt32 1000
                        MaxIterations = 60
                    }
                    (spec.WithPriors { spec.Priors with Weights = weights })
                    data

            for history in fit.Histories do
                for i in 1 .. history.Length - 1 do
                    Assert.True(
                        history[i] >= history[i - 1] - 1e-9 * (1.0 + abs history[i]),
                        $"{spec.Family.Name} {spec.Family.Structure}: {history[i - 1]} fell to {history[i]}"
                    )

            Assert.Equal(
                fit.Bound,
                fit.Terms.Evidence
                - fit.Terms.WeightsDivergence
                - fit.Terms.ComponentsDivergence,
                1e-8
            )

        let mixture = randomMixture structure (between 1 3 stream) d 0.0 4.0 1.0 stream
        let rows = draw (between 12 60 stream) stream mixture
        check (Gaussian.spec structure k) rows KMeansPlusPlus
        check (Gaussian.spec structure k) rows RandomRows

        check
            (Gaussian.spec CovarianceStructure.Diagonal k
             |> MixtureSpec.withPrior "means" (Prior.normal 0.0 5.0)
             |> MixtureSpec.withPrior "precisions" (Prior.gamma 2.0 1.0))
            rows
            RandomResponsibilities

        let bits =
            Dataset.ofArray2D (
                Array2D.init 40 4 (fun i _ ->
                    if stream.NextDouble() < (if i % 2 = 0 then 0.2 else 0.8) then
                        1.0
                    else
                        0.0)
            )

        check (BernoulliMixture.spec k) bits RandomResponsibilities
        check (MixtureSpec.Create(Families.categoricalOf [| 2; 2; 2; 2 |], k)) bits RandomResponsibilities)

[<Fact>]
let ``threads do not change a bit, and a row given twice has weight 2`` () =
    let stream = (RandomKey.ofSeed 4).Stream()

    let rows =
        Array2D.init 3000 2 (fun i _ -> (if i % 3 = 0 then 4.0 else 0.0) + stream.NextNormal())

    let spec = Gaussian.spec CovarianceStructure.Full 3

    let run threads data =
        Cavi.fit
            { Cavi.defaults with
                Threads = threads
                Restarts = 2
                Start = GivenMeans [| [| 0.0; 0.0 |]; [| 4.0; 4.0 |]; [| 1.0; 0.0 |] |]
            }
            spec
            data

    let one = run 1 (Dataset.ofArray2D rows)

    for threads in [ 2; 7 ] do
        let other = run threads (Dataset.ofArray2D rows)
        Assert.Equal<float[]>(one.History, other.History)

    let few = Array2D.init 60 2 (fun i c -> rows[i, c])
    let twice = Array2D.init 120 2 (fun i c -> rows[i / 2, c])
    let weighted = (Dataset.ofArray2D few).WithWeights(Array.create 60 2.0)
    let a, b = run 1 (Dataset.ofArray2D twice), run 1 weighted
    Assert.Equal(a.Bound, b.Bound, 1e-7)

[<Fact>]
let ``assignments, draws and the predictive density`` () =
    let x = [ 0.1; -0.4; 0.3; 8.0; 8.4; 7.7; 8.1; -0.2; 0.5; 0.0 ]
    let data = column x

    let fit =
        Cavi.fit Cavi.defaults (Gaussian.spec CovarianceStructure.Full 2 |> MixtureSpec.withWeightsPrior 1.0) data

    let shares = Cavi.assignments fit data

    for i in 0..9 do
        Assert.Equal(1.0, shares[i, 0] + shares[i, 1], 1e-12)
        Assert.Equal((if x[i] > 4.0 then 1 else 0), (if shares[i, 1] > 0.5 then 1 else 0))

    // expected rows are the assignments' sums
    Assert.Equal(fit.Counts[0], Seq.sum (seq { for i in 0..9 -> shares[i, 0] }), 1e-6)

    let predictive = (Cavi.predictive fit).Value
    Assert.Equal("student-t", predictive.Family.Name)

    // it integrates to one, and is the mean of the densities of draws
    let grid = Array.init 40001 (fun i -> -1000.0 + 0.05 * float i)
    let density = Mixture.logDensity predictive (Dataset.ofColumn grid) |> Array.map exp
    Assert.Equal(1.0, 0.05 * Array.sum density, 1e-3)
    let at = Dataset.ofColumn [| 0.0; 4.0; 8.0; 12.0 |]
    let exact = Mixture.logDensity predictive at
    let drawn = Cavi.predictiveLogDensities (RandomKey.ofSeed 1) 20000 fit at

    for i in 0..3 do
        Assert.Equal(exact[i], drawn[i], 0.1)

    // draws are mixtures around the plug-in one
    let means =
        Array.init 2000 (fun i -> (Cavi.draw ((RandomKey.ofSeed 2).Child i) fit).Components.Mean(0)[0])

    Assert.Equal((fit.Mixture.Components.Mean 0)[0], Array.average means, 0.1)

[<Fact>]
let ``components of no weight are removed when asked`` () =
    let stream = (RandomKey.ofSeed 6).Stream()

    let rows =
        Array2D.init 300 2 (fun i _ -> (if i % 2 = 0 then 6.0 else 0.0) + stream.NextNormal())

    let spec =
        (Gaussian.spec CovarianceStructure.Full 8).WithPriors
            { Priors.None with
                Weights = DirichletProcess 1.0
            }

    let fit =
        Cavi.fit { Cavi.defaults with PruneBelow = 0.01 } spec (Dataset.ofArray2D rows)

    Assert.Equal(2, fit.Mixture.Count)
    Assert.Equal(6, fit.Pruned)
    Assert.Contains(fit.Warnings, fun w -> w.Contains "6 components of negligible weight removed")

[<Fact>]
let ``priors that are not conjugate, and data that cannot be fitted, are refused`` () =
    let data = column [ 0.0; 1.0; 5.0; 6.0 ]

    let refused (expected: string) (spec: MixtureSpec) (data: Dataset) =
        let e =
            Assert.Throws<FitException>(fun () -> Cavi.fit Cavi.defaults spec data |> ignore)

        Assert.Contains(expected, e.Message)

    let full = Gaussian.spec CovarianceStructure.Full 2
    let diagonal = Gaussian.spec CovarianceStructure.Diagonal 2

    refused
        "of precisions expected a gamma one, received a log-normal distribution"
        (diagonal |> MixtureSpec.withPrior "precisions" (Prior.logNormal 0.0 1.0))
        data

    refused
        "the parameters that may have one are components"
        (full |> MixtureSpec.withPrior "scales" (Prior.gamma 1.0 1.0))
        data

    refused
        "expected parameters that fit"
        (full
         |> MixtureSpec.withPrior
             "components"
             (Prior.normalInverseWishart [| 0.0; 0.0 |] 1.0 4.0 (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ])))
        data

    refused "not poisson ones" (MixtureSpec.Create(Families.poisson, 2)) (column [ 1.0; 2.0; 3.0; 8.0 ])
    refused "5 components need at least 5 rows" (Gaussian.spec CovarianceStructure.Full 5) data
    refused "covariances, and these are known" (Gaussian.known (KnownCovariance.StandardDeviation(1.0, 1)) 2) data
