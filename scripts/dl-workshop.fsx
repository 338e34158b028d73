// A mixture of two Gaussian components by gradient descent, from the likelihood of one number to the trained model.
//
//     dotnet build -c Release && dotnet fsi scripts/dl-workshop.fsx
//
// 6000 numbers come from two sources. The log-likelihood is built up as tensor code, step by step, differentiated and
// descended with Adam; then come the same model by the library's own functions, the exact optimum by L-BFGS and by EM with
// a prior, standard errors, and the number of components. Numbers are checked against data/dlworkshop.json.
// The last line is RESULT and a JSON object; the exit code is 1 where a number is off.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Mixtures

let root = Path.Combine(__SOURCE_DIRECTORY__, "..")

let output =
    Directory.CreateDirectory(Path.Combine(root, "artifacts", "scripts")).FullName

let reference =
    JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "data", "dlworkshop.json"))).RootElement

let floats (element: JsonElement) =
    [| for x in element.EnumerateArray() -> x.GetDouble() |]

let get (path: string) =
    path.Split '/'
    |> Array.fold (fun (e: JsonElement) (name: string) -> e.GetProperty name) reference

let mutable failures = 0

/// Compares a number with its reference, relative where that exceeds one.
let check (what: string) tolerance (expected: float) (actual: float) =
    let sound = abs (expected - actual) <= tolerance * max 1.0 (abs expected)

    if not sound then
        failures <- failures + 1

    printfn "  %-58s %22.12f  %s" what actual (if sound then "as expected" else $"EXPECTED {expected:R}")

let data = Dataset.ofCsv (Path.Combine(root, "data", "dlworkshop.csv"))
let values = Tensor.ofArray (data.Column 0)

// ---- One number under one component -----------------------------------------------------------------------------------
// log w + log N(x; μ, σ), with the logarithm of σ as parameter, so that no step can make it negative.

let halfLog2Pi = 0.5 * log (2.0 * Math.PI)

let logNormal (mean: Tensor) (logScale: Tensor) (x: Tensor) =
    let z = (x - mean) * Tensor.exp -logScale
    -0.5 * Tensor.square z - logScale - halfLog2Pi

printfn "One number under one component"

let unit =
    logNormal (Tensor.scalar 0.0) (Tensor.scalar 0.0) (Tensor.scalar 0.0)
    |> Tensor.toScalar

check "log density of 0 under N(0, 1)" 1e-15 -0.9189385332046727 unit

// ---- One number under all components ----------------------------------------------------------------------------------
// The weights are the softmax of logits: whatever these are, the weights are positive and sum to one.

/// Logits, means and log-scales, two of each.
type Parameters =
    {
        Logits: Tensor
        Means: Tensor
        LogScales: Tensor
    }

let structure =
    TensorStructure.create (fun p -> [ p.Logits; p.Means; p.LogScales ]) (fun tensors ->
        {
            Logits = tensors[0]
            Means = tensors[1]
            LogScales = tensors[2]
        })

/// The log-likelihood of each number: log Σ_k w_k N(x; μ_k, σ_k).
let logLikelihoods p (x: Tensor) =
    let joint =
        Tensor.logsoftmax 0 p.Logits
        + logNormal p.Means p.LogScales (Tensor.unsqueeze 1 x)

    Tensor.logsumexp 1 joint

let truth =
    {
        Logits = Tensor.ofArray [| log 1.0; log 5.0 |]
        Means = Tensor.ofArray [| -2.0; 5.0 |]
        LogScales = Tensor.ofArray [| log 1.1; log 2.0 |]
    }

printfn "One number under both components, at the true parameters"

let firstFive = logLikelihoods truth (Tensor.slice 0 0 5 values) |> Tensor.toArray

floats (get "at_params_true_float64/loglike_first5")
|> Array.iteri (fun i expected -> check $"log-likelihood of number {i}" 1e-12 expected firstFive[i])

// ---- All numbers, the prior, and the loss -----------------------------------------------------------------------------

