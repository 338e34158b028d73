module Mixtures.Tests.EmHostileTests

open System
open System.Threading
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let failsWith (parts: string list) (action: unit -> MixtureFit) =
    let error = Assert.Throws<FitException>(fun () -> action () |> ignore)

    for part in parts do
        Assert.Contains(part, error.Message)

    error.Error

let private noise n d =
    let stream = (RandomKey.ofSeed 11).Stream()
    Dataset.ofSeq (Array.init n (fun _ -> Array.init d (fun _ -> stream.NextNormal())))

let full k =
    Gaussian.spec CovarianceStructure.Full k

/// Catches data that cannot be fitted and are not refused, or refused without a reason.
[<Fact>]
let ``unfit data are refused with the reason`` () =
    let fit k data () = Em.fit Em.defaults (full k) data

    match failsWith [ "5 components"; "3" ] (fit 5 (noise 3 2)) with
    | TooFewRows(3, 5) -> ()
    | other -> Assert.Fail other.Message

    match failsWith [ "identical" ] (fit 2 (Dataset.ofSeq (Array.create 9 [| 1.0; 2.0 |]))) with
    | IdenticalRows 9 -> ()
    | other -> Assert.Fail other.Message

    // weights of zero leave too few rows
    let weighted =
        (noise 10 1).WithWeights(Array.init 10 (fun i -> if i = 0 then 1.0 else 0.0))

    failsWith [ "at least 2 rows of positive weight"; "1" ] (fit 2 weighted)
    |> ignore
    // two distinct rows cannot start three components
    let two = Dataset.ofSeq (Array.init 30 (fun i -> [| float (i % 2) |]))
    failsWith [ "50 draws"; "distinct" ] (fit 3 two) |> ignore

    let huge = Dataset.ofColumn (Array.init 10 (fun i -> 1e300 * float i))
    let error = Assert.Throws<DataException>(fun () -> fit 2 huge () |> ignore)
    Assert.Contains("overflow", error.Message)

/// Catches options out of range being taken.
[<Fact>]
let ``options out of range are refused`` () =
    let refuses name options =
        let error =
            Assert.Throws<ArgumentException>(fun () -> Em.fit options (full 2) (noise 20 1) |> ignore)

        Assert.Equal(name, error.ParamName)

    refuses "Restarts" { Em.defaults with Restarts = 0 }
    refuses "MaxIterations" { Em.defaults with MaxIterations = -1 }
    refuses "Tolerance" { Em.defaults with Tolerance = nan }

    refuses
        "AbsoluteFloor"
        { Em.defaults with
            AbsoluteFloor = -1.0
        }

    refuses
        "RelativeFloor"
        { Em.defaults with
            RelativeFloor = infinity
        }

    refuses "Threads" { Em.defaults with Threads = -1 }
    refuses "BlockRows" { Em.defaults with BlockRows = 5000 }

/// Catches starts that do not fit the data being used.
[<Fact>]
let ``starts of another shape are refused`` () =
    let data = noise 20 2

    let fit start () =
        Em.fit { Em.defaults with Start = start } (full 2) data

    failsWith [ "20 x 2"; "3 x 2" ] (fit (GivenResponsibilities(Array2D.create 3 2 0.5)))
    |> ignore

    failsWith [ "row 1 sum to 1.2" ] (fit (GivenResponsibilities(Array2D.create 20 2 0.6)))
    |> ignore

    failsWith
        [ "row 1 in component 1"; "-1" ]
        (fit (GivenResponsibilities(Array2D.init 20 2 (fun _ k -> if k = 0 then -1.0 else 2.0))))
    |> ignore

    failsWith [ "1 means"; "2 components" ] (fit (GivenMeans [| [| 0.0; 0.0 |] |]))
    |> ignore

    failsWith [ "component 2"; "finite" ] (fit (GivenMeans [| [| 0.0; 0.0 |]; [| nan; 0.0 |] |]))
    |> ignore

    let other =
        randomMixture CovarianceStructure.Tied 2 2 0.0 1.0 1.0 ((RandomKey.ofSeed 1).Stream())

    failsWith [ "tied"; "full" ] (fit (GivenModel other)) |> ignore

    let other =
        randomMixture CovarianceStructure.Full 3 2 0.0 1.0 1.0 ((RandomKey.ofSeed 1).Stream())

    failsWith [ "3 components"; "asks for 2" ] (fit (GivenModel other)) |> ignore

/// Catches digits lost to an offset or to a wide range: the certificate must be as good as at offset zero.
[<Fact>]
let ``data at offset 1e8 fit as well as at offset zero`` () =
    let stream = (RandomKey.ofSeed 4).Stream()

    let rows =
        Array.init 600 (fun i ->
            [|
                stream.NextNormal() + (if i % 3 = 0 then 6.0 else 0.0)
                stream.NextNormal()
            |])

    for structure in CovarianceStructure.fitted do
        let fit offset =
            Em.fit Em.defaults (Gaussian.spec structure 2) (Dataset.ofSeq (rows |> Array.map (Array.map ((+) offset))))

        let near, far = fit 0.0, fit 1e8
        Assert.Equal(near.LogLikelihood, far.LogLikelihood, 1e-4)
        Assert.Equal(Converged, far.Termination)
        Assert.Equal(0, far.Certificate.MonotonicityViolations)
        Assert.InRange(far.Certificate.LargestGradient, 0.0, 1e-4)

