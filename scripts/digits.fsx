// Twenty sources of handwritten digits: Gaussian and Bernoulli mixtures by EM and by gradient descent.
//
//     dotnet build -c Release && dotnet fsi scripts/digits.fsx [FOLDER]
//
// 2000 drawn digits of 28 x 28 pixels ship with the project; FOLDER may hold MNIST's own files instead
// (train-images-idx3-ubyte, gzip or not), of which the first 2000 images are taken. Both mixtures are fitted by EM, by EM
// on batches drawn with replacement, and by Adam, whose failure is different: some components never get a digit of their
// own. It is counted, drawn, and cured. The last line is RESULT and a JSON object; the exit code is 1 where a check fails.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Mixtures

let root = Path.Combine(__SOURCE_DIRECTORY__, "..")

let output =
    Directory.CreateDirectory(Path.Combine(root, "artifacts", "scripts")).FullName

let mutable failures = 0

let check (what: string) condition =
    printfn "  %-70s %s" what (if condition then "yes" else "NO")

    if not condition then
        failures <- failures + 1

// ---- The data: 1 where there is ink -----------------------------------------------------------------------------------

let images =
    match fsi.CommandLineArgs with
    | [| _; folder |] ->
        let file =
            [
                "train-images-idx3-ubyte"
                "train-images-idx3-ubyte.gz"
                "train-images.idx3-ubyte"
            ]
            |> List.map (fun name -> Path.Combine(folder, name))
            |> List.tryFind File.Exists

        match file with
        | Some file -> (Dataset.ofIdx file).Take [| 0..1999 |]
        | None ->
            eprintfn "There is no train-images-idx3-ubyte (or .gz) in %s." folder
            exit 1
    | _ -> Dataset.ofIdx (Path.Combine(root, "data", "digits-images-idx3-ubyte.gz"))

let data = Dataset.binarise 1.0 images
let width = 28
let components = 20
printfn "%d images of %d pixels" data.Count data.Dimension

let gaussian =
    Gaussian.known (KnownCovariance.StandardDeviation(0.2, data.Dimension)) components

let bernoulli = BernoulliMixture.spec components

// Equal components would stay equal for ever; each starts at a row of its own, half way to the mean of all rows.
let start spec =
    Em.initialise
        { Em.defaults with
            Start = RandomRows
            Seed = 3
        }
        spec
        data

/// Exactly so many iterations of EM from a model.
let em iterations (model: Mixture) (rows: Dataset) =
    Em.fit
        { Em.defaults with
            Start = GivenModel model
            MaxIterations = iterations
            Tolerance = 0.0
        }
        model.Spec
        rows

let clock = Stopwatch.StartNew()

// ---- EM on all rows, and on batches drawn with replacement ------------------------------------------------------------

let iterations = 20

let byEm (name: string) spec =
    let model = start spec
    // once before it is timed, so that the time is not the compiler's
    em iterations model data |> ignore
    let clock = Stopwatch.StartNew()
    let fit = em iterations model data
    let seconds = clock.Elapsed.TotalSeconds
    printfn "%s mixture, EM: %d iterations in %.3f s" name iterations seconds
    printfn "  mean negative log-likelihood %.3f -> %.3f" (-fit.History[0] / 2000.0) (-fit.LogLikelihood / 2000.0)
    check "the log-likelihood never falls" (fit.Certificate.MonotonicityViolations = 0)

    let mutable batched = model
    let stages = ResizeArray<string * Mixture>()
    stages.Add("0", model)

    for epoch in 1..iterations do
        let stream = ((RandomKey.ofSeed 11).Child epoch).Stream()
        let rows = Array.init data.Count (fun _ -> stream.NextInt32 data.Count)
        batched <- (em 1 batched (data.Take rows)).Mixture

        if epoch % 4 = 0 then
            stages.Add(string epoch, batched)

    let loss = Loss.meanNegativeLogLikelihood batched data
    printfn "  on batches of %d drawn with replacement: %.3f" data.Count loss
    let begun = -fit.History[0] / 2000.0
    check "batches gain at least 80 % of what all rows gain" (begun - loss > 0.8 * (begun + fit.LogLikelihood / 2000.0))

    stages
    |> Seq.toList
    |> Plot.componentImagesByStage width 5
    |> Plot.save (Path.Combine(output, $"digits-{name}-em-stages.html"))

    Plot.componentImages width 5 fit.Mixture
    |> Plot.save (Path.Combine(output, $"digits-{name}-em.html"))

    Plot.logLikelihood fit
    |> Plot.save (Path.Combine(output, $"digits-{name}-em-history.html"))

    fit, seconds

