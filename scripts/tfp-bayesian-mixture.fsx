// A Bayesian mixture of three sources in the plane: coordinate ascent, and stochastic variational inference.
//
//     dotnet build -c Release && dotnet fsi scripts/tfp-bayesian-mixture.fsx
//
// 3000 points come from three sources. Means are normal, precisions gamma, and weights Dirichlet, before the data are seen and
// in the posterior that is looked for. Coordinate ascent finds it in a few passes; stochastic gradients of the bound find the
// one with the assignments summed out, slowly at a small rate, quickly along natural gradients. Then: what the posterior says
// of one component, the density with and without the parameters' uncertainty, and what it means that components have no names.
// Numbers are checked against data/tfp_bayesian_gmm.json; figures go to artifacts/scripts.
// The last line is RESULT and a JSON object; the exit code is 1 where a number is off.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.Globalization
open System.IO
open System.Text.Json
open Mixtures

let root = Path.Combine(__SOURCE_DIRECTORY__, "..")

let output =
    Directory.CreateDirectory(Path.Combine(root, "artifacts", "scripts")).FullName

let reference =
    JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "data", "tfp_bayesian_gmm.json"))).RootElement

let get (path: string) =
    path.Split '/'
    |> Array.fold (fun (e: JsonElement) (name: string) -> e.GetProperty name) reference

let rec flat (e: JsonElement) : float[] =
    if e.ValueKind = JsonValueKind.Array then
        [|
            for x in e.EnumerateArray() do
                yield! flat x
        |]
    else
        [| e.GetDouble() |]

let mutable failures = 0

let must (what: string) sound =
    if not sound then
        failures <- failures + 1

    printfn "  %-78s %s" what (if sound then "yes" else "NO")

let check (what: string) tolerance (expected: float) (actual: float) =
    let sound = abs (expected - actual) <= tolerance * max 1.0 (abs expected)

    if not sound then
        failures <- failures + 1

    printfn "  %-58s %22.12f  %s" what actual (if sound then "as expected" else $"EXPECTED {expected:R}")

let save name figure =
    let path = Path.Combine(output, $"tfp-bayesian-mixture-{name}.html")
    Plot.save path figure
    printfn "  picture: artifacts/scripts/%s" (Path.GetFileName path)

let data = Dataset.ofCsv (Path.Combine(root, "data", "tfp-mixture.csv"))

// ---- Coordinate ascent --------------------------------------------------------------------------------------------------------

printfn "Coordinate ascent from ten random starts"

let spec =
    Gaussian.spec CovarianceStructure.Diagonal 3
    |> MixtureSpec.withWeightsPrior 2.0
    |> MixtureSpec.withPrior "means" (Prior.normal 0.0 1.0)
    |> MixtureSpec.withPrior "precisions" (Prior.gamma 5.0 5.0)

let cavi = Cavi.fit { Cavi.defaults with Tolerance = 1e-14 } spec data
let caviBound = (get "cavi_optimum/classic_elbo_F1").GetDouble()
check "the lower bound of the log evidence" 1e-10 caviBound cavi.Bound
let reached = cavi.Restarts |> Array.filter (fun b -> abs (b - caviBound) <= 1e-6)

must
    $"{reached.Length} of {cavi.Restarts.Length} starts came to it, in {cavi.Fit.Iterations} iterations"
    (reached.Length >= 9)

let evidence = (get "log_evidence/one_labelling_mode").GetDouble()
must $"it stays below the log evidence of one labelling, {evidence:F4}" (cavi.Bound < evidence)

let means, deviations, shapes, rates =
    match cavi.Components with
    | IndependentNormalGamma(m, s, a, b) -> m, s, a, b
    | _ -> failwith "expected independent normal and gamma posteriors"

let counts =
    match cavi.Weights with
    | DirichletWeights c -> c
    | StickBreaking _ -> failwith "expected a Dirichlet posterior"

/// Each of the reference's components among these, by the nearest mean.
let orderOf (found: float[][]) =
    let locs = flat (get "cavi_optimum/locs")

    Array.init 3 (fun k ->
        [ 0..2 ]
        |> List.minBy (fun j -> Double.Hypot(found[j].[0] - locs[2 * k], found[j].[1] - locs[2 * k + 1])))

let compare what tolerance (expected: float[]) (actual: float[]) =
    let worst =
        Array.map2 (fun e a -> abs (e - a) / max 1.0 (abs e)) expected actual
        |> Array.max

    must $"{what}: within {worst:E1} of the reference" (worst <= tolerance)

let order = orderOf means

let arranged (values: float[][]) =
    order |> Array.collect (fun k -> values[k])

