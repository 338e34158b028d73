module Mixtures.Tests.CaviEvidenceTests

open System
open Xunit
open Mixtures

// Exact evidences: with the labels given, weights and parameters integrate in closed form (Dirichlet-multinomial counts,
// matrix and scalar Student-t rows, beta-binomial columns; Bernardo & Smith 2000); without, the sum over all K^N labellings.

let private lgamma = SpecialFunctions.logGamma

let private logMultivariateGamma d x =
    0.25 * float (d * (d - 1)) * log Math.PI
    + Seq.sum (seq { for i in 0 .. d - 1 -> lgamma (x - 0.5 * float i) })

/// log det by elimination, without any of the library's factors.
let private logDet (m: float[,]) =
    let a = Array2D.copy m
    let d = a.GetLength 0
    let mutable sum = 0.0

    for i in 0 .. d - 1 do
        sum <- sum + log a[i, i]

        for r in i + 1 .. d - 1 do
            let f = a[r, i] / a[i, i]

            for c in i .. d - 1 do
                a[r, c] <- a[r, c] - f * a[i, c]

    sum

let private location = [| 0.3; -0.2 |]
let private strength = 0.7
let private degrees = 4.5
let private psi = array2D [ [ 1.4; 0.3 ]; [ 0.3; 0.9 ] ]

let private mean (rows: float[][]) d =
    Array.init d (fun i -> rows |> Array.averageBy (fun r -> r[i]))

/// Σ (x - x̄)(x - x̄)ᵀ + κ n / (κ + n) (x̄ - m)(x̄ - m)ᵀ
let private scatter (rows: float[][]) d =
    if rows.Length = 0 then
        Array2D.zeroCreate d d
    else
        let m = mean rows d
        let n = float rows.Length

        Array2D.init d d (fun i j ->
            (rows |> Array.sumBy (fun r -> (r[i] - m[i]) * (r[j] - m[j])))
            + strength * n / (strength + n) * (m[i] - location[i]) * (m[j] - location[j]))

let private shrinkage d n =
    0.5 * float d * log (strength / (strength + float n))

/// Rows of components under one precision matrix of nu degrees of freedom and scale matrix psi.
let private matrixEvidence d (groups: float[][][]) =
    let n = groups |> Array.sumBy Array.length
    let own = Array2D.init d d (fun i j -> psi[i, j])

    let after =
        groups
        |> Array.fold (fun sum g -> Array2D.init d d (fun i j -> (sum: float[,]).[i, j] + (scatter g d)[i, j])) own

    -0.5 * float (n * d) * log Math.PI
    + logMultivariateGamma d (0.5 * (degrees + float n))
    - logMultivariateGamma d (0.5 * degrees)
    + 0.5 * degrees * logDet own
    - 0.5 * (degrees + float n) * logDet after
    + Array.sumBy (fun (g: float[][]) -> shrinkage d g.Length) groups

/// One component whose precision is one number for the given columns, gamma of shape and rate.
let private scalarEvidence (columns: int[]) shape rate (rows: float[][]) =
    let s = scatter rows 2
    let n = float (rows.Length * columns.Length)
    let total = columns |> Array.sumBy (fun c -> s[c, c])

    -0.5 * n * log (2.0 * Math.PI) + lgamma (shape + 0.5 * n) - lgamma shape
    + shape * log rate
    - (shape + 0.5 * n) * log (rate + 0.5 * total)
    + shrinkage columns.Length rows.Length

let private gaussianEvidence structure (groups: float[][][]) =
    match structure with
    | CovarianceStructure.Full -> groups |> Array.sumBy (fun g -> matrixEvidence 2 [| g |])
    | CovarianceStructure.Tied -> matrixEvidence 2 groups
    | CovarianceStructure.Diagonal ->
        groups
        |> Array.sumBy (fun g ->
            scalarEvidence [| 0 |] (0.5 * degrees) (0.5 * psi[0, 0]) g
            + scalarEvidence [| 1 |] (0.5 * degrees) (0.5 * psi[1, 1]) g)
    | _ ->
        groups
        |> Array.sumBy (scalarEvidence [| 0; 1 |] (0.5 * degrees) (0.25 * (psi[0, 0] + psi[1, 1])))

let private logBeta (a: float[]) =
    Array.sumBy lgamma a - lgamma (Array.sum a)

let private binaryEvidence (groups: float[][][]) =
    groups
    |> Array.sumBy (fun g ->
        Seq.sum (
            seq {
                for c in 0..1 ->
                    let ones = g |> Array.sumBy (fun r -> r[c])
                    logBeta [| 0.7 + ones; 1.6 + float g.Length - ones |] - logBeta [| 0.7; 1.6 |]
            }
        ))

let private levelEvidence (groups: float[][][]) =
    groups
    |> Array.sumBy (fun g ->
        let prior = [| 0.6; 1.1; 2.0 |]

        let counts =
            prior
            |> Array.mapi (fun l a -> a + float (g |> Array.filter (fun r -> int r[0] = l) |> Array.length))

        logBeta counts - logBeta prior)

let private dirichletLabels (concentrations: float[]) (counts: int[]) =
    logBeta (Array.map2 (fun a n -> a + float n) concentrations counts)
    - logBeta concentrations

