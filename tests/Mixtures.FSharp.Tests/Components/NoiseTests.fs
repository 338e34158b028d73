module Mixtures.Tests.NoiseTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws
open Mixtures.Tests.NoiseLawTests

/// Two Gaussians in three columns, and uniform noise of a fifth of the rows.
let private truth =
    Gaussian.create
        CovarianceStructure.Full
        [| 0.6; 0.4 |]
        [| [| 0.0; 0.0; 0.0 |]; [| 4.0; 3.0; -2.0 |] |]
        [|
            array2D [ [ 1.0; 0.4; 0.0 ]; [ 0.4; 1.5; 0.2 ]; [ 0.0; 0.2; 0.6 ] ]
            array2D [ [ 0.8; -0.3; 0.1 ]; [ -0.3; 0.7; 0.0 ]; [ 0.1; 0.0; 1.2 ] ]
        |]
    |> Noise.create 0.2 (Array.create 3 -10.0) (Array.create 3 10.0)

let private sampled = draw 20000 ((RandomKey.ofSeed 5).Stream()) truth

let private twoWithNoise =
    MixtureSpec.withNoise (Gaussian.spec CovarianceStructure.Full 2)

/// Catches starts that lose the noise, and estimates that it biases.
[<Fact>]
let ``20 000 rows with a fifth of noise give the parameters back within 4 standard errors`` () =
    let fit = Em.fit { Em.defaults with Seed = 1 } twoWithNoise sampled
    Assert.Equal(Converged, fit.Termination)
    Assert.True(fit.LogLikelihood >= Mixture.score truth sampled)
    Assert.Empty(fit.Certificate.Components |> Array.filter _.Spurious)
    Assert.True(Noise.isIn fit.Mixture)
    let estimates = StandardErrors.ofMixture twoWithNoise sampled fit.Mixture
    let expected = StandardErrors.ofMixture twoWithNoise sampled truth
    Assert.Equal(3 + 2 * 9, estimates.Length)

    for e, estimate in Array.zip expected estimates do
        Assert.Equal(e.Name, estimate.Name)

        Assert.True(
            abs (estimate.Value - e.Value) <= 4.0 * estimate.StandardError,
            $"{estimate.Name} is {estimate.Value:R}, truth {e.Value:R}, standard error {estimate.StandardError:g3}"
        )

    // the labels: noise is 3, and its rows are mostly seen as noise
    let labels = Mixture.predict fit.Mixture sampled
    let noise = labels |> Array.filter ((=) 2) |> Array.length
    Assert.InRange(float noise / 20000.0, 0.17, 0.2)

[<Fact>]
let ``data with noise are better described with noise`` () =
    let data = draw 1000 ((RandomKey.ofSeed 6).Stream()) truth
    let fit k spec = (Em.fit Em.defaults (spec k) data).Bic
    let plain = Gaussian.spec CovarianceStructure.Full
    let noisy k = MixtureSpec.withNoise (plain k)
    let best = fit 2 noisy

    for k in 1..4 do
        Assert.True(best < fit k plain - 50.0, $"{k} components without noise")

    Assert.True(best < fit 1 noisy)
    Assert.True(best < fit 3 noisy)

[<Fact>]
let ``gradient descent finds what EM finds`` () =
    let data = draw 1000 ((RandomKey.ofSeed 6).Stream()) truth
    let em = Em.fit Em.defaults twoWithNoise data

    let gradient =
        Gradient.fit
            { Gradient.defaults with
                Method = QuasiNewton
            }
            twoWithNoise
            data

    Assert.Equal(em.LogLikelihood, gradient.Fit.LogLikelihood, 1e-4)
    same "parameters" 1e-3 (numbers em.Mixture) (numbers gradient.Fit.Mixture)

