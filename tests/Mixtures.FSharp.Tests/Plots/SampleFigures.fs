/// Figures of every chart, from rows drawn from known mixtures: what the chart tests and the browser test share.
module Mixtures.Tests.SampleFigures

open System
open Mixtures

/// A mixture of Gaussians given by weights, means, and lower triangular factors of the covariances.
type Known =
    {
        Weights: float[]
        Means: float[][]
        Factors: float[,][]
    }

let private covariance (factor: float[,]) =
    let d = factor.GetLength 0
    Array2D.init d d (fun i j -> Seq.sum (seq { for k in 0 .. d - 1 -> factor[i, k] * factor[j, k] }))

/// The components as charts take them.
let components (known: Known) =
    ChartComponents.create known.Weights known.Means (Array.map covariance known.Factors)

let private logDensity (mean: float[]) (factor: float[,]) (x: float[]) =
    let d = mean.Length
    let z = Array.zeroCreate<float> d
    let mutable sum = 0.0

    for i in 0 .. d - 1 do
        let mutable rest = x[i] - mean[i]

        for j in 0 .. i - 1 do
            rest <- rest - factor[i, j] * z[j]

        z[i] <- rest / factor[i, i]
        sum <- sum - 0.5 * z[i] * z[i] - log factor[i, i]

    sum

/// Rows drawn from the mixture, each with its most probable component and its uncertainty.
let rows (columns: string[]) (count: int) (seed: int) (known: Known) : ChartRows =
    let stream = (RandomKey.ofSeed seed).Stream()

    let draw _ =
        let k = stream.NextIndex(ReadOnlySpan known.Weights)
        let z = Array.init columns.Length (fun _ -> stream.NextNormal())

        Array.init columns.Length (fun i ->
            known.Means[k][i]
            + Seq.sum (seq { for j in 0..i -> known.Factors[k][i, j] * z[j] }))

    let drawn = Array.init count draw

    let responsibilities (x: float[]) =
        let logs =
            Array.init known.Weights.Length (fun k ->
                log known.Weights[k] + logDensity known.Means[k] known.Factors[k] x)

        let most = Array.max logs
        let terms = logs |> Array.map (fun l -> exp (l - most))
        terms |> Array.map (fun t -> t / Array.sum terms)

    let shares = drawn |> Array.map responsibilities

    {
        Columns = columns
        Values = Array.init columns.Length (fun c -> drawn |> Array.map (fun x -> x[c]))
        Weights = None
        Labels = shares |> Array.map (fun r -> Array.IndexOf(r, Array.max r))
        Uncertainty = shares |> Array.map (fun r -> 1.0 - Array.max r)
    }

let private factor2 a b c = array2D [ [ a; 0.0 ]; [ b; c ] ]

/// Two elongated groups, like the eruptions of a geyser.
let geyser =
    {
        Weights = [| 0.36; 0.64 |]
        Means = [| [| 2.04; 54.5 |]; [| 4.29; 80.0 |] |]
        Factors = [| factor2 0.26 1.7 5.6; factor2 0.41 2.3 5.5 |]
    }

/// Three groups that run into each other.
let blurred =
    {
        Weights = [| 0.5; 0.3; 0.2 |]
        Means = [| [| 0.0; 0.0 |]; [| 3.0; 1.0 |]; [| 1.0; 3.5 |] |]
        Factors = [| factor2 1.0 0.3 1.0; factor2 1.2 -0.4 0.8; factor2 0.9 0.0 1.4 |]
    }

/// Twelve groups on a ring, more than there are colours, some of them far smaller than others.
let ring =
    {
        Weights = Array.init 12 (fun k -> if k = 5 then 0.002 else 0.998 / 11.0)
        Means = Array.init 12 (fun k -> [| 10.0 * cos (0.5236 * float k); 10.0 * sin (0.5236 * float k) |])
        Factors = Array.init 12 (fun k -> factor2 (0.8 + 0.05 * float k) (0.6 * cos (float k)) 0.9)
    }

/// Groups in so many columns.
let wide (dimension: int) =
    {
        Weights = [| 0.5; 0.3; 0.2 |]
        Means = Array.init 3 (fun k -> Array.init dimension (fun c -> 3.0 * cos (float (k * 2 + c))))
        Factors =
            Array.init 3 (fun k ->
                Array2D.init dimension dimension (fun i j ->
                    if i = j then 0.7 + 0.2 * float k
                    elif j < i then 0.4 * cos (float (i + j + k))
                    else 0.0))
    }

let private normal mean sd x =
    exp (-0.5 * ((x - mean) / sd) ** 2.0) / (sd * sqrt Math.Tau)

/// A histogram of one column of the geyser with its components.
let density =
    let drawn = rows [| "eruptions"; "waiting (min)" |] 272 3 geyser
    let grid = Array.init 201 (fun i -> 35.0 + 70.0 * float i / 200.0)

    let sd k =
        sqrt ((components geyser).Covariances[k][1, 1])

    {
        Column = "waiting (min)"
        Values = drawn.Values[1]
        RowWeights = None
        Grid = grid
        Curves =
            Array.init 2 (fun k ->
                grid
                |> Array.map (fun x -> geyser.Weights[k] * normal (geyser.Means[k][1]) (sd k) x))
        Names = Array.init 2 ChartComponents.defaultName
        Weights = geyser.Weights
    }

