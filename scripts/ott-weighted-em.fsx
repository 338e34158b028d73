// Weighted expectation-maximisation, step by step: start, E-step, M-step, Q and loss.
//
//     dotnet build -c Release && dotnet fsi scripts/ott-weighted-em.fsx
//
// Three weighted point sets are fitted from given starts and compared with reference numbers to 1e-12. Then the story is
// told from the beginning: a start by k-means++ with a number of attempts, EM for some steps, and the picture.
// The last line is RESULT and a JSON object; the exit code is 1 where a number is off.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.IO
open System.Text.Json
open Mixtures

let root = Path.Combine(__SOURCE_DIRECTORY__, "..")

let output =
    Directory.CreateDirectory(Path.Combine(root, "artifacts", "scripts")).FullName

// ---- Reading the reference ------------------------------------------------------------------------------------------

let reference =
    JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "data", "ott_weighted_em.json"))).RootElement

let floats (element: JsonElement) =
    [| for x in element.EnumerateArray() -> x.GetDouble() |]

let table (element: JsonElement) =
    [| for row in element.EnumerateArray() -> floats row |]

let get (name: string) (element: JsonElement) = element.GetProperty name

let mixtureOf (parameters: JsonElement) =
    let covariances =
        [|
            for m in (get "covariances" parameters).EnumerateArray() -> array2D (table m)
        |]

    Gaussian.create
        CovarianceStructure.Full
        (floats (get "weights" parameters))
        (table (get "means" parameters))
        covariances

let flat (matrix: float[,]) =
    matrix |> Seq.cast<float> |> Seq.toArray

/// The largest difference, relative where numbers exceed one.
let difference (expected: float[]) (actual: float[]) =
    Array.map2 (fun (e: float) a -> abs (e - a) / max 1.0 (abs e)) expected actual
    |> Array.max

// ---- The rules of a hard start ----------------------------------------------------------------------------------------
// In this procedure k-means++ ignores the weights and takes a chosen point out of the pool; a point that is equally near
// to several centres belongs wholly to each, so that its row of assignments sums to more than one; then comes one
// weighted M-step. These rules differ from the library's own starts, so they live here.

let squaredDistance (a: float[]) (b: float[]) =
    Array.fold2 (fun sum x y -> sum + (x - y) * (x - y)) 0.0 a b

/// 1 for every nearest centre, ties included, and 0 elsewhere.
let hardAssignment (centres: float[][]) (points: float[][]) =
    points
    |> Array.map (fun point ->
        let distances = centres |> Array.map (squaredDistance point)
        let least = Array.min distances
        distances |> Array.map (fun d -> if d = least then 1.0 else 0.0))

/// Weighted M-step from assignments whose rows need not sum to one; weights are normalised at the end.
let mStep (weights: float[]) (points: float[][]) (assignments: float[][]) =
    let k, d = assignments[0].Length, points[0].Length
    let a c i = weights[i] * assignments[i][c]
    let rows = [| 0 .. points.Length - 1 |]
    let counts = Array.init k (fun c -> rows |> Array.sumBy (a c))

    if Array.exists (fun n -> not (n > 0.0)) counts then
        None
    else
        let means =
            Array.init k (fun c ->
                Array.init d (fun j -> (rows |> Array.sumBy (fun i -> a c i * points[i][j])) / counts[c]))

        let covariances =
            Array.init k (fun c ->
                Array2D.init d d (fun i j ->
                    (rows
                     |> Array.sumBy (fun r -> a c r * (points[r][i] - means[c][i]) * (points[r][j] - means[c][j])))
                    / counts[c]))

        let total = Array.sum counts

        try
            Some(Gaussian.create CovarianceStructure.Full (counts |> Array.map (fun n -> n / total)) means covariances)
        with :? ArgumentException ->
            // a component with too few points has no covariance: this attempt failed
            None

let plusPlus k (stream: RandomStream) (points: float[][]) =
    let rec choose (centres: float[] list) (pool: float[] list) =
        if centres.Length = k then
            centres |> List.rev |> List.toArray
        else
            let chances =
                pool
                |> List.map (fun p -> centres |> List.map (squaredDistance p) |> List.min)
                |> List.toArray

            let index = stream.NextIndex(ReadOnlySpan chances)
            choose (pool[index] :: centres) (List.removeAt index pool)

    let first = stream.NextInt32 points.Length
    choose [ points[first] ] (points |> Array.removeAt first |> Array.toList)

/// Draws starts until one has finite parameters.
let initialise k attempts (key: RandomKey) (weights: float[]) (points: float[][]) =
    Seq.init attempts (fun attempt ->
        let centres = plusPlus k ((key.Child attempt).Stream()) points
        mStep weights points (hardAssignment centres points))
    |> Seq.tryPick id