/// Catches a noise component that is called spurious, removed or moved because no row needs it.
[<Fact>]
let ``noise that no row needs is no defect, under every policy`` () =
    let clean =
        draw
            300
            ((RandomKey.ofSeed 7).Stream())
            (Gaussian.create
                CovarianceStructure.Full
                [| 1.0 |]
                [| [| 1.0; 2.0 |] |]
                [| array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ] |])

    for policy in [ HoldAtFloor; Reseed; Prune; Fail ] do
        let fit =
            Em.fit
                { Em.defaults with Collapse = policy }
                (MixtureSpec.withNoise (Gaussian.spec CovarianceStructure.Full 1))
                clean

        Assert.Equal(2, fit.Mixture.Count)
        Assert.True(fit.Mixture.Weights[1] < 0.1)
        Assert.Empty(fit.Certificate.Collapses)
        Assert.DoesNotContain(fit.Warnings, fun w -> w.Contains "Component 2")
        Assert.Equal(1 + 5, fit.Summary.Parameters)

[<Fact>]
let ``a constant column and a single column`` () =
    let stream = (RandomKey.ofSeed 8).Stream()

    let clean =
        Array.init 150 (fun i -> [| float (i % 2) * 8.0 + stream.NextNormal(); 5.0 |])

    let noise = Array.init 50 (fun _ -> [| -20.0 + 48.0 * stream.NextDouble(); 5.0 |])
    let data = Dataset.ofSeq (Array.append clean noise)

    for structure in [ CovarianceStructure.Full; CovarianceStructure.Spherical ] do
        let spec = MixtureSpec.withNoise (Gaussian.spec structure 2)
        let fit = Em.fit Em.defaults spec data
        Assert.Contains(fit.Warnings, fun w -> w.Contains "constant")
        let single = Em.fit Em.defaults spec (Dataset.ofColumn (data.Column 0))
        Assert.Equal(single.LogLikelihood, fit.LogLikelihood, 1e-8)
        Assert.InRange(single.Mixture.Weights[2], 0.1, 0.35)
        let struct (lower, upper) = Noise.box fit.Mixture
        Assert.Equal(5.0, lower[1])
        Assert.Equal(5.0, upper[1])
        Assert.Equal(fit.LogLikelihood, Mixture.score fit.Mixture data, 1e-8)

        Assert.Equal<float>(
            Mixture.logDensity fit.Mixture data,
            Mixture.logDensity (ModelFile.ofJson (ModelFile.toJson None fit.Mixture)).Mixture data
        )

/// Catches rows outside the box that become NaN, or keep a share of the noise.
[<Fact>]
let ``rows outside the box belong to the other components`` () =
    let far =
        Dataset.ofSeq [ [| 1e3; 0.0; 0.0 |]; [| 11.0; 0.0; 0.0 |]; [| 9.0; -9.0; 9.0 |] ]

    let responsibilities = Mixture.responsibilities truth far
    Assert.Equal(0.0, responsibilities[0, 2])
    Assert.Equal(0.0, responsibilities[1, 2])
    Assert.True(responsibilities[2, 2] > 0.999)
    Assert.Equal(2, (Mixture.predict truth far)[2])

    for i in 0..2 do
        Assert.Equal(1.0, responsibilities[i, 0] + responsibilities[i, 1] + responsibilities[i, 2], 1e-12)
        Assert.True(Double.IsFinite((Mixture.logDensity truth far).[i]))

    // and a component's own support still holds
    let counts =
        Noise.create 0.3 [| 0.0 |] [| 9.0 |] (Families.create Families.poisson [| 1.0 |] [| [| [| 2.0 |] |] |])

    let error =
        Assert.Throws<DataException>(fun () -> Mixture.predict counts (Dataset.ofColumn [| -1.0 |]) |> ignore)

    Assert.Contains("whole number", error.Message)

