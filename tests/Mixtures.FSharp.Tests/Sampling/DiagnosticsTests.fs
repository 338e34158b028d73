module Mixtures.Tests.DiagnosticsTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.SampleChains

let private cases =
    [
        "ar", [| for seed in 1..4 -> autoregressive seed 151 0.6 0.0 |]
        "anti", [| for seed in 11..12 -> autoregressive seed 150 -0.5 0.0 |]
        "one", [| autoregressive 7 400 0.9 0.0 |]
        "shifted", [| for seed in 1..3 -> autoregressive seed 100 0.3 (0.4 * float seed) |]
    ]
    |> Map.ofList

/// Values of a naive program in Python (sums over lags written out, the Beta quantile by Simpson's rule and bisection) from
/// the equations of Vehtari et al. (2021). Catches a wrong lag, a wrong divisor, halves that overlap, ties in ranks.
[<Theory>]
[<InlineData("ar", 1.0164106435457618, 158.17502784191686, 253.50626283895627, 156.08311672603014)>]
[<InlineData("anti", 0.9974942773675269, 743.1363764158988, 333.80399164586163, 743.1363764158988)>]
[<InlineData("one", Double.NaN, 25.165483593897804, 47.257374760581534, 24.44911776680999)>]
[<InlineData("shifted", 1.0017755189782735, 145.40491897634595, 223.70220489173818, 144.09216178265896)>]
let ``R-hat and effective sample sizes have the values of the definitions`` (name, rHat, bulk, tail, mean) =
    let chains = cases[name]

    if not (Double.IsNaN rHat) then
        close 1e-10 rHat (Diagnostics.rHat chains)

    close 1e-9 bulk (Diagnostics.essBulk chains)
    close 1e-9 tail (Diagnostics.essTail chains)
    close 1e-9 mean (Diagnostics.essMean chains)

/// As above. Catches errors of the mean taken for those of the deviation, and quantiles of the wrong side.
[<Theory>]
[<InlineData("ar", 0.18447637950776807, 0.11580977044557113, 0.1255804267153522, 0.25592722277888624)>]
[<InlineData("anti", 0.08376503229524068, 0.1311768575653466, 0.14721415986498979, 0.3434201345757868)>]
[<InlineData("one", 0.8490461886356107, 0.41068716870356503, 0.8164118002782252, 1.3403296912923017)>]
[<InlineData("shifted", 0.1617293236371617, 0.10034367577001456, 0.24623637024295786, 0.3054890991609054)>]
let ``Monte Carlo errors have the values of the definitions`` (name, mean, sd, median, low) =
    let chains = cases[name]
    close 1e-9 mean (Diagnostics.mcseMean chains)
    close 1e-9 sd (Diagnostics.mcseSd chains)
    close 1e-9 median (Diagnostics.mcseQuantile 0.5 chains)
    close 1e-9 low (Diagnostics.mcseQuantile 0.05 chains)

/// Catches a transform that wraps around, or is scaled wrongly.
[<Fact>]
let ``autocovariances are sums over lags`` () =
    forSeeds 20 (fun stream ->
        let n = between 2 70 stream
        let values = Array.init n (fun _ -> 5.0 + stream.NextNormal())
        let m = Array.average values
        let fast = Autocovariance.ofValues values

        for t in 0 .. n - 1 do
            let sum =
                Seq.sum (seq { for i in 0 .. n - 1 - t -> (values[i] - m) * (values[i + t] - m) })

            close 1e-12 (sum / float n) fast[t])

/// Catches an effective sample size that is off by a factor: known for autoregression, S (1 - φ) / (1 + φ).
[<Theory>]
[<InlineData(0.0)>]
[<InlineData(0.5)>]
[<InlineData(0.9)>]
[<InlineData(-0.4)>]
let ``the effective sample size of autoregression is known`` (phi: float) =
    let chains = normalChains 4 20000 phi ((RandomKey.ofSeed 3).Stream())
    let expected = 80000.0 * (1.0 - phi) / (1.0 + phi)
    let ratio = Diagnostics.essMean chains / expected
    Assert.InRange(ratio, 0.85, 1.15)
    Assert.InRange(Diagnostics.essBulk chains / expected, 0.85, 1.15)
    Assert.InRange(Diagnostics.rHat chains, 0.999, 1.01)

/// Catches ranks that are not what is looked at: R-hat and bulk ESS of draws and of their exponentials are the same.
[<Fact>]
let ``monotone transformations and orders of chains change nothing`` () =
    forSeeds 10 (fun stream ->
        let chains = normalChains (between 2 5 stream) (between 20 200 stream) 0.3 stream
        let exponentials = chains |> Array.map (Array.map exp)
        Assert.Equal(Diagnostics.essBulk chains, Diagnostics.essBulk exponentials)
        close 1e-12 (Diagnostics.rHat chains) (Diagnostics.rHat (Array.rev chains))
        close 1e-9 (Diagnostics.essMean chains) (Diagnostics.essMean (Array.rev chains)))

