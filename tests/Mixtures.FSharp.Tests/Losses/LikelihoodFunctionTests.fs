module Mixtures.Tests.LikelihoodFunctionTests

open System
open System.Text.Json
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let private agree what tolerance (expected: float[]) (actual: float[]) =
    Assert.Equal(expected.Length, actual.Length)
    let scale = expected |> Array.fold (fun m v -> max m (abs v)) 1.0

    for i in 0 .. expected.Length - 1 do
        Assert.True(
            abs (expected[i] - actual[i]) <= tolerance * scale,
            $"{what}: element {i}: expected {expected[i]:R}, received {actual[i]:R}"
        )

/// Source: data/gmm_gradients.json, 60-digit arithmetic. Catches a wrong term of any parametrisation's gradient or Hessian.
[<Fact>]
let ``Log-likelihood, gradient and Hessian agree with 60-digit arithmetic in five parametrisations`` () =
    let reference = ReferenceFile.json "gmm_gradients.json"
    let plain = Dataset.FromRows(ReferenceFile.rows (ReferenceFile.at "X" reference))

    let weighted =
        plain.WithWeights(ReferenceFile.numbers (ReferenceFile.at "point_weights" reference))

    // raw factors: log of the diagonal, inside a larger tensor expression
    let fromRaw (vector: Tensor) =
        let scales = Tensor.slice 0 9 9 vector |> Tensor.reshape [| 3; 3 |]
        let column i = Tensor.slice 1 i 1 scales

        let logs =
            Tensor.concatenate 1 [ Tensor.log (column 0); column 1; Tensor.log (column 2) ]

        Tensor.concatenate 0 [ Tensor.slice 0 0 9 vector; Tensor.reshape [| -1 |] logs ]

    for name, structure, transform in
        [
            "full_chol", CovarianceStructure.Full, id
            "full_chol_raw", CovarianceStructure.Full, fromRaw
            "diag_logscale", CovarianceStructure.Diagonal, id
            "spherical_logscale", CovarianceStructure.Spherical, id
            "tied_chol", CovarianceStructure.Tied, id
        ] do
        let case = ReferenceFile.at $"cases/{name}" reference

        let vector =
            Array.concat
                [
                    ReferenceFile.numbers (ReferenceFile.at "logits" reference)
                    Array.concat (ReferenceFile.rows (ReferenceFile.at "means" reference))
                    ReferenceFile.numbers (ReferenceFile.at "scale_params" case)
                ]
            |> Tensor.ofArray

        for data, key in [ plain, "unit_weights"; weighted, "point_weights" ] do
            let f = LikelihoodFunction.create (Gaussian.spec structure 3) data
            let expected = ReferenceFile.at key case

            for form, logLikelihood in [ "fused", f.LogLikelihood; "composed", f.Composed ] do
                let struct (value, gradient) =
                    Tensor.valueAndGrad (transform >> logLikelihood) vector

                agree
                    $"{name} {key} {form} value"
                    1e-13
                    [| (ReferenceFile.at "loglik" expected).GetDouble() |]
                    [| value.ToScalar() |]

                agree
                    $"{name} {key} {form} gradient"
                    1e-13
                    (ReferenceFile.numbers (ReferenceFile.at "gradient" expected))
                    (gradient.ToArray())

            if key = "unit_weights" then
                let hessian = Tensor.hessian (transform >> f.LogLikelihood) vector

                agree
                    $"{name} Hessian"
                    1e-12
                    (Array.concat (ReferenceFile.rows (ReferenceFile.at "hessian" expected)))
                    (hessian.ToArray())

