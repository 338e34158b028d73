/// Samples of models' posteriors.
module Mixtures.Tests.PosteriorSampleTests

open System
open System.IO
open Xunit
open Mixtures
open Mixtures.Tests

let private options =
    { Nuts.defaults with
        Chains = 4
        Draws = 1000
        Warmup = 500
        TargetAcceptance = 0.95
        Seed = 3
    }

let private sample =
    lazy (PosteriorSample.draw options ModelStarts FivePoints.model)

/// Catches values that are not the sites', or names in another order than theirs.
[<Fact>]
let ``draws are named numbers of the sites`` () =
    let s = sample.Value
    Assert.Equal<string[]>([| "weights[1]"; "weights[2]"; "scale"; "locs[1]"; "locs[2]" |], s.Draws.Names)
    let values = s.Values 1 17
    let row = Draws.row 1 17 s.Draws
    Assert.Equal<float[]>(row, values |> Array.collect _.ToArray())
    Assert.Equal(1.0, row[0] + row[1], 1e-12)
    Assert.True(row[2] > 0.0)
    // the density of the draw is the model's
    let struct (density, _) = s.Model.Evaluate((s.Model.Unconstrain values).ToArray())
    Assert.Equal(density, s.Run.Chains[1].LogDensities[17], 1e-8)

/// The exact medians of data/pyro_gmm.json, within Monte Carlo errors.
[<Fact>]
let ``label-invariant summaries of the five points`` () =
    let byLocation =
        PosteriorSample.toMixtureDraws "weights" sample.Value
        |> MixtureDraws.orderBy 0
        |> MixtureDraws.toDraws

    let check (name: string) (parameter: string) =
        let exact =
            FivePoints.reference.Value
                .GetProperty("posterior")
                .GetProperty("values")
                .GetProperty("quantiles")
                .GetProperty(name)
                .GetProperty("0.5")
                .GetDouble()

        let summary = PosteriorSummary.ofChains name (Draws.parameter parameter byLocation)

        Assert.True(
            abs (summary.Median - exact) <= 4.0 * summary.McseMedian,
            $"{name}: {summary.Median}, exact {exact}"
        )

    check "loc_low" "locs[1]"
    check "loc_high" "locs[2]"
    check "weight_of_low" "weight[1]"

/// Catches numbers of components that mean another component in another chain: of well-separated components, raw numbers have
/// R-hats far above 1, and relabelled ones have not.
[<Fact>]
let ``a specification's summary does not depend on how chains number components`` () =
    let stream = (RandomKey.ofSeed 5).Stream()

    let data =
        Dataset.ofArray2D (Array2D.init 60 1 (fun i _ -> (if i % 3 = 0 then 10.0 else 0.0) + stream.NextNormal()))

    let model =
        SpecModel.withDefaults (Gaussian.spec CovarianceStructure.Diagonal 2) data

    // two chains that begin with the components in one order, two in the other
    let start order =
        [|
            Tensor.ofArray (order [| 0.6; 0.4 |])
            Tensor.ofShape [| 2; 1 |] (order [| 0.0; 10.0 |])
            Tensor.ofShape [| 2; 1 |] [| 1.0; 1.0 |]
        |]

    let s =
        PosteriorSample.draw
            { options with
                Draws = 300
                Warmup = 300
            }
            (GivenValues [| start id; start Array.rev; start id; start Array.rev |])
            model

    let worst (summaries: ParameterSummary[]) =
        summaries |> Array.map _.RHat.Value |> Array.max

    Assert.True(worst s.RawSummary > 1.5)
    Assert.True(worst s.Summary < 1.05, $"R-hat {worst s.Summary}")

    let means =
        s.Summary
        |> Array.filter (fun p -> p.Name.StartsWith("means", StringComparison.Ordinal))

    Assert.Equal(10.0, abs (means[0].Mean - means[1].Mean), 0.6)
    // a permutation of each draw, no more
    Array.iter2
        (fun (raw: float[]) (renumbered: float[]) ->
            for d in 0..299 do
                Assert.Equal<float[]>(
                    Array.sort (Array.sub raw (d * 6) 6),
                    Array.sort (Array.sub renumbered (d * 6) 6)
                ))
        s.Draws.Chains
        s.Relabelled.Chains

