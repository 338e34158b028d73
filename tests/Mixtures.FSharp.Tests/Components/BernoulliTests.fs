module Mixtures.Tests.BernoulliTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws

let private reference = lazy (ReferenceFile.json "distreqx_em.json")

let private close tolerance what (expected: float) (actual: float) =
    Assert.True(
        abs (expected - actual) <= tolerance * max 1.0 (abs expected),
        $"{what}: expected {expected:R}, received {actual:R}"
    )

/// Source: data/distreqx_em.json. Catches a wrong M-step, and densities off for numbers between 0 and 1.
[<Fact>]
let ``EM follows the reference step by step, on zeros and ones and on numbers between`` () =
    let root = reference.Value
    let binary = ReferenceFile.rows (ReferenceFile.at "data_binary" root)
    let transformed = binary |> Array.map (Array.map (fun b -> (b + 1e-8) * 0.99))
    let weights = ReferenceFile.numbers (ReferenceFile.at "init_weights" root)

    let start =
        BernoulliMixture.create weights (ReferenceFile.rows (ReferenceFile.at "init_params" root))

    for name, points in [ "bernoulli_binary", binary; "bernoulli_transformed", transformed ] do
        let data = Dataset.FromRows points
        let case = ReferenceFile.at name root

        let history =
            ReferenceFile.numbers (ReferenceFile.at "log_likelihood_per_step_0_to_20" case)

        let fit = iterate start 20 data
        Array.iteri2 (fun i e a -> close 1e-10 $"{name}, step {i}" e a) history fit.History

        for result in (ReferenceFile.at "results" case).EnumerateArray() do
            let step = (ReferenceFile.at "steps" result).GetInt32()
            let view = BernoulliMixture.view (iterate start step data).Mixture

            Array.iteri2
                (fun k e a -> close 1e-10 $"{name}, step {step}, weight {k}" e a)
                (ReferenceFile.numbers (ReferenceFile.at "weights" result))
                view.Weights

            Array.iteri2
                (fun k -> Array.iteri2 (fun d e a -> close 1e-10 $"{name}, step {step}, component {k}, column {d}" e a))
                (ReferenceFile.rows (ReferenceFile.at "params" result))
                view.Probabilities

/// Source: data/distreqx_em.json: loss and gradient at the start of the gradient descent.
[<Fact>]
let ``Loss and gradient agree with the reference`` () =
    let root = reference.Value

    let data =
        Dataset.FromRows(ReferenceFile.rows (ReferenceFile.at "data_binary" root))

    let f = LikelihoodFunction.create (BernoulliMixture.spec 4) data

    let first =
        Seq.head ((ReferenceFile.at "trajectory" (ReferenceFile.at "sgd_bmm" root)).EnumerateArray())

    let logit p = log (p / (1.0 - p))

    let vector =
        Array.append
            (ReferenceFile.numbers (ReferenceFile.at "init_weights" root))
            (ReferenceFile.rows (ReferenceFile.at "init_params" root)
             |> Array.concat
             |> Array.map logit)
        |> Tensor.ofArray

    for form in [ f.LogLikelihood; f.Composed ] do
        let mean v = form v * (-1.0 / 200.0)
        let struct (loss, gradient) = Tensor.valueAndGrad mean vector
        let gradient = gradient.ToArray()
        close 1e-8 "loss" ((ReferenceFile.at "loss" first).GetDouble()) (loss.ToScalar())

        ReferenceFile.numbers (ReferenceFile.at "grad_logits" first)
        |> Array.iteri (fun i e -> close 1e-8 $"logit {i}" e gradient[i])

        ReferenceFile.rows (ReferenceFile.at "grad_params" first)
        |> Array.concat
        |> Array.iteri (fun i e -> close 1e-8 $"log-odds {i}" e gradient[4 + i])