/// Source: data/dlworkshop.json. Catches a loss or prior of another convention than the tutorial's.
[<Fact>]
let ``The workshop's losses and gradients agree to 1e-10`` () =
    let reference = ReferenceFile.json "dlworkshop.json"

    let data = Dataset.ofCsv (ReferenceFile.path "dlworkshop.csv")

    let spec =
        Gaussian.spec CovarianceStructure.Diagonal 2 |> MixtureSpec.withWeightsPrior 2.0

    let f = LikelihoodFunction.create spec data

    let check (parameters: float[]) (expected: JsonElement) =
        let vector = Tensor.ofArray parameters

        let struct (loss, gradient) =
            Tensor.valueAndGrad (Loss.negativeLogJoint spec f) vector

        let number (name: string) = (expected.GetProperty name).GetDouble()
        agree "loss" 1e-10 [| number "loss" |] [| loss.ToScalar() |]
        agree "log-likelihood" 1e-10 [| number "mixture_loglike" |] [| (f.LogLikelihood vector).ToScalar() |]

        agree
            "prior"
            1e-10
            [| -(number "weights_loglike") |]
            [| (Loss.dirichlet [| 2.0 |] (f.LogWeights vector)).ToScalar() |]

        agree
            "gradient"
            1e-10
            (Array.concat
                [
                    for name in [ "log_component_weights"; "component_mus"; "log_component_scales" ] do
                        ReferenceFile.numbers (ReferenceFile.at $"grad_{name}" expected)
                ])
            (gradient.ToArray())

    let start = ReferenceFile.at "params_init" reference

    check
        (Array.concat
            [
                for name in [ "log_component_weights"; "component_mus"; "log_component_scales" ] do
                    ReferenceFile.numbers (ReferenceFile.at name start)
            ])
        (ReferenceFile.at "at_params_init" reference)

    check [| log 1.0; log 5.0; -2.0; 5.0; log 1.1; log 2.0 |] (ReferenceFile.at "at_params_true_float64" reference)

/// A random vector of free parameters for a specification of the shape.
let private randomVector (f: LikelihoodFunction) (stream: RandomStream) =
    Array.init f.Length (fun _ -> 0.5 * stream.NextNormal())

let private randomSpec structure k d stream =
    match structure with
    | CovarianceStructure.Known ->
        Gaussian.known (KnownCovariance.PerComponent(randomCovariances structure k d 1.0 stream)) k
    | other -> Gaussian.spec other k

/// The kernels' gradient against tensor operations, to 1e-12 of the sum of the absolute terms of each element.
[<Fact>]
let ``Fused and composed values and gradients agree on random models`` () =
    for structure in structures do
        forSeeds 15 (fun stream ->
            let n, d, k = between 1 40 stream, between 1 6 stream, between 1 5 stream
            let spec = randomSpec structure k d stream

            let points =
                Array.init n (fun _ -> Array.init d (fun _ -> 2.0 * stream.NextNormal()))

            let weights =
                Array.init n (fun i ->
                    if i > 0 && stream.NextInt32 4 = 0 then
                        0.0
                    else
                        stream.NextExponential())

            let data = (Dataset.FromRows points).WithWeights weights
            let f = LikelihoodFunction.create spec data
            let vector = Tensor.ofArray (randomVector f stream)
            let struct (value, gradient) = Tensor.valueAndGrad f.LogLikelihood vector
            let struct (other, composed) = Tensor.valueAndGrad f.Composed vector

            // absolute terms: row by row, component by component
            let terms = Array.zeroCreate<float> f.Length
            let mutable valueTerms = 0.0

            for i in 0 .. n - 1 do
                if weights[i] > 0.0 then
                    let one = LikelihoodFunction.create spec (Dataset.FromRows [| points[i] |])

                    for c in 0 .. k - 1 do
                        // the complete log-likelihood of the row in one component
                        let shares = Array2D.init 1 k (fun _ j -> if j = c then weights[i] else 0.0)

                        let complete v =
                            one.ExpectedComplete(Tensor.ofArray2D shares, v)

                        let struct (v, g) = Tensor.valueAndGrad complete vector
                        valueTerms <- valueTerms + abs (v.ToScalar())
                        g.ToArray() |> Array.iteri (fun j x -> terms[j] <- terms[j] + abs x)

            Assert.True(abs (value.ToScalar() - other.ToScalar()) <= 1e-12 * valueTerms)

            Array.iteri2
                (fun j a b ->
                    Assert.True(
                        abs (a - b) <= 1e-12 * (terms[j] + 1e-3),
                        $"{CovarianceStructure.name structure}, element {j}: fused {a:R}, composed {b:R}, terms {terms[j]}"
                    ))
                (gradient.ToArray())
                (composed.ToArray()))

let private finite (what: string) (values: float[]) =
    for v in values do
        Assert.False(Double.IsNaN v, $"{what}: received NaN")