/// Catches what belongs to no component, or to one that cannot be renumbered, renumbered with the rest: a tied covariance of as
/// many columns as components, noise, the shares of a process.
[<Theory>]
[<InlineData "tied">]
[<InlineData "noise">]
[<InlineData "process">]
let ``renumbered draws have the density of the draws as they were`` (kind: string) =
    let stream = (RandomKey.ofSeed 6).Stream()

    let data =
        Dataset.ofArray2D (
            Array2D.init 45 2 (fun i j ->
                match i % 3 with
                | 0 -> 8.0 + stream.NextNormal()
                | 1 when j = 0 && kind = "noise" -> 20.0 * stream.NextDouble() - 6.0
                | _ -> stream.NextNormal())
        )

    let spec =
        match kind with
        | "tied" -> Gaussian.spec CovarianceStructure.Tied 2
        | "noise" -> Gaussian.spec CovarianceStructure.Spherical 2 |> MixtureSpec.withNoise
        | _ ->
            let spec = Gaussian.spec CovarianceStructure.Spherical 3

            spec
            |> MixtureSpec.withPriors
                { spec.Priors with
                    Weights = DirichletProcess 1.0
                }

    let model = SpecModel.withDefaults spec data

    let s =
        PosteriorSample.draw
            { options with
                Draws = 60
                Warmup = 150
                TargetAcceptance = 0.8
            }
            ModelStarts
            model

    let relabelled = s.Relabelled
    let mutable moved = 0

    for chain in 0..3 do
        for draw in 0..59 do
            let values = s.Values chain draw
            let renumbered = SampleComponents.values model relabelled chain draw

            // of the data: the prior of a process depends on the order
            let logLikelihood (values: Tensor[]) = (model.LogLikelihood values).ToScalar()

            if Draws.row chain draw relabelled <> Draws.row chain draw s.Draws then
                moved <- moved + 1

            Assert.Equal(logLikelihood values, logLikelihood renumbered, 1e-8)

    Assert.True(moved > 0, "no chain numbers components as another does: the test needs another seed")
    Assert.True((s.Summary |> Array.map _.RHat.Value |> Array.max) < 1.2)

[<Fact>]
let ``a sample goes on from where it stopped, and is written as CSV`` () =
    let few = { options with Draws = 40; Warmup = 60 }

    let short =
        PosteriorSample.draw { few with Draws = 15 } ModelStarts FivePoints.model

    let resumed = PosteriorSample.resume few short
    let whole = PosteriorSample.draw few ModelStarts FivePoints.model
    Assert.Equal<float[][]>(whole.Draws.Chains, resumed.Draws.Chains)
    let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".csv")

    try
        PosteriorSample.toCsv path whole
        let lines = File.ReadAllLines path
        Assert.Equal("chain,draw,weights[1],weights[2],scale,locs[1],locs[2],log_density,divergent", lines[0])
        Assert.Equal(1 + 4 * 40, lines.Length)
        let cells = lines[2].Split ','
        Assert.Equal<string[]>([| "1"; "2" |], cells[0..1])
        let second = Draws.row 0 1 whole.Draws
        Assert.Equal(second[2], Double.Parse(cells[4], Globalization.CultureInfo.InvariantCulture))
    finally
        File.Delete path

[<Fact>]
let ``starts that cannot be are refused`` () =
    let flat =
        SpecModel.ofSpec (Gaussian.spec CovarianceStructure.Diagonal 2) FivePoints.data

    let e =
        Assert.Throws<InvalidOperationException>(fun () -> PosteriorSample.draw options PriorDraws flat |> ignore)

    Assert.Contains("has no prior to draw from", e.Message)

    let e =
        Assert.Throws<ArgumentException>(fun () ->
            PosteriorSample.draw { options with Draws = 0 } ModelStarts FivePoints.model
            |> ignore)

    Assert.Contains("at least 1 draw of each chain", e.Message)

    let endless =
        ProgramModel.ofProgram (
            bayesian {
                let! a = latent "a" (Prior.normal 0.0 1.0)
                do! factor "penalty" (Tensor.log (-1.0 - a * a))
            }
        )

    let e =
        Assert.Throws<ArgumentException>(fun () -> PosteriorSample.draw options ModelStarts endless |> ignore)

    Assert.Contains("the term of penalty is not a number", e.Message)