/// The kernels of every width against plain arithmetic, over random shapes.
[<Fact>]
let ``Densities and statistics agree with plain sums at every width`` () =
    forSeeds 30 (fun stream ->
        let k = between 1 13 stream
        let n, d = between k 300 stream, between 1 70 stream

        let points =
            Array.init n (fun _ ->
                Array.init d (fun _ ->
                    if stream.NextInt32 3 = 0 then
                        stream.NextDouble()
                    else
                        float (stream.NextInt32 2)))

        let probabilities =
            Array.init k (fun _ -> Array.init d (fun _ -> stream.NextDouble()))

        let weights = randomWeights k stream

        let rowWeights =
            Array.init n (fun i ->
                if i >= k && stream.NextInt32 5 = 0 then
                    0.0
                else
                    stream.NextExponential())

        let data = (Dataset.FromRows points).WithWeights rowWeights
        let mixture = BernoulliMixture.create weights probabilities
        let densities = Mixture.componentLogDensities mixture data

        let plain (x: float[]) (p: float[]) =
            Array.fold2 (fun sum v q -> sum + v * log q + (1.0 - v) * log (1.0 - q)) 0.0 x p

        for i in 0 .. n - 1 do
            for c in 0 .. k - 1 do
                close 1e-12 "density" (plain points[i] probabilities[c]) densities[i, c]

        for width in widths do
            let options =
                { Em.defaults with
                    Start = GivenModel mixture
                    MaxIterations = 1
                    Tolerance = 0.0
                }

            let next =
                BernoulliMixture.view (Em.fitWidth width FitMonitor.None options mixture.Spec data).Mixture

            let r = Mixture.responsibilities mixture data

            for c in 0 .. k - 1 do
                let count = Seq.sum (seq { for i in 0 .. n - 1 -> rowWeights[i] * r[i, c] })

                for j in 0 .. d - 1 do
                    let ones =
                        Seq.sum (seq { for i in 0 .. n - 1 -> rowWeights[i] * r[i, c] * points[i][j] })

                    Assert.Equal(max 1e-12 (min (1.0 - 1e-12) (ones / count)), next.Probabilities[c][j], 1e-11))

[<Fact>]
let ``Fused and composed gradients agree, and standard errors of one component are the textbook's`` () =
    forSeeds 10 (fun stream ->
        let n, d, k = between 2 60 stream, between 1 9 stream, between 1 5 stream

        let points =
            Array.init n (fun _ -> Array.init d (fun _ -> float (stream.NextInt32 2)))

        let f =
            LikelihoodFunction.create (BernoulliMixture.spec k) (Dataset.FromRows points)

        let vector = Tensor.ofArray (Array.init f.Length (fun _ -> stream.NextNormal()))
        let struct (a, ga) = Tensor.valueAndGrad f.LogLikelihood vector
        let struct (b, gb) = Tensor.valueAndGrad f.Composed vector
        close 1e-12 "value" (b.ToScalar()) (a.ToScalar())
        Array.iter2 (fun x y -> Assert.True(abs (x - y) <= 1e-12 * float n)) (ga.ToArray()) (gb.ToArray()))

    let data = Dataset.ofColumn [| 1.0; 1.0; 1.0; 0.0; 0.0; 1.0; 0.0; 1.0 |]
    let spec = BernoulliMixture.spec 1
    // all of one column and one component: p = 5/8
    let fit = Em.fit Em.defaults spec data

    let error =
        StandardErrors.ofMixture spec data fit.Mixture
        |> Array.find (fun e -> e.Name = "probability[1][x1]")

    close 1e-12 "p" 0.625 error.Value
    close 1e-9 "se" (sqrt (0.625 * 0.375 / 8.0)) error.StandardError

[<Fact>]
let ``A random mixture is recovered within four standard errors`` () =
    let stream = (RandomKey.ofSeed 5).Stream()

    let truth =
        BernoulliMixture.create
            [| 0.4; 0.6 |]
            [|
                Array.init 8 (fun _ -> 0.1 + 0.3 * stream.NextDouble())
                Array.init 8 (fun _ -> 0.6 + 0.3 * stream.NextDouble())
            |]

    let data = Mixture.sample (RandomKey.ofSeed 6) 20000 truth
    let spec = BernoulliMixture.spec 2

    let fit =
        Em.fit
            { Em.defaults with
                Start = GivenModel truth
            }
            spec
            data

    let errors = StandardErrors.ofMixture spec data fit.Mixture
    let view = BernoulliMixture.view truth

    for e in errors do
        let expected =
            if e.Name.StartsWith "weight" then
                view.Weights[int e.Name[7] - int '1']
            else
                view.Probabilities[int e.Name[12] - int '1'][int e.Name[16] - int '1']

        Assert.True(
            abs (e.Value - expected) <= 4.0 * e.StandardError,
            $"{e.Name}: {e.Value} ± {e.StandardError}, true {expected}"
        )

[<Fact>]
let ``Probabilities out of range are refused`` () =
    let refused (expected: string) weights probabilities =
        let error =
            Assert.Throws<ArgumentException>(fun () -> BernoulliMixture.create weights probabilities |> ignore)

        Assert.Contains(expected, error.Message)

    refused "received 1.5 for component 1, column 2" [| 1.0 |] [| [| 0.5; 1.5 |] |]
    refused "received 1 for component 2" [| 0.5; 0.5 |] [| [| 0.5; 0.5 |]; [| 0.5 |] |]
    refused "as many arrays" [| 1.0 |] [| [| 0.5 |]; [| 0.5 |] |]
