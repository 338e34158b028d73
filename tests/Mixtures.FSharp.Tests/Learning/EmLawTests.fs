module Mixtures.Tests.EmLawTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws

// Which law holds for which structure (every law is tested on random models and data):
//
//   law                                      full  tied  diagonal  spherical  known
//   the objective never falls                 x     x       x         x         x
//   permuting rows changes nothing            x     x       x         x         x
//   permuting components permutes the result  x     x       x         x         x
//   a row given twice equals weight 2         x     x       x         x         x
//   zero-weight rows do not matter            x     x       x         x         x
//   shift equivariance                        x     x       x         x         x
//   scale equivariance per column             x     x       x         -         -
//   uniform scale equivariance                x     x       x         x         -
//   tied = weighted mean of full              -     x       -         -         -
//   the fixed point has zero gradient         x     x       x         x         x
//   the same bits on 1, 2 and 7 threads       x     x       x         x         x

/// A start that is not the truth, and data drawn from the truth.
let problem structure (stream: RandomStream) =
    let d, k = between 1 4 stream, between 1 4 stream
    let truth = randomMixture structure k d 0.0 3.0 1.0 stream
    let data = (draw (between 60 200 stream) stream truth)
    let view = Gaussian.view truth

    let start =
        Gaussian.create
            structure
            (randomWeights k stream)
            (view.Means |> Array.map (Array.map (fun m -> m + 0.7 * stream.NextNormal())))
            view.Covariances

    start, data

let forStructures (chosen: CovarianceStructure list) count (property: CovarianceStructure -> RandomStream -> unit) =
    for structure in chosen do
        forSeeds count (property structure)

let parameters (mixture: Mixture) =
    let view = Gaussian.view mixture

    Array.concat
        [
            view.Weights
            Array.concat view.Means
            view.Covariances |> Array.collect (Seq.cast<float> >> Seq.toArray)
        ]

let same tolerance (expected: float[]) (actual: float[]) =
    EmLaws.same "parameters" tolerance expected actual

/// Catches an M-step that is not a maximum, or a floor that is not the constrained one.
[<Fact>]
let ``the log-likelihood never falls`` () =
    forStructures structures 25 (fun structure stream ->
        let start, data = problem structure stream

        let data = weighted data stream
        let fit = iterate start 30 data
        Assert.Equal(31, fit.History.Length)
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)

        neverFalls 1e-9 $"{structure}" fit

        near
            1e-12
            (abs fit.LogLikelihood + float data.Count)
            (Mixture.score fit.Mixture data)
            fit.LogLikelihood
            "score")

/// Catches an objective that falls where the floor is active: rows on a line, rows repeated.
[<Fact>]
let ``the log-likelihood never falls at the floor`` () =
    forStructures CovarianceStructure.fitted 10 (fun structure stream ->
        let n = between 20 60 stream

        let rows =
            Array.init n (fun i ->
                let x = if i % 2 = 0 then 1.0 else stream.NextNormal()
                [| x; 2.0 * x; stream.NextNormal() |])

        let data = Dataset.ofSeq rows

        let options =
            { Em.defaults with
                Restarts = 3
                Seed = stream.NextInt32 1000
                MaxIterations = 100
            }

        let fit = Em.fit options (Gaussian.spec structure 3) data
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)
        Assert.True(Double.IsFinite fit.LogLikelihood))

/// Catches a dependence on the order of rows.
[<Fact>]
let ``permuting rows changes nothing beyond rounding`` () =
    forStructures structures 8 (fun structure stream ->
        let start, data = problem structure stream
        let a = iterate start 5 data
        let b = iterate start 5 (shuffled data stream)
        same 1e-9 (parameters a.Mixture) (parameters b.Mixture))