/// Catches a start so far from the rows that second moments lose all digits.
[<Fact>]
let ``a start 1e9 sd away still finds the rows`` () =
    let data = noise 200 2
    let far = [| [| 1e9; 1e9 |]; [| 0.0; 0.1 |] |]

    let start =
        Gaussian.create
            CovarianceStructure.Full
            [| 0.5; 0.5 |]
            far
            (Array.create 2 (array2D [ [ 1e18; 0.0 ]; [ 0.0; 1e18 ] ]))

    let fit =
        Em.fit
            { Em.defaults with
                Start = GivenModel start
            }
            start.Spec
            data

    Assert.True(Double.IsFinite fit.LogLikelihood)
    Assert.True(fit.LogLikelihood > -700.0)
    Assert.Equal(0, fit.Certificate.MonotonicityViolations)

/// Catches more parameters than rows passing without a word.
[<Fact>]
let ``too many parameters for the rows are warned of`` () =
    let fit = Em.fit { Em.defaults with Restarts = 3 } (full 3) (noise 15 3)
    Assert.Contains(fit.Warnings, fun w -> w.Contains "parameters are fitted to 15 effective rows")

/// Catches a limit that is not kept, or not told.
[<Fact>]
let ``a limit of iterations is kept and told`` () =
    let options = { Em.defaults with MaxIterations = 3 }
    let fit = Em.fit options (full 3) EmReferenceTests.faithful.Value
    Assert.Equal(IterationLimit, fit.Termination)
    Assert.Equal(3, fit.Iterations)
    Assert.Equal(4, fit.History.Length)
    Assert.Contains("Not converged after 3 iterations", fit.Warnings[0])

    let exact =
        Em.fit
            { options with
                Tolerance = 0.0
                MaxIterations = 700
                Restarts = 2
            }
            (full 2)
            EmReferenceTests.faithful.Value

    Assert.Equal(700, exact.Iterations)

/// Catches a cancelled fit that goes on, or loses what it had reached.
[<Fact>]
let ``a cancelled fit returns what was reached`` () =
    use source = new CancellationTokenSource()
    let mutable seen = 0

    let monitor =
        {
            Progress =
                fun progress ->
                    Assert.True(Double.IsFinite progress.LogLikelihood)
                    seen <- seen + 1

                    if seen = 5 then
                        source.Cancel()
            Cancellation = source.Token
        }

    let fit =
        Em.fitWith
            monitor
            { Em.defaults with
                Tolerance = 0.0
                Restarts = 1
                MaxIterations = 100000
            }
            (full 3)
            EmReferenceTests.faithful.Value

    Assert.Equal(Interrupted, fit.Termination)
    Assert.Equal(5, fit.Iterations)
    Assert.Contains("Interrupted after 5 iterations", fit.Warnings[0])
    use before = new CancellationTokenSource()
    before.Cancel()

    Assert.Throws<OperationCanceledException>(fun () ->
        Em.fitWith
            { FitMonitor.None with
                Cancellation = before.Token
            }
            Em.defaults
            (full 2)
            EmReferenceTests.faithful.Value
        |> ignore)
    |> ignore

/// Catches a warm start that moves away from its own optimum, or a known covariance that is touched.
[<Fact>]
let ``a warm start stays at its optimum, and known covariances stay as they are`` () =
    let data = EmReferenceTests.faithful.Value
    let fit = Em.fit Em.defaults (full 2) data

    let again =
        Em.fit
            { Em.defaults with
                Start = GivenModel fit.Mixture
            }
            (full 2)
            data

    Assert.Equal(fit.LogLikelihood, again.LogLikelihood, 1e-5)
    Assert.InRange(again.Iterations, 0, 5)

    let spec = Gaussian.known (KnownCovariance.StandardDeviation(0.2, 2)) 3
    let known = Em.fit { Em.defaults with Restarts = 2 } spec data
    Assert.Equal(3 - 1 + 6, known.Parameters)

    for covariance in (Gaussian.view known.Mixture).Covariances do
        Assert.Equal<float[,]>(array2D [ [ 0.2 * 0.2; 0.0 ]; [ 0.0; 0.2 * 0.2 ] ], covariance)

    let wrong = Gaussian.known (KnownCovariance.Shared(array2D [ [ 1.0 ] ])) 2

    failsWith [ "2 x 2"; "1 x 1" ] (fun () -> Em.fit Em.defaults wrong data)
    |> ignore