let logLikelihood p = Tensor.sum (logLikelihoods p values)

/// log Dirichlet(w; 2, 2): equal weights are the most likely, weights of zero impossible.
let logPrior p =
    -(Loss.dirichlet [| 2.0 |] (Tensor.logsoftmax 0 p.Logits))

let loss p = -(logLikelihood p + logPrior p)

printfn "All numbers, the prior, and the loss"
let lossTrue = Tensor.toScalar (loss truth)
let dirichletTrue = Tensor.toScalar (logPrior truth)

check
    "log-likelihood"
    1e-10
    ((get "at_params_true_float64/mixture_loglike").GetDouble())
    (Tensor.toScalar (logLikelihood truth))

check "log density of the weights" 1e-10 ((get "at_params_true_float64/weights_loglike").GetDouble()) dirichletTrue
check "loss" 1e-10 ((get "at_params_true_float64/loss").GetDouble()) lossTrue

// ---- The gradient -----------------------------------------------------------------------------------------------------

let start =
    let part name =
        Tensor.ofArray (floats (get $"params_init/{name}"))

    {
        Logits = part "log_component_weights"
        Means = part "component_mus"
        LogScales = part "log_component_scales"
    }

printfn "Loss and gradient at a random start, exact derivatives of the code above"
let struct (atStart, gradient) = TensorStructure.valueAndGrad structure loss start
let lossInit = Tensor.toScalar atStart
let gradientInit = TensorStructure.toVector structure gradient |> Tensor.toArray
check "loss" 1e-10 ((get "at_params_init/loss").GetDouble()) lossInit

[
    "grad_log_component_weights"
    "grad_component_mus"
    "grad_log_component_scales"
]
|> Seq.collect (fun name -> floats (get $"at_params_init/{name}"))
|> Seq.iteri (fun i expected -> check $"gradient {i}" 1e-10 expected gradientInit[i])

// ---- Training ---------------------------------------------------------------------------------------------------------
// The same loss from the library: value and gradient in one pass over the data.

let spec =
    Gaussian.spec CovarianceStructure.Diagonal 2 |> MixtureSpec.withWeightsPrior 2.0

let likelihood = LikelihoodFunction.create spec data
let fusedLoss = Loss.negativeLogJoint spec likelihood

let optimiser =
    Adam.create
        { Adam.defaults with
            Rate = Schedule.constant 0.5
        }

/// Parameters and losses of so many steps of Adam.
let train steps =
    let mutable x = TensorStructure.toVector structure start |> Tensor.toArray
    let mutable state = optimiser.Init x
    let parameters = Array.zeroCreate<float[]>(steps + 1)
    let losses = Array.zeroCreate<float>(steps + 1)

    for i in 0..steps do
        let struct (value, gradient) = Tensor.valueAndGrad fusedLoss (Tensor.ofArray x)
        parameters[i] <- x
        losses[i] <- value.ToScalar()
        let struct (moved, next) = optimiser.Step (gradient.ToArray()) state x
        x <- moved
        state <- next

    parameters, losses

for _ in 1..5 do
    train 1000 |> ignore

let clock = Stopwatch.StartNew()
let history, losses = train 1000
let adamSeconds = clock.Elapsed.TotalSeconds
printfn "1000 steps of Adam with rate 0.5: %.4f s" adamSeconds

for entry in (get "adam_float64/trajectory").EnumerateArray() do
    let step = entry.GetProperty("step").GetInt32()

    if List.contains step [ 1; 10; 100; 500; 900 ] then
        check $"loss after step {step}" 1e-9 (entry.GetProperty("loss").GetDouble()) losses[step]

let bestStep = Array.IndexOf(losses, Array.min losses)
printfn "  least loss %.9f at step %d; the rate is too large to rest there" losses[bestStep] bestStep

let sane what condition =
    printfn "  %-58s %s" what (if condition then "yes" else "NO")

    if not condition then
        failures <- failures + 1