/// Catches a component that is treated differently for its place.
[<Fact>]
let ``permuting components permutes the result`` () =
    forStructures structures 8 (fun structure stream ->
        let start, data = problem structure stream
        let view = Gaussian.view start

        let order =
            [| 0 .. start.Count - 1 |] |> Array.sortBy (fun _ -> stream.NextDouble())

        let permute (values: 'T[]) = order |> Array.map (fun k -> values[k])

        let permuted =
            Gaussian.create structure (permute view.Weights) (permute view.Means) (permute view.Covariances)

        let a = Gaussian.view (iterate start 5 data).Mixture
        let b = Gaussian.view (iterate permuted 5 data).Mixture
        same 1e-9 (permute a.Weights) b.Weights
        same 1e-9 (Array.concat (permute a.Means)) (Array.concat b.Means))

/// Catches a weight that is forgotten somewhere: in statistics, in the floor, or in a criterion.
[<Fact>]
let ``a row given twice equals weight 2, also in the criteria`` () =
    forStructures structures 8 (fun structure stream ->
        let start, data = problem structure stream
        let struct (rowsTwice, weightsTwo) = repeated data stream
        let a = iterate start 5 rowsTwice
        let b = iterate start 5 weightsTwo
        same 1e-9 (parameters a.Mixture) (parameters b.Mixture)
        let tolerance = 1e-10 * (1.0 + abs a.Bic)
        Assert.Equal(a.LogLikelihood, b.LogLikelihood, tolerance)
        Assert.Equal(a.Bic, b.Bic, tolerance)
        Assert.Equal(a.Aic, b.Aic, tolerance)
        Assert.Equal(a.Icl, b.Icl, 1e-8 * (1.0 + abs a.Icl)))

/// Catches a row of weight zero that leaves a trace, also a wild one.
[<Fact>]
let ``rows of weight zero do not matter`` () =
    forStructures structures 8 (fun structure stream ->
        let start, data = problem structure stream

        let a = iterate start 5 data
        let b = iterate start 5 (withWildRows data stream)
        same 1e-9 (parameters a.Mixture) (parameters b.Mixture)
        Assert.Equal(a.Bic, b.Bic, 1e-9 * (1.0 + abs a.Bic)))

let private mapped (scale: float[]) (shift: float[]) (data: Dataset) =
    rowsOf data
    |> Array.map (fun row -> Array.mapi (fun i x -> scale[i] * x + shift[i]) row)
    |> Dataset.ofSeq

let private fitSeed structure k seed data =
    Em.fit
        { Em.defaults with
            Restarts = 3
            Seed = seed
            MaxIterations = 200
        }
        (Gaussian.spec structure k)
        data

/// Catches a constant in the data's units anywhere: in starts, floor, convergence or density.
[<Fact>]
let ``columns scaled by powers of two give the same labels bit for bit`` () =
    forStructures CovarianceStructure.fitted 8 (fun structure stream ->
        let _, data = problem structure stream
        let d = data.Dimension

        let scale =
            if structure = CovarianceStructure.Spherical then
                Array.create d (Math.Pow(2.0, float (between -30 30 stream)))
            else
                Array.init d (fun _ -> Math.Pow(2.0, float (between -30 30 stream)))

        let scaled = mapped scale (Array.zeroCreate d) data
        let a = fitSeed structure 3 5 data
        let b = fitSeed structure 3 5 scaled
        Assert.Equal<int>(Mixture.predict a.Mixture data, Mixture.predict b.Mixture scaled)
        Assert.Equal(a.Iterations, b.Iterations)
        Assert.Equal<float>(a.Mixture.Weights, b.Mixture.Weights)

        let means (fit: MixtureFit) =
            Array.concat (Gaussian.view fit.Mixture).Means

        Assert.Equal<float>(means a |> Array.mapi (fun at m -> m * scale[at % d]), means b)
        let jacobian = float data.Count * Array.sumBy log scale
        Assert.Equal(a.LogLikelihood - jacobian, b.LogLikelihood, 1e-11 * (abs a.LogLikelihood + abs jacobian)))

/// Catches digits lost to an offset.
[<Fact>]
let ``shifted columns give the shifted model`` () =
    forStructures CovarianceStructure.fitted 8 (fun structure stream ->
        let start, data = problem structure stream
        let d = data.Dimension

        for offset in [ 1e6; -1e8 ] do
            let shift = Array.create d offset
            let moved = mapped (Array.create d 1.0) shift data
            let view = Gaussian.view start

            let movedStart =
                Gaussian.create
                    structure
                    view.Weights
                    (view.Means |> Array.map (Array.map ((+) offset)))
                    view.Covariances

            let a = iterate start 10 data
            let b = iterate movedStart 10 moved
            // the data themselves lose digits when they are moved
            let lost = abs offset * 1e-15 * 1e3
            Assert.Equal(a.LogLikelihood, b.LogLikelihood, lost * float data.Count + 1e-8)
            same (lost + 1e-9) a.Mixture.Weights b.Mixture.Weights)

/// Catches covariances that are pooled with the wrong weights.
[<Fact>]
let ``tied covariance is the weighted mean of full ones`` () =
    forSeeds 30 (fun stream ->
        let start, data = problem CovarianceStructure.Tied stream
        let view = Gaussian.view start

        let full =
            Gaussian.create CovarianceStructure.Full view.Weights view.Means view.Covariances

        let tied = Gaussian.view (iterate start 1 data).Mixture
        let freeFit = iterate full 1 data
        let free = Gaussian.view freeFit.Mixture
        let d = data.Dimension

        // the floor raises full covariances of components on hardly any rows
        if
            freeFit.Certificate.Components
            |> Array.forall (fun c -> c.SmallestEigenvalue > 1e-6)
        then
            for i in 0 .. d - 1 do
                for j in 0 .. d - 1 do
                    let pooled =
                        Seq.sum (Seq.map2 (fun w (c: float[,]) -> w * c[i, j]) free.Weights free.Covariances)

                    near 1e-11 (1.0 + abs pooled) pooled (tied.Covariances[0]).[i, j] $"entry {i} {j}")

/// Catches a fixed point that is not a stationary point of the likelihood, or a gradient that is not one.
[<Fact>]
let ``EM's fixed point has zero gradient, and other points do not`` () =
    forStructures structures 6 (fun structure stream ->
        let start, data = problem structure stream

        let fit = converge start data
        let moved = iterate start 0 data

        if fit.Termination = Converged then
            Assert.InRange(fit.Certificate.LargestGradient, 0.0, 2e-5)

        Assert.True(moved.Certificate.LargestGradient > 1e-4))

/// Catches results that depend on the number of threads, from starts to certificate.
[<Fact>]
let ``a fit has the same bits on 1, 2 and 7 threads`` () =
    forStructures CovarianceStructure.fitted 2 (fun structure stream ->
        let d = between 1 3 stream
        let truth = randomMixture structure 3 d 0.0 4.0 1.0 stream
        // enough rows for several chunks
        let data = draw 40000 stream truth

        for start in [ KMeansPlusPlus; RandomRows; RandomResponsibilities ] do
            let run threads =
                let options =
                    { Em.defaults with
                        Restarts = 2
                        Threads = threads
                        MaxIterations = 4
                        Start = start
                        BlockRows = 64
                    }

                let fit = Em.fit options (Gaussian.spec structure 3) data
                Array.concat [ parameters fit.Mixture; fit.History; [| fit.Certificate.LargestGradient |] ]

            let one = run 1
            Assert.Equal<float>(one, run 2)
            Assert.Equal<float>(one, run 7))

/// Catches starts of small data, which run side by side, that depend on the number of threads.
[<Fact>]
let ``starts that run side by side give the same bits on 1, 2 and 7 threads`` () =
    for structure in CovarianceStructure.fitted do
        let stream = (RandomKey.ofSeed 21).Stream()
        let data = draw 600 stream (randomMixture structure 4 2 0.0 2.0 1.0 stream)

        let run threads =
            let fit =
                Em.fit { Em.defaults with Threads = threads } (Gaussian.spec structure 4) data

            Array.concat [ parameters fit.Mixture; fit.History; fit.Certificate.Restarts ]

        let one = run 1
        Assert.Equal<float>(one, run 2)
        Assert.Equal<float>(one, run 7)