/// Labels of a process that fall on the first K components.
let private processLabels concentration (counts: int[]) =
    Seq.sum (
        seq {
            for k in 0 .. counts.Length - 1 ->
                let after = Array.sum counts[k + 1 ..]

                logBeta [| 1.0 + float counts[k]; concentration + float after |]
                - logBeta [| 1.0; concentration |]
        }
    )

let private concentrations = [| 0.8; 1.9 |]

let private normalInverseWishart =
    "components", Prior.normalInverseWishart location strength degrees psi

let private weightsPriors k =
    [
        Dirichlet(if k = 1 then [| 0.8 |] else Array.truncate k concentrations),
        dirichletLabels (Array.truncate k concentrations)
        DirichletProcess 1.3, processLabels 1.3
    ]

let private binary =
    [
        [ 1.0; 0.0 ]
        [ 1.0; 1.0 ]
        [ 0.0; 0.0 ]
        [ 0.0; 1.0 ]
        [ 1.0; 0.0 ]
        [ 0.0; 0.0 ]
        [ 1.0; 1.0 ]
    ]

/// Name, family with priors, rows, and the evidence of rows by component.
let private cases: (string * IComponentFamily * (string * IDistribution) list * float[][] * (float[][][] -> float)) list =
    let stream = (RandomKey.ofSeed 5).Stream()

    let rows =
        Array.init 7 (fun i ->
            let side = if i % 2 = 0 then 1.5 else -1.5
            [| side + stream.NextNormal(); 0.5 * side + stream.NextNormal() |])

    [
        for structure in CovarianceStructure.fitted do
            yield
                CovarianceStructure.name structure,
                (Gaussian.spec structure 1).Family,
                [ normalInverseWishart ],
                rows,
                gaussianEvidence structure

        yield
            "bernoulli",
            Families.bernoulli,
            [ "probabilities", Prior.beta 0.7 1.6 ],
            binary |> List.map List.toArray |> List.toArray,
            binaryEvidence

        yield
            "categorical",
            Families.categoricalOf [| 3 |],
            [ "probabilities", Prior.dirichlet [| 0.6; 1.1; 2.0 |] ],
            [| 0.0; 1.0; 2.0; 2.0; 0.0; 1.0; 2.0 |] |> Array.map Array.singleton,
            levelEvidence
    ]

let private fit family priors k weights (data: Dataset) =
    Cavi.fit
        { Cavi.defaults with
            Tolerance = 1e-14
            Start = if k = 1 then KMeansPlusPlus else RandomResponsibilities
        }
        ((MixtureSpec.Create(family, k)).WithPriors
            {
                Weights = weights
                Parameters = priors
            })
        data

let private group k (labels: int[]) (rows: float[][]) =
    Array.init k (fun c ->
        rows
        |> Array.indexed
        |> Array.filter (fun (i, _) -> labels[i] = c)
        |> Array.map snd)

let private equal what (expected: float) (actual: float) =
    Assert.True(
        abs (expected - actual) <= 1e-10 * max 1.0 (abs expected),
        $"{what}: expected {expected:R}, received {actual:R}"
    )

[<Fact>]
let ``with one component the bound is the evidence`` () =
    for name, family, priors, rows, evidence in cases do
        // a process of one component still says that its only stick took every row
        for weights, labels in weightsPriors 1 do
            let own = fit family priors 1 weights (Dataset.ofSeq rows)
            equal $"{name}, {weights}" (evidence [| rows |] + labels [| rows.Length |]) own.Bound

[<Fact>]
let ``with every label given the bound is the joint evidence of rows and labels`` () =
    let labels = [| 0; 1; 0; 1; 0; 0; 1 |]

    for name, family, priors, rows, evidence in cases do
        for weights, labelled in weightsPriors 2 do
            let data =
                Dataset.ofSeq rows
                |> Dataset.withLabels (Labels.FromNames(labels |> Seq.map (fun k -> string (k + 1))).AsComponents())

            let own =
                Cavi.fit
                    { Cavi.defaults with
                        Start = RandomResponsibilities
                        Restarts = 1
                    }
                    ((MixtureSpec.Create(family, 2)).WithPriors
                        {
                            Weights = weights
                            Parameters = priors
                        })
                    data

            equal $"{name}, {weights}" (evidence (group 2 labels rows) + labelled [| 4; 3 |]) own.Bound

[<Fact>]
let ``the bound stays below the sum over all labellings, and not far below`` () =
    for name, family, priors, rows, evidence in cases do
        for weights, labelled in weightsPriors 2 do
            let n = rows.Length

            let exact =
                Array.init (pown 2 n) (fun code ->
                    let labels = Array.init n (fun i -> code >>> i &&& 1)
                    let ones = Array.sum labels
                    evidence (group 2 labels rows) + labelled [| n - ones; ones |])
                |> LogSumExp.ofArray

            let own = fit family priors 2 weights (Dataset.ofSeq rows)
            Assert.True(own.Bound < exact, $"{name}, {weights}: bound {own.Bound:R} above the evidence {exact:R}")

            Assert.True(
                own.Bound > exact - 4.0,
                $"{name}, {weights}: bound {own.Bound:R} far below the evidence {exact:R}"
            )