/// Catches a search that prefers the wrong model, or drops the candidates that failed.
[<Fact>]
let ``selection by BIC finds the known best model of faithful`` () =
    let data = EmReferenceTests.faithful.Value
    let specs = Selection.gaussians CovarianceStructure.fitted [ 1..4 ]
    let result = Selection.fit Criterion.Bic Em.defaults specs data
    Assert.Equal(16, result.Candidates.Length)
    // mclust's choice as well: equal shape and volume, three components
    Assert.Equal(3, result.Best.Mixture.Count)
    Assert.Equal("tied", result.Best.Mixture.Family.Structure)
    Assert.Equal(2314.2957, result.Best.Bic, 1e-4)

    let few =
        Selection.fit Criterion.Icl Em.defaults (Selection.gaussians [ CovarianceStructure.Full ] [ 1; 2; 500 ]) data

    Assert.Equal(2, few.Best.Mixture.Count)

    match (List.last few.Candidates).Result with
    | Error(TooFewRows(272, 500)) -> ()
    | _ -> Assert.Fail "500 components of 272 rows were fitted"

/// Catches convergence that is declared because rounding is overestimated.
[<Fact>]
let ``nearly collinear columns converge as far as they say`` () =
    let stream = (RandomKey.ofSeed 9).Stream()

    let rows =
        Array.init 2000 (fun i ->
            let a = stream.NextNormal() + (if i % 2 = 0 then 2.0 else 0.0)
            let b = stream.NextNormal()
            [| a; b; a + b + 1e-4 * stream.NextNormal() |])

    let data = Dataset.ofSeq rows
    let fit = Em.fit { Em.defaults with Restarts = 1 } (full 2) data

    let longer =
        Em.fit
            { Em.defaults with
                Start = GivenModel fit.Mixture
                Tolerance = 0.0
                MaxIterations = 3000
            }
            (full 2)
            data

    Assert.InRange((longer.LogLikelihood - fit.LogLikelihood) / 2000.0, -1e-7, 1e-6)

/// Catches a row of weight zero that spoils the default start, however wild.
[<Fact>]
let ``wild rows of weight zero do not matter to a default fit`` () =
    for structure in CovarianceStructure.fitted do
        let stream = (RandomKey.ofSeed 10).Stream()

        let rows =
            Array.init 80 (fun i ->
                [|
                    stream.NextNormal() + (if i % 2 = 0 then 6.0 else 0.0)
                    stream.NextNormal()
                |])

        let wild = [| [| 1e200; -1e200 |]; [| 1e300; 3.0 |] |]
        let weights = Array.append (Array.create 80 1.0) [| 0.0; 0.0 |]
        let plain = Em.fit Em.defaults (Gaussian.spec structure 2) (Dataset.ofSeq rows)

        let fit =
            Em.fit
                Em.defaults
                (Gaussian.spec structure 2)
                ((Dataset.ofSeq (Array.append rows wild)).WithWeights weights)

        Assert.Equal(plain.LogLikelihood, fit.LogLikelihood, 1e-5)
        Assert.True(Double.IsFinite fit.Icl)

/// Catches a certificate that sets a better solution aside without telling, or tells nonsense of the others.
[<Fact>]
let ``iris sets a spurious start aside and says so`` () =
    let fit =
        EmReferenceTests.fitDefault CovarianceStructure.Full 3 EmReferenceTests.iris.Value

    Assert.True(fit.Certificate.Returned > 0)
    Assert.True(fit.Certificate.Restarts[0] > fit.LogLikelihood)
    Assert.Contains("set aside", fit.Warnings[0])
    Assert.DoesNotContain(fit.Warnings, fun w -> w.Contains "the next is 0 lower")
    Assert.Equal(fit.LogLikelihood, fit.Certificate.Restarts[fit.Certificate.Returned])

/// Catches known covariances that are swapped or lost when components are reordered or removed.
[<Fact>]
let ``a warm start keeps each component's known covariance`` () =
    let stream = (RandomKey.ofSeed 8).Stream()

    let data =
        Dataset.ofColumn (
            Array.init 300 (fun i ->
                if i % 3 = 0 then
                    0.1 * stream.NextNormal()
                else
                    20.0 + 3.0 * stream.NextNormal())
        )

    let spec =
        Gaussian.known (KnownCovariance.PerComponent [| array2D [ [ 0.01 ] ]; array2D [ [ 9.0 ] ] |]) 2

    let fit = Em.fit Em.defaults spec data

    let again =
        Em.fit
            { Em.defaults with
                Start = GivenModel fit.Mixture
                MaxIterations = 0
            }
            fit.Mixture.Spec
            data

    Assert.Equal(fit.LogLikelihood, again.LogLikelihood, 1e-9)

    let covariances mixture =
        (Gaussian.view mixture).Covariances |> Array.map (fun m -> m[0, 0])

    Assert.Equal<float>(covariances fit.Mixture, covariances again.Mixture)