compare "locations" 1e-6 (flat (get "cavi_optimum/locs")) (arranged means)
compare "their standard deviations" 1e-6 (flat (get "cavi_optimum/scales")) (arranged deviations)
compare "shapes of the precisions" 1e-6 (flat (get "cavi_optimum/alpha")) (arranged shapes)
compare "rates of the precisions" 1e-6 (flat (get "cavi_optimum/beta")) (arranged rates)

compare
    "concentrations of the weights"
    1e-6
    (flat (get "cavi_optimum/counts"))
    (order |> Array.map (fun k -> counts[k]))

save "data" (Plot.mixture data cavi.Mixture)
save "bound" (Plot.lowerBound cavi)

// ---- Stochastic variational inference ---------------------------------------------------------------------------------------------

let rows =
    Array.init data.Count data.Row
    |> Array.concat
    |> Tensor.ofShape [| data.Count; 2 |]

let number (x: float) = Tensor.scalar x

let model =
    ProgramModel.ofProgram (
        bayesian {
            let! theta = latent "theta" (Prior.dirichlet [| 2.0; 2.0; 2.0 |])
            let! mu = latent "mu" (Distribution.expand [| 3; 2 |] (Prior.normal 0.0 1.0))
            let! tau = latent "tau" (Distribution.expand [| 3; 2 |] (Prior.gamma 5.0 5.0))
            do! observeMixture "x" theta (DiagonalNormal.distribution mu (Tensor.power -0.5 tau)) rows
        }
    )

let guide =
    Guide.structured
        [
            "theta", GuideFamily.Dirichlet
            "mu", GuideFamily.Normal
            "tau", GuideFamily.Gamma
        ]
        model

let bound draws seed (fit: SviFit) =
    Svi.elbo
        { Svi.defaults with
            DrawsPerRow = true
            FinalDraws = draws
            Seed = seed
        }
        guide
        model
        fit.Vector

printfn "Stochastic gradients: batches of 500, Adam at the rate of 0.001, 1000 epochs"

let adam rate epochs =
    { Svi.adam (Schedule.constant rate) with
        BatchRows = 500
        Steps = 6 * epochs
        DrawsPerRow = true
        Antithetic = false
        Averaging = LastIterate
        Tolerance = 0.0
        Restarts = 1
        ParetoDraws = 0
        // as the tutorial starts: locations at random around 0, shapes and rates near 5, counts 2
        Start =
            [
                let stream = (RandomKey.ofSeed 12345).Stream()

                let random low high =
                    Array.init 6 (fun _ -> low + (high - low) * stream.NextDouble())

                "theta.concentrations", Tensor.ofArray [| 2.0; 2.0; 2.0 |]
                "mu.location", Tensor.ofShape [| 3; 2 |] (Array.init 6 (fun _ -> stream.NextNormal()))
                "mu.scale", Tensor.ofShape [| 3; 2 |] (random 0.8 1.2)
                "tau.shape", Tensor.ofShape [| 3; 2 |] (random 4.0 6.0)
                "tau.rate", Tensor.ofShape [| 3; 2 |] (random 4.0 6.0)
            ]
        Seed = 12345
    }

let slow = Svi.fit (adam 0.001 1000) guide model
let struct (slowBound, _) = bound 20 3 slow

printfn
    "  %d steps in %.1f s: bound %.3f; a rate so small moves a parameter by 6 at most"
    slow.Steps
    slow.FitSeconds
    slowBound

must "which falls short of coordinate ascent by more than 100 nats" (slowBound < caviBound - 100.0)

printfn "The same at a rate of 0.05, with antithetic draws, averaged"

let sound =
    Svi.fit
        { adam 0.05 200 with
            Antithetic = true
            Averaging = TailAverage
        }
        guide
        model

let struct (soundBound, _) = bound 100 4 sound
printfn "  %d steps in %.1f s: bound %.3f" sound.Steps sound.FitSeconds soundBound
must "which is far better" (soundBound > slowBound + 50.0)

printfn "Natural gradients, from a random start, averaged"

let fit =
    Svi.fit
        { Svi.defaults with
            Method = NaturalGradient(Schedule.constant 0.1)
            BatchRows = 500
            DrawsPerRow = true
            Seed = 1
        }
        guide
        model

let struct (elbo, error) = bound 334 2 fit
printfn "  %d steps in %.2f s: bound %.4f ± %.4f, k-hat %.2f" fit.Steps fit.FitSeconds elbo error fit.ParetoK
must "the bound with assignments summed out is at least -11806.80" (elbo >= -11806.80)