/// Rows 1e3 sd away, weights 1e-300, sd 1e-150, logits ±1e4.
[<Fact>]
let ``Hostile parameters give finite values or exact infinities, never NaN`` () =
    for structure in structures |> List.except [ CovarianceStructure.Known ] do
        let data =
            (Dataset.FromRows [| [| 0.0; 0.0 |]; [| 1e3; -1e3 |]; [| 1.0; 2.0 |] |]).WithWeights [| 1.0; 1e-300; 2.0 |]

        let f = LikelihoodFunction.create (Gaussian.spec structure 2) data

        let vector logits logScale =
            let v = Array.create f.Length logScale
            Array.blit logits 0 v 0 2
            Array.blit [| 0.0; 0.0; 1.0; 2.0 |] 0 v 2 4

            // off-diagonal entries of factors
            match structure with
            | CovarianceStructure.Full ->
                v[7] <- 0.0
                v[10] <- 0.0
            | CovarianceStructure.Tied -> v[7] <- 0.0
            | _ -> ()

            Tensor.ofArray v

        for logits in [ [| 0.0; 0.0 |]; [| 1e4; -1e4 |]; [| -1e4; 1e4 |] ] do
            for logScale in [ 0.0; log 1e-150; log 1e150 ] do
                let v = vector logits logScale

                for form, logLikelihood in [ "fused", f.LogLikelihood; "composed", f.Composed ] do
                    let what =
                        $"{CovarianceStructure.name structure}, {form}, logits {logits[0]}, log-scale {logScale}"

                    let struct (value, gradient) = Tensor.valueAndGrad logLikelihood v
                    finite (what + ", value") [| value.ToScalar() |]
                    finite (what + ", gradient") (gradient.ToArray())

                    if logScale = 0.0 then
                        Assert.True(Double.IsFinite(value.ToScalar()), what)

                let fused = (f.LogLikelihood v).ToScalar()
                let composed = (f.Composed v).ToScalar()

                Assert.True(
                    (fused = composed) || abs (fused - composed) <= 1e-12 * abs composed,
                    $"{CovarianceStructure.name structure}, logits {logits[0]}, log-scale {logScale}: fused {fused}, composed {composed}"
                )

[<Fact>]
let ``A vector of the wrong length is refused with the expected parts`` () =
    let f =
        LikelihoodFunction.create (Gaussian.spec CovarianceStructure.Diagonal 2) (Dataset.ofColumn [| 1.0; 2.0; 3.0 |])

    let error =
        Assert.Throws<ArgumentException>(fun () -> f.LogLikelihood(Tensor.zeros [| 5 |]) |> ignore)

    Assert.Contains("6 numbers (2 logits, 2 means, 2 log-scales), received shape 5", error.Message)

/// Catches a Q whose kernels and tensor operations disagree, or whose gradient is not that of the M-step.
[<Fact>]
let ``Q and its gradient by kernels agree with tensor operations, and vanish where the M-step says`` () =
    for structure in structures do
        forSeeds 10 (fun stream ->
            let n, d, k = between 5 40 stream, between 1 4 stream, between 1 4 stream
            let spec = randomSpec structure k d stream

            let points =
                Array.init n (fun _ -> Array.init d (fun _ -> 2.0 * stream.NextNormal()))

            let data =
                (Dataset.FromRows points).WithWeights(Array.init n (fun _ -> stream.NextExponential()))

            let f = LikelihoodFunction.create spec data
            let vector = Tensor.ofArray (randomVector f stream)

            let shares =
                Tensor.softmax 1 (Tensor.ofShape [| n; k |] (Array.init (n * k) (fun _ -> stream.NextNormal())))

            let struct (fused, gradient) =
                Tensor.valueAndGrad (fun v -> f.ExpectedComplete(shares, v)) vector
            // shares that are being differentiated take the composed path
            let composed v =
                f.ExpectedComplete(shares * Tensor.exp (0.0 * Tensor.sum v), v)

            let struct (other, expected) = Tensor.valueAndGrad composed vector
            agree "Q" 1e-11 [| other.ToScalar() |] [| fused.ToScalar() |]
            agree "gradient of Q" 1e-11 (expected.ToArray()) (gradient.ToArray()))
