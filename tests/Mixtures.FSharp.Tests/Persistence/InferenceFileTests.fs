/// Files of posterior samples and of fitted guides.
module Mixtures.Tests.InferenceFileTests

open System
open System.IO
open System.Threading
open Xunit
open Mixtures

let private options =
    { Nuts.defaults with
        Chains = 2
        Draws = 30
        Warmup = 80
        Seed = 5
    }

let private sample =
    lazy (PosteriorSample.draw options ModelStarts FivePoints.model)

let private inFile (write: string -> unit) (read: string -> 'T) : 'T =
    let path = Path.Combine(Path.GetTempPath(), $"mixtures-{Guid.NewGuid():N}.json")

    try
        write path
        read path
    finally
        File.Delete path

let private refused (text: string) (act: unit -> 'T) =
    let refusal = Assert.Throws<DataException>(fun () -> act () |> ignore)
    Assert.Contains(text, refusal.Message)

/// Catches numbers that are rounded, and parts that are left out.
[<Theory>]
[<InlineData false>]
[<InlineData true>]
let ``a sample reads back to the same bits, and goes on as one long run`` dense =
    let options =
        { options with
            Mass = if dense then DenseMass else DiagonalMass
        }

    let short = PosteriorSample.draw options ModelStarts FivePoints.model

    let read =
        inFile (fun path -> SampleFile.save path short) (fun path -> SampleFile.load path FivePoints.model)

    Assert.Equal<float[][]>(short.Draws.Chains, read.Draws.Chains)
    Assert.Equal<string[]>(short.Draws.Names, read.Draws.Names)
    Assert.Equal<float[]>(short.Run.Chains[1].Energies, read.Run.Chains[1].Energies)
    Assert.Equal<bool[]>(short.Run.Chains[0].Divergent, read.Run.Chains[0].Divergent)
    Assert.Equal(short.Run.DrawsPerSecond, read.Run.DrawsPerSecond)
    Assert.Equal(SampleFile.toJson short, SampleFile.toJson read)

    let more = { options with Draws = 70 }
    let whole = PosteriorSample.draw more ModelStarts FivePoints.model
    Assert.Equal<float[][]>(whole.Draws.Chains, (PosteriorSample.resume more read).Draws.Chains)

/// A run that is stopped while it warms up has learnt half of what it needs: that is in the file as well.
[<Fact>]
let ``a run that was stopped in warm-up goes on from its file`` () =
    use stop = new CancellationTokenSource()
    let mutable seen = 0

    let monitor =
        {
            Watch =
                fun _ ->
                    seen <- seen + 1

                    if seen = 3 then
                        stop.Cancel()
            Stop = stop.Token
        }

    let options = { options with Warmup = 300 }

    let stopped = PosteriorSample.drawWith monitor options ModelStarts FivePoints.model

    Assert.True stopped.Run.Interrupted
    Assert.Equal(0, stopped.Draws.Count)

    let read = SampleFile.ofJson FivePoints.model (SampleFile.toJson stopped)

    let whole = PosteriorSample.draw options ModelStarts FivePoints.model
    Assert.Equal<float[][]>(whole.Draws.Chains, (PosteriorSample.resume options read).Draws.Chains)

/// Chains of a run that is stopped have different lengths: the shorter ones go on, the longer ones stay as they are.
[<Fact>]
let ``uneven chains go on to the draws asked for`` () =
    use stop = new CancellationTokenSource()

    let monitor =
        {
            Watch =
                fun step ->
                    if step.Chain = 1 && step.Transitions >= 150 then
                        stop.Cancel()
            Stop = stop.Token
        }

    // one thread: slices of 64 in turn, so that chains differ when it stops
    let options =
        { options with
            Chains = 3
            Draws = 5000
            Threads = 1
        }

    let stopped = PosteriorSample.drawWith monitor options ModelStarts FivePoints.model

    let counts = stopped.Draws.Counts
    Assert.True(Array.max counts > Array.min counts, "the chains do not differ: the test needs another stop")
    let goal = Array.min counts + 1

    let more = PosteriorSample.resume { options with Draws = goal } stopped

    Assert.Equal<int[]>(counts |> Array.map (max goal), more.Draws.Counts)

    let whole =
        PosteriorSample.draw { options with Draws = goal } ModelStarts FivePoints.model

    for chain in 0..2 do
        let own = whole.Draws.Chains[chain]
        Assert.Equal<float[]>(own, Array.truncate own.Length more.Draws.Chains[chain])

[<Fact>]
let ``a file of another model, other data or other priors is refused`` () =
    let json = SampleFile.toJson sample.Value
    let read model = fun () -> SampleFile.ofJson model json

    let program (points: float[]) sd =
        bayesian {
            let! weights = latent "weights" (Prior.dirichlet [| 0.5; 0.5 |])
            let! scale = latent "scale" (Prior.logNormal 0.0 2.0)
            let! locs = latent "locs" (Distribution.expand [| 2 |] (Prior.normal 0.0 sd))
            do! observeMixture "x" weights (Normal.distribution locs scale) (Tensor.ofArray points)
        }
        |> ProgramModel.ofProgram

    (read (program FivePoints.points 10.0)) () |> ignore

    read (program [| 0.0; 1.0; 10.0; 11.0; 12.5 |] 10.0)
    |> refused "other data or priors"

    read (program FivePoints.points 9.0) |> refused "other data or priors"

    read (SpecModel.withDefaults FivePoints.spec FivePoints.data)
    |> refused "another model: expected site 2 to be means"

[<Fact>]
let ``what is wrong with a file is told`` () =
    let model = FivePoints.model
    let json = SampleFile.toJson sample.Value
    let read (text: string) = fun () -> SampleFile.ofJson model text
    read (json.Substring(0, 2000)) |> refused "not valid JSON at line"
    read "[]" |> refused "not a saved sample"

    read """{"format": "mixtures-model", "version": 1}"""
    |> refused "received 'mixtures-model'"

    read (json.Replace("\"version\": 1", "\"version\": 2"))
    |> refused "newer release"

    read (json.Replace("\"mass\": \"diagonal\"", "\"mass\": \"round\""))
    |> refused "diagonal or dense"

    read (json.Replace("\"chains\": 2", "\"chains\": 3"))
    |> refused "Expected 3 chains"

    read (json.Replace("\"energies\"", "\"energy\"")) |> refused "no 'energies'"

    read (json.Replace("\"transitions\": 110", "\"transitions\": 111"))
    |> refused "as many draws as transitions"

    read (json.Replace("\"warmup\": 80", "\"warmup\": -1")) |> refused "warm-up"

    let missing =
        Assert.Throws<DataException>(fun () -> SampleFile.load "nowhere.json" model |> ignore)

    Assert.Contains("There is no file of a sample 'nowhere.json'", missing.Message)

let private specModel =
    lazy (SpecModel.withDefaults FivePoints.spec FivePoints.data)

let private svi =
    { Svi.defaults with
        Steps = 60
        Restarts = 1
        FinalDraws = 200
        ParetoDraws = 200
        Seed = 2
    }

[<Theory>]
[<InlineData "mean-field">]
[<InlineData "full-rank">]
[<InlineData "suited">]
let ``a guide reads back to the same bits`` (kind: string) =
    let model = specModel.Value

    let guide =
        match kind with
        | "mean-field" -> Guide.meanField model
        | "full-rank" -> Guide.fullRank model
        | _ -> Guide.suited model

    let fit = Svi.fit svi guide model

    let read =
        inFile (fun path -> GuideFile.save path fit) (fun path -> GuideFile.load path model)

    Assert.Equal<float[]>(fit.Vector, read.Vector)
    Assert.Equal<float[]>(fit.History, read.History)
    Assert.Equal(fit.Report, read.Report)
    Assert.Equal(fit.Elbo, read.Elbo)
    Assert.Equal<string list>(fit.Warnings, read.Warnings)
    Assert.Equal(GuideFile.toJson fit, GuideFile.toJson read)
    let stream () = (RandomKey.ofSeed 1).Stream()

    Assert.Equal<float[]>(
        fit.Draw(stream ()) |> Array.collect _.ToArray(),
        read.Draw(stream ()) |> Array.collect _.ToArray()
    )

    // it can be gone on from
    Svi.fit { svi with Start = read.Parameters } guide model |> ignore

[<Fact>]
let ``a guide of another guide's parameters, or of another model, is refused`` () =
    let model = specModel.Value

    let own =
        Guide.structured
            [
                "weights", GuideFamily.Dirichlet
                "means", GuideFamily.Normal
                "scales", GuideFamily.LogNormal
            ]
            model

    let json = GuideFile.toJson (Svi.fit svi own model)
    (fun () -> GuideFile.ofJson model json) |> refused "another guide"

    inFile (fun path -> File.WriteAllText(path, json)) (fun path -> GuideFile.loadWith own path model |> ignore)

    let wider =
        SpecModel.withDefaults
            (FivePoints.spec |> MixtureSpec.withPrior "means" (Prior.normal 0.0 20.0))
            FivePoints.data

    let mean = GuideFile.toJson (Svi.fit svi (Guide.suited model) model)
    (fun () -> GuideFile.ofJson wider mean) |> refused "other data or priors"
    (fun () -> GuideFile.ofJson FivePoints.model mean) |> refused "another model"
    (fun () -> SampleFile.ofJson model mean) |> refused "not a saved sample"

/// The centre of a guide close to a posterior is near its mean, in the sites' own values.
[<Fact>]
let ``a guide's centre is a model`` () =
    let stream = (RandomKey.ofSeed 5).Stream()

    let data =
        Dataset.ofColumn (Array.init 90 (fun i -> (if i % 3 = 0 then 10.0 else 0.0) + stream.NextNormal()))

    let model =
        SpecModel.withDefaults (Gaussian.spec CovarianceStructure.Spherical 2) data

    for guide in [ Guide.suited model; Guide.fullRank model ] do
        let fit = Svi.fit { svi with Steps = 400; Restarts = 4 } guide model
        let means = fit.Centre[model.IndexOf "means"].ToArray() |> Array.sort
        Assert.InRange(means[0], -0.5, 0.5)
        Assert.InRange(means[1], 9.5, 10.5)
        Assert.Equal(1.0, Array.sum fit.Mixture.Weights, 1e-12)