let gaussianEm, gaussianSeconds = byEm "gaussian" gaussian
let bernoulliEm, bernoulliSeconds = byEm "bernoulli" bernoulli

// ---- Gradient descent -------------------------------------------------------------------------------------------------

/// Components that no row belongs to.
let dead (mixture: Mixture) =
    let used = Mixture.predict mixture data |> Array.distinct |> Array.length
    mixture.Count - used

let sgd =
    { Gradient.adam 0.1 with
        Steps = 200
        Batches = DrawnRows 1000
        Standardise = false
        KeepParameters = true
        Tolerance = 0.0
        Seed = 5
    }

/// All probabilities and means 1 / K, told apart by a millionth: a start that hardly breaks the symmetry.
let nearlyEqual (spec: MixtureSpec) =
    let stream = (RandomKey.ofSeed 9).Stream()

    let points =
        Array.init components (fun _ ->
            Array.init data.Dimension (fun _ -> 1.0 / float components + 1e-6 * stream.NextDouble()))

    if spec.Family.Name = "bernoulli" then
        BernoulliMixture.create (Array.create components (1.0 / float components)) points
    else
        Em.initialise
            { Em.defaults with
                Start = GivenMeans points
            }
            spec
            data

let bySgd (name: string) spec (best: MixtureFit) =
    let begins = nearlyEqual spec

    let options = { sgd with Start = GivenModel begins }

    let clock = Stopwatch.StartNew()
    let fit = Gradient.fit options spec data
    printfn "%s mixture, Adam: 100 epochs of batches of 1000 in %.2f s" name clock.Elapsed.TotalSeconds
    let loss = Loss.meanNegativeLogLikelihood fit.Mixture data
    let before = dead fit.Mixture

    printfn
        "  mean negative log-likelihood %.3f (EM: %.3f); %d of %d components have no digit"
        loss
        (-best.LogLikelihood / 2000.0)
        before
        components

    // the cure: dead components move to random rows, and EM follows the steps
    let cured =
        Gradient.fit
            { options with
                Dead = ReseedDead
                Polish = PolishByEm
            }
            spec
            data

    let after = dead cured.Mixture
    let curedLoss = Loss.meanNegativeLogLikelihood cured.Mixture data

    printfn
        "  re-seeded and polished by EM: %.3f, %d without a digit; gain %.3f nats an image"
        curedLoss
        after
        (loss - curedLoss)

    check "the cure gains, and leaves fewer components idle" (curedLoss < loss && after <= before)

    Plot.losses fit
    |> Plot.save (Path.Combine(output, $"digits-{name}-sgd-loss.html"))

    [ for step in 0..40..200 -> $"epoch {step / 2}", fit.MixtureAt step ]
    |> Plot.componentImagesByStage width 5
    |> Plot.save (Path.Combine(output, $"digits-{name}-sgd-stages.html"))

    Plot.componentImages width 5 cured.Mixture
    |> Plot.save (Path.Combine(output, $"digits-{name}-cured.html"))

    loss, before, after, loss - curedLoss

let gaussianSgd, gaussianBefore, gaussianAfter, gaussianGain =
    bySgd "gaussian" gaussian gaussianEm

let bernoulliSgd, bernoulliBefore, bernoulliAfter, bernoulliGain =
    bySgd "bernoulli" bernoulli bernoulliEm

check "gradient descent leaves components without a digit" (gaussianBefore + bernoulliBefore > 0)

Plot.reconstructions width [| 0..19 |] data bernoulliEm.Mixture
|> Plot.save (Path.Combine(output, "digits-reconstructions.html"))

Plot.sampledImages width 10 40 (RandomKey.ofSeed 1) bernoulliEm.Mixture
|> Plot.save (Path.Combine(output, "digits-samples.html"))

printfn "Pictures: %s" (Path.GetRelativePath(Environment.CurrentDirectory, output))

let result =
    {|
        gaussian_em = Array.tail gaussianEm.History
        bernoulli_em = Array.tail bernoulliEm.History
        gaussian_sgd = gaussianSgd
        bernoulli_sgd = bernoulliSgd
        dead_before = [| gaussianBefore; bernoulliBefore |]
        dead_after = [| gaussianAfter; bernoulliAfter |]
        gain = [| gaussianGain; bernoulliGain |]
        gaussian_em_seconds = gaussianSeconds
        bernoulli_em_seconds = bernoulliSeconds
        seconds = clock.Elapsed.TotalSeconds
    |}

printfn "RESULT %s" (JsonSerializer.Serialize result)
exit (if failures = 0 then 0 else 1)