// ---- Against the reference --------------------------------------------------------------------------------------------

let mutable worst = 0.0

let check what expected actual =
    let d = difference expected actual
    worst <- max worst d

    if d > 1e-12 then
        eprintfn "%s differs by %g" what d

let sets =
    [
        "A_integer_weights_2d_k2"
        "B_real_weights_3d_k3"
        "C_ott_generator_2d_k3_zero_weights"
    ]

let results =
    [
        for name in sets do
            let set = get name reference
            let points = table (get "points" set)
            let pointWeights = floats (get "point_weights" set)
            let start = mixtureOf (get "init" set)
            printfn "%s: %d points, %d components" name points.Length start.Count

            let runs =
                [
                    "weighted", (Dataset.ofSeq points).WithWeights pointWeights
                    "unweighted", Dataset.ofSeq points
                ]

            for kind, data in runs do
                let trace = EmTrace.run Em.defaults 21 start data

                for entry in (get kind set).EnumerateArray() do
                    let steps = (get "steps" entry).GetInt32()
                    let step = trace[steps]
                    let view = Gaussian.view step.Mixture
                    check "weights" (floats (get "weights" entry)) view.Weights
                    check "means" (Array.concat (table (get "means" entry))) (Array.concat view.Means)

                    let covariances =
                        [|
                            for m in (get "covariances" entry).EnumerateArray() do
                                yield! Array.concat (table m)
                        |]

                    check "covariances" covariances (Array.collect flat view.Covariances)
                    check "loss" [| (get "log_prob_loss" entry).GetDouble() |] [| step.Loss |]

                    match entry.TryGetProperty "q_of_params_after_next_M_step" with
                    | true, q -> check "Q" [| q.GetDouble() |] [| trace[steps + 1].ExpectedCompleteLogLikelihood |]
                    | _ -> ()

                if kind = "weighted" then
                    for step in trace |> List.filter (fun s -> s.Iteration <= 5) do
                        printfn
                            "  %2d  Q = %.12f  loss = %.12f"
                            step.Iteration
                            step.ExpectedCompleteLogLikelihood
                            step.Loss

                name, kind, trace[20]

            let hard = get "hard_assignment_from_locs" set
            let locs = table (get "locs" hard)
            let assignments = hardAssignment locs points
            check "hard assignment" (Array.concat (table (get "assignment_probs" hard))) (Array.concat assignments)

            match mStep pointWeights points assignments with
            | Some mixture ->
                check
                    "hard start"
                    (Array.concat (table (get "means" hard)))
                    (Array.concat (Gaussian.view mixture).Means)
            | None -> worst <- infinity
    ]

let tie = get "tie_example" reference

check
    "tie"
    (Array.concat (table (get "assignment_probs" tie)))
    (Array.concat (hardAssignment (table (get "locs" tie)) (table (get "points" tie))))

// ---- From the beginning: initialise, fit, draw --------------------------------------------------------------------------

let set = get "C_ott_generator_2d_k3_zero_weights" reference
let points = table (get "points" set)
let pointWeights = floats (get "point_weights" set)
let data = (Dataset.ofSeq points).WithWeights pointWeights

let start =
    match initialise 3 50 (RandomKey.ofSeed 0) pointWeights points with
    | Some mixture -> mixture
    | None ->
        eprintfn "No start was found in 50 attempts."
        exit 1

let trace = EmTrace.run Em.defaults 20 start data
printfn "From k-means++: loss %.6f at the start, %.6f after 20 steps" trace[0].Loss trace[20].Loss

// the library's own start (weighted, on standardised columns) and its own stopping rule
let fit = Em.fit Em.defaults (Gaussian.spec CovarianceStructure.Full 3) data
let loss = Loss.meanNegativeLogLikelihood fit.Mixture data
printfn "Best of ten starts, to convergence: loss %.6f, %d iterations" loss fit.Iterations

let picture = Path.Combine(output, "ott-weighted-em.html")
//PLOT fit |> Plot.density data |> Plot.save picture
printfn "Picture: %s" (Path.GetRelativePath(root, picture))

let json (value: float) =
    value.ToString("R", Globalization.CultureInfo.InvariantCulture)

let rows =
    results
    |> List.map (fun (name, kind, step) ->
        $"""{{"set":"{name}","kind":"{kind}","steps":20,"loss":{json step.Loss},"q":{json step.ExpectedCompleteLogLikelihood}}}""")

let passed = worst <= 1e-12

printfn
    "RESULT {\"passed\":%b,\"max_difference\":%s,\"loss_start\":%s,\"loss_20_steps\":%s,\"loss_converged\":%s,\"sets\":[%s]}"
    passed
    (json worst)
    (json trace[0].Loss)
    (json trace[20].Loss)
    (json loss)
    (String.Join(",", rows))

exit (if passed then 0 else 1)