[<Fact>]
let ``products and families whose levels are found have noise`` () =
    let stream = (RandomKey.ofSeed 9).Stream()

    let rows =
        Array.init 600 (fun i ->
            if i % 5 = 0 then
                [|
                    40.0 * stream.NextDouble()
                    float (stream.NextInt32 30)
                    float (stream.NextInt32 3)
                |]
            else
                [|
                    10.0 + stream.NextNormal()
                    float (Poisson.sample 4.0 stream)
                    (if stream.NextDouble() < 0.9 then 2.0 else 0.0)
                |])

    let data = Dataset.FromRows(rows, [| "size"; "visits"; "blood" |])

    let spec =
        Product.spec
            [
                "blood", Families.categorical
                "size", Families.gaussian
                "visits", Families.poisson
            ]
            1
        |> MixtureSpec.withNoise

    let fit = Em.fit Em.defaults spec data
    Assert.Equal("product-with-noise", fit.Mixture.Family.Name)
    Assert.InRange(fit.Mixture.Weights[1], 0.15, 0.25)
    let loaded = (ModelFile.ofJson (ModelFile.toJson None fit.Mixture)).Mixture
    Assert.Equal<float>(Mixture.logDensity fit.Mixture data, Mixture.logDensity loaded data)
    Assert.Equal<int>(Mixture.predict fit.Mixture data, Mixture.predict loaded data)

    Assert.Throws<ArgumentException>(fun () -> Product.familyOf [ [ "a" ], spec.Family ] |> ignore)
    |> ignore

/// Catches starts that miscount: means are of the components beside the noise, responsibilities of all.
[<Fact>]
let ``given starts`` () =
    let data = draw 400 ((RandomKey.ofSeed 10).Stream()) truth

    let fit start =
        Em.fit { Em.defaults with Start = start } twoWithNoise data

    let best = (Em.fit Em.defaults twoWithNoise data).LogLikelihood
    let means = [| [| 0.0; 0.0; 0.0 |]; [| 4.0; 3.0; -2.0 |] |]
    Assert.Equal(best, (fit (GivenMeans means)).LogLikelihood, 1e-4)
    Assert.Equal(best, (fit (GivenModel(Noise.others truth))).LogLikelihood, 1e-4)
    Assert.Equal(best, (fit (GivenResponsibilities(Mixture.responsibilities truth data))).LogLikelihood, 1e-4)

    let error =
        Assert.Throws<FitException>(fun () -> fit (GivenMeans(Array.append means means)) |> ignore)

    Assert.Contains("4 means were given for 2 components", error.Message)

[<Fact>]
let ``what cannot be is refused`` () =
    let gaussian = Noise.others truth

    let refused (part: string) (action: unit -> unit) =
        let error = Assert.ThrowsAny<ArgumentException>(action)
        Assert.Contains(part, error.Message)

    refused "without noise" (fun () -> MixtureSpec.withNoise twoWithNoise |> ignore)
    refused "without noise" (fun () -> Noise.create 0.1 [| 0.0; 0.0; 0.0 |] [| 1.0; 1.0; 1.0 |] truth |> ignore)
    refused "from 0 to below 1" (fun () -> Noise.create 1.0 [| 0.0; 0.0; 0.0 |] [| 1.0; 1.0; 1.0 |] gaussian |> ignore)
    refused "one a column" (fun () -> Noise.create 0.1 [| 0.0 |] [| 1.0 |] gaussian |> ignore)
    refused "finite" (fun () -> Noise.create 0.1 [| nan; 0.0; 0.0 |] [| 1.0; 1.0; 1.0 |] gaussian |> ignore)
    refused "not below lower" (fun () -> Noise.create 0.1 [| 0.0; 2.0; 0.0 |] [| 1.0; 1.0; 1.0 |] gaussian |> ignore)
    refused "received one without" (fun () -> Noise.others gaussian |> ignore)
    refused "noise as the last" (fun () -> truth.Components.Choose [| 2; 0 |] |> ignore)
    refused "noise as the last" (fun () -> truth.Components.Choose [| 2 |] |> ignore)

    let json = ModelFile.toJson None truth

    let unread (part: string) (text: string) =
        let error = Assert.Throws<DataException>(fun () -> ModelFile.ofJson text |> ignore)
        Assert.Contains(part, error.Message)

    unread "'noise'" (json.Replace("\"noise\"", "\"other\""))
    unread "no 'upper'" (json.Replace("\"upper\"", "\"other\""))

    unread
        "'noise.upper'"
        (json.Replace("\"lower\"", "\"x\"").Replace("\"upper\"", "\"lower\"").Replace("\"x\"", "\"upper\""))

    unread "means" (json.Replace("gaussian-with-noise", "gaussian"))