let parameter name =
    fit.Parameters |> List.find (fun (n, _) -> n = name) |> snd |> Tensor.toArray

let sviOrder =
    let locations = parameter "mu.location"
    orderOf (Array.init 3 (fun k -> [| locations[2 * k]; locations[2 * k + 1] |]))

let near name field width =
    let expected = flat (get $"post_elbo_optimum/{field}")
    let own = parameter name

    let worst =
        Seq.max (
            seq {
                for k in 0..2 do
                    for d in 0 .. width - 1 do
                        let e = expected[width * k + d]
                        abs (own[width * sviOrder[k] + d] - e) / abs e
            }
        )

    must $"{name}: within {100.0 * worst:F1} %% of the optimum of this bound" (worst <= 0.1)

near "mu.location" "locs" 2
near "mu.scale" "scales" 2
near "tau.shape" "alpha" 2
near "tau.rate" "beta" 2
near "theta.concentrations" "counts" 1
save "elbo" (Plot.elbo fit)

// ---- What the posterior says -------------------------------------------------------------------------------------------------------

printfn "The posterior of one component, and the density with the parameters' uncertainty"
save "precisions" (Plot.posterior 10000 "tau" fit)
save "means" (Plot.jointPosterior 10000 ("mu", 0) ("mu", 1) fit)
let axis = Array.init 100 (fun i -> -6.0 + 12.0 * float i / 99.0)

let grid =
    Dataset.ofArray2D (Array2D.init 10000 2 (fun i c -> if c = 0 then axis[i % 100] else axis[i / 100]))

let image (logs: float[]) =
    Array2D.init 100 100 (fun i j -> exp logs[i * 100 + j])

let plugIn = Mixture.logDensity cavi.Mixture (grid.WithColumnNames [| "x1"; "x2" |])

let averaged =
    Cavi.predictiveLogDensities (RandomKey.ofSeed 5) 200 cavi (grid.WithColumnNames [| "x1"; "x2" |])

save "density" (Charts.densityImage "Density at the posterior means" ("x1", "x2") axis axis (image plugIn))

save
    "density-sampled"
    (Charts.densityImage "Density averaged over the posterior" ("x1", "x2") axis axis (image averaged))

let cell = (12.0 / 99.0) ** 2.0
let mass (logs: float[]) = cell * Array.sumBy exp logs

must
    $"both integrate to one: {mass plugIn:F3} and {mass averaged:F3}"
    (abs (mass plugIn - 1.0) < 0.02 && abs (mass averaged - 1.0) < 0.02)

// ---- Components have no names --------------------------------------------------------------------------------------------------------

printfn "Other starts number the components otherwise; the bound and what does not depend on numbers are the same"

let others =
    [ 2; 3; 4 ]
    |> List.map (fun seed ->
        Cavi.fit
            { Cavi.defaults with
                Seed = seed
                Restarts = 1
                Start = GivenMeans [| for i in 0..2 -> data.Row((seed * 977 + i * 1000 + 500) % 3000) |]
                Tolerance = 1e-14
            }
            spec
            data)

let orders =
    others
    |> List.map (fun other ->
        match other.Components with
        | IndependentNormalGamma(m, _, _, _) -> orderOf m
        | _ -> [||])

for o in orders do
    let text = String.Join(" ", o |> Array.map (fun k -> k + 1))
    printfn "  components in the reference's order: %s" text

must "the numbers differ" (List.distinct orders |> List.length > 1)
must "the bounds do not" (others |> List.forall (fun other -> abs (other.Bound - caviBound) < 1e-6))

let agreement =
    let labels (fit: CaviFit) = Mixture.predict fit.Mixture data
    let first = labels cavi

    others
    |> List.forall (fun other ->
        let own = labels other
        Seq.forall (fun i -> (own[i] = own[0]) = (first[i] = first[0])) (seq { 0..2999 }))

must "nor does which rows belong together" agreement

// ---- RESULT --------------------------------------------------------------------------------------------------------------------------

let text (value: float) =
    value.ToString("R", CultureInfo.InvariantCulture)

let json (values: float[]) =
    "[" + String.Join(",", values |> Array.map text) + "]"

printfn
    "RESULT {\"cavi_bound\":%s,\"locs\":%s,\"alpha\":%s,\"counts\":%s,\"elbo_seed_settings\":%s,\"elbo\":%s,\"seconds\":%s}"
    (text cavi.Bound)
    (json (arranged means))
    (json (arranged shapes))
    (json (order |> Array.map (fun k -> counts[k])))
    (text slowBound)
    (text elbo)
    (text (Math.Round(fit.FitSeconds, 2)))

exit (if failures = 0 then 0 else 1)