/// Catches diagnostics blind to one of the ways of not mixing: places, spreads, a drift, no mean at all.
[<Fact>]
let ``chains that do not agree are seen`` () =
    let stream = (RandomKey.ofSeed 9).Stream()

    let draws () =
        Array.init 500 (fun _ -> stream.NextNormal())

    let apart = [| draws (); draws (); draws () |> Array.map (fun x -> x + 1.0) |]
    let wide = [| draws (); draws (); draws () |> Array.map (fun x -> 3.0 * x) |]

    let drifting =
        Array.init 2 (fun _ -> draws () |> Array.mapi (fun i x -> x + 0.004 * float i))

    let cauchy =
        Array.init 2 (fun c -> Array.init 500 (fun _ -> 20.0 * float c + stream.NextNormal() / stream.NextNormal()))

    for chains in [ apart; wide; drifting; cauchy ] do
        Assert.True(Diagnostics.rHat chains > 1.05)

/// Catches NaN where draws stand still.
[<Fact>]
let ``chains that stand still give numbers`` () =
    let still = [| Array.create 100 2.0; Array.create 100 2.0 |]
    Assert.Equal(1.0, Diagnostics.rHat still)
    Assert.Equal(200.0, Diagnostics.essBulk still)
    Assert.Equal(0.0, Diagnostics.mcseMean still)
    Assert.Equal(0.0, Diagnostics.mcseSd still)
    Assert.Equal(0.0, Diagnostics.mcseQuantile 0.5 still)
    let apart = [| Array.create 100 2.0; Array.create 100 3.0 |]
    Assert.Equal(Double.PositiveInfinity, Diagnostics.rHat apart)
    Assert.InRange(Diagnostics.essBulk apart, 1.0, 4.0)

/// Independent energies have 2, a random walk almost nothing (Betancourt 2016).
[<Fact>]
let ``the fraction of missing information is that of the energies' steps`` () =
    let stream = (RandomKey.ofSeed 5).Stream()
    let independent = Array.init 20000 (fun _ -> stream.NextNormal())
    Assert.InRange(Diagnostics.ebfmi independent, 1.9, 2.1)
    let walk = independent |> Array.scan (+) 0.0
    Assert.True(Diagnostics.ebfmi walk < 0.01)

let private message (action: unit -> float) =
    Assert.Throws<ArgumentException>(fun () -> action () |> ignore).Message

/// Catches silence on bad input.
[<Fact>]
let ``bad draws are named`` () =
    let good = Array.init 2 (fun _ -> Array.init 10 float)
    Assert.Contains("expected at least 2 chains, received 1", message (fun () -> Diagnostics.rHat [| good[0] |]))
    Assert.Contains("run more of them", message (fun () -> Diagnostics.rHat [| good[0] |]))
    Assert.Contains("at least 6 draws", message (fun () -> Diagnostics.essBulk [| [||]; [||] |]))
    Assert.Contains("at least one chain", message (fun () -> Diagnostics.essBulk [||]))

    Assert.Contains("received 9 in chain 2", message (fun () -> Diagnostics.rHat [| good[0]; Array.init 9 float |]))

    let bad = [| Array.copy good[0]; Array.copy good[0] |]
    bad[1].[3] <- nan
    Assert.Contains("received NaN as draw 4 of chain 2", message (fun () -> Diagnostics.essTail bad))
    Assert.Contains("probability", message (fun () -> Diagnostics.mcseQuantile 1.0 good))
    Assert.Contains("energies that vary", message (fun () -> Diagnostics.ebfmi (Array.create 9 1.0)))

/// Catches rows and columns exchanged.
[<Fact>]
let ``draws are read by name`` () =
    let draws =
        Draws.create [| "a"; "b" |] [| [| 1.0; 2.0; 3.0; 4.0 |]; [| 5.0; 6.0 |] |]

    Assert.Equal<int[]>([| 2; 1 |], draws.Counts)
    Assert.Equal<float[][]>([| [| 2.0 |]; [| 6.0 |] |], Draws.parameter "b" draws)
    Assert.Equal<float[]>([| 3.0; 4.0 |], Draws.row 0 1 draws)
    let sums = draws |> Draws.map [| "sum" |] (fun row -> [| Array.sum row |])
    Assert.Equal<float[][]>([| [| 3.0; 7.0 |]; [| 11.0 |] |], sums.Chains)
    Assert.Equal<float[][]>([| [| 3.0 |]; [| 11.0 |] |], Draws.quantity Array.sum draws)
    Assert.Equal<int[]>([| 4; 2 |], (Draws.append draws draws).Counts)

    Assert.Contains(
        "received c",
        Assert.Throws<ArgumentException>(fun () -> Draws.parameter "c" draws |> ignore).Message
    )

    Assert.Throws<ArgumentException>(fun () -> Draws.create [| "a"; "b" |] [| [| 1.0 |] |] |> ignore)
    |> ignore