/// A name that does harm where it is not escaped, in HTML, in Plotly's markup and in hover templates.
let nasty = "</script><script>alert(1)</script> <b>x</b> & \"%{y}\" 'z' ü 漢"

let private histories =
    [|
        for start in 0..7 ->
            Array.init (25 + 11 * start) (fun t ->
                let limit = -1130.0 - 14.0 * float ((start * 5) % 8)

                limit
                - 160.0 * exp (-0.25 * float t)
                - 20.0 * exp (-float(t * t) / (90.0 + 30.0 * float start)))
    |]

let private candidates =
    [
        for index, structure in List.indexed [ "full"; "tied"; "diagonal"; "spherical" ] do
            for k in 1..8 ->
                {
                    Structure = structure
                    Components = k
                    Value =
                        if structure = "full" && k = 8 then
                            nan
                        else
                            2300.0
                            + 60.0 * float index
                            + 420.0 / float (k * k)
                            + 26.0 * float k / (1.0 + 0.6 * float index)
                }
    ]

let private moving =
    let drawn = rows [| "eruptions"; "waiting" |] 272 3 geyser

    let frame t =
        let shrink = exp (-0.3 * float t)

        let at =
            { geyser with
                Means =
                    geyser.Means
                    |> Array.map (fun m ->
                        [| m[0] + 1.2 * shrink * (3.2 - m[0]); m[1] + 1.2 * shrink * (68.0 - m[1]) |])
            }

        (Charts.scatter2D (components at) drawn).Data

    let still = Charts.scatter2D (components geyser) drawn

    { still with Data = frame 0 }
    |> Figure.withTitle "Components by iteration"
    |> Figure.withLayout "xaxis.range" (PlotValue.Numbers [| 1.0; 5.8 |])
    |> Figure.withLayout "yaxis.range" (PlotValue.Numbers [| 35.0; 105.0 |])
    |> Charts.animated "iteration" [ for t in 0..15 -> string t, frame t ]

/// Losses of noisy steps that are best some way before the end.
let private losses =
    let stream = (RandomKey.ofSeed 17).Stream()

    let loss =
        Array.init 400 (fun t -> 14590.0 + 6000.0 * exp (-0.03 * float t) + 3.0 * abs (stream.NextNormal()))

    let norms =
        loss |> Array.map (fun l -> 1e-4 * (l - 14589.0) * stream.NextExponential())

    let best = Array.IndexOf(loss, Array.min loss)
    Charts.losses best loss norms

/// The density of a column while its means move apart.
let private movingDensity =
    let frame t =
        let shrink = exp (-0.25 * float t)

        let normals =
            Array.init 2 (fun k ->
                let mean = geyser.Means[k][1] + shrink * (68.0 - geyser.Means[k][1])
                let sd = (1.0 + shrink) * sqrt (components geyser).Covariances[k].[1, 1]
                density.Grid |> Array.map (fun x -> geyser.Weights[k] * normal mean sd x))

        string (10 * t), normals

    Charts.animatedDensity "step" density (List.init 12 frame)

/// Points of components that have neither means nor covariances.
let private bare =
    let drawn = rows [| "a"; "b" |] 272 3 blurred

    let unknown =
        { components blurred with
            Means = Array.create 3 [| nan; nan |]
            Covariances = Array.create 3 (Array2D.create 2 2 nan)
        }

    Charts.scatter2D unknown drawn

/// Every chart, with a name for its file.
let all =
    let scatter known names count =
        let drawn = rows names count 5 known
        Charts.scatter2D (components known) drawn

    let pairs dimension count =
        let names = Array.init dimension (fun c -> "column " + string (c + 1))
        Charts.pairs (components (wide dimension)) (rows names count 7 (wide dimension))

    let blurredRows = rows [| "a"; "b" |] 272 3 blurred
    let ringRows = rows [| "x"; "y" |] 30000 11 ring

    [
        "density", Charts.density1D density
        "scatter", scatter geyser [| "eruptions (min)"; "waiting (min)" |] 272
        "scatter-many", scatter ring [| "x"; "y" |] 60000
        "scatter-ring", scatter ring [| "x"; "y" |] 1200
        "scatter-nasty",
        Charts.scatter2D
            { components geyser with
                Names = [| nasty; "%{x}" |]
            }
            (rows [| nasty; "a < b & c > d" |] 60 3 geyser)
        "pairs", pairs 4 500
        "pairs-many", pairs 8 30000
        "uncertainty", Charts.uncertainty (components blurred).Names blurredRows.Labels blurredRows.Uncertainty
        "uncertainty-many", Charts.uncertainty (components ring).Names ringRows.Labels ringRows.Uncertainty
        "log-likelihood", Charts.logLikelihood 0 histories
        "selection", Charts.selection "BIC" candidates
        "animated", moving
        "losses", losses
        "images",
        Charts.images
            "Images"
            2
            2
            (0.0, 1.0)
            [| "0.6"; "<b>" |]
            [| [| 0.0; 0.5; 1.0; 0.2 |]; [| 1.0; 0.0; 0.0; 1.0 |] |]
        "animated-density", movingDensity
        "scatter-bare", bare
    ]