sane "the trained loss is below that of the start" (losses[1000] < lossInit)
sane "and near that of the truth, or below it" (losses[1000] < lossTrue + 5.0)

// ---- The exact optimum ------------------------------------------------------------------------------------------------

let optimum = (get "map_optimum_dirichlet2/loss").GetDouble()
printfn "The exact optimum"
let exact = Gradient.fit Gradient.defaults spec data
check "L-BFGS: loss" 1e-8 optimum exact.Loss

let byEm = Em.fit { Em.defaults with Tolerance = 1e-12 } spec data

let emLoss =
    -byEm.LogLikelihood
    + Tensor.toScalar (Loss.dirichlet [| 2.0 |] (Tensor.ofArray (Array.map log byEm.Mixture.Weights)))

check "EM with the prior: loss" 1e-8 optimum emLoss

printfn
    "  the run of Adam ended %.6f above it (its best step %.2g above)"
    (losses[1000] - exact.Loss)
    (losses[bestStep] - exact.Loss)

/// Weights, means and standard deviations, the lower mean first.
let weights, means, sds =
    let view = Gaussian.view exact.Mixture
    let order = [| 0; 1 |] |> Array.sortBy (fun k -> view.Means[k][0])

    order |> Array.map (fun k -> view.Weights[k]),
    order |> Array.map (fun k -> view.Means[k][0]),
    order |> Array.map (fun k -> sqrt view.Covariances[k].[0, 0])

Array.iteri (fun k v -> check $"weight {k}" 1e-6 v weights[k]) (floats (get "map_optimum_dirichlet2/weights"))
Array.iteri (fun k v -> check $"mean {k}" 1e-6 v means[k]) (floats (get "map_optimum_dirichlet2/mus"))
Array.iteri (fun k v -> check $"sd {k}" 1e-6 v sds[k]) (floats (get "map_optimum_dirichlet2/scales"))

printfn "Standard errors"

for estimate in StandardErrors.ofMixture spec data exact.Mixture do
    printfn "  %-20s %9.5f ± %.5f" estimate.Name estimate.Value estimate.StandardError

// ---- How many components? -----------------------------------------------------------------------------------------------

printfn "How many components? Criteria of the maximum-likelihood fits"

let candidates =
    [
        for k in 1..4 do
            k, Gradient.fit Gradient.defaults (Gaussian.spec CovarianceStructure.Diagonal k) data
    ]

for k, fit in candidates do
    printfn "  %d: log-likelihood %.3f, BIC %.2f, ICL %.2f" k fit.LogLikelihood fit.Fit.Bic fit.Fit.Icl

let chosen = candidates |> List.minBy (fun (_, fit) -> fit.Fit.Bic) |> fst
sane "BIC chooses two components" (chosen = 2)

// ---- Pictures -----------------------------------------------------------------------------------------------------------

let descent =
    Gradient.fit
        { Gradient.adam 0.5 with
            Start = GivenModel(likelihood.ToMixture(TensorStructure.toVector structure start))
            Standardise = false
            KeepParameters = true
            Tolerance = 0.0
        }
        spec
        data

descent
|> Plot.losses
|> Plot.save (Path.Combine(output, "dl-workshop-loss.html"))

descent
|> Plot.animation [] data
|> Plot.save (Path.Combine(output, "dl-workshop-training.html"))

exact.Fit
|> Plot.density data
|> Plot.save (Path.Combine(output, "dl-workshop-density.html"))

printfn "Pictures: %s" (Path.GetRelativePath(Environment.CurrentDirectory, output))

let result =
    {|
        loss_true = lossTrue
        loss_init = lossInit
        gradient_init = gradientInit
        dirichlet_true = dirichletTrue
        datum_1 = firstFive[1]
        optimum_loss = exact.Loss
        weights = weights
        means = means
        sds = sds
        adam_seconds = adamSeconds
    |}

printfn "RESULT %s" (JsonSerializer.Serialize result)
exit (if failures = 0 then 0 else 1)
