module Mixtures.Tests.FamilyEmTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers
open Mixtures.Tests.RandomModels
open Mixtures.Tests.EmLaws
open Mixtures.Tests.FamilyCases

// Which law holds for which family (every law is tested on random models and data; Gaussian ones are in EmLawTests):
//
//   law                                       counts, categorical   exponential, gamma, log-normal   weibull   beta   von-mises
//   the objective never falls                        x                           x                     x       x         x
//   permuting rows changes nothing                   x                           x                     x       x         x
//   permuting components permutes the result         x                           x                     x       x         x
//   a row given twice equals weight 2                x                           x                     x       x         x
//   zero-weight rows do not matter                   x                           x                     x       x         x
//   scale equivariance per column                    -                           x                     x       -         -
//   shift equivariance (of angles)                   -                           -                     -       -         x
//   the fixed point has zero gradient                x                           x                     x       x         x
//   the same bits on 1, 2 and 7 threads              x                           x                     x       x         x
//
// Counts are Poisson, geometric, binomial, negative binomial and zero-inflated Poisson.

/// A start that is not the truth, and data drawn from the truth.
let private problem case (stream: RandomStream) =
    let d = dimension case stream
    let k = between 1 3 stream
    let truth = randomMixture case k d stream
    let data = draw (between 60 200 stream) stream truth
    let start = randomMixture case k d stream
    start, data

let private forCases count (property: Case -> RandomStream -> unit) =
    for case in all do
        forSeeds count (property case)

let private same (case: Case) = EmLaws.same case.Family.Name

let private sameFit (case: Case) tolerance data =
    EmLaws.sameFit case.Family.Name tolerance data numbers

/// Catches an M-step that is not a maximum.
[<Fact>]
let ``the log-likelihood never falls`` () =
    forCases 12 (fun case stream ->
        let start, data = problem case stream

        let data = weighted data stream
        let fit = iterate start 40 data
        Assert.Equal(41, fit.History.Length)

        let falls =
            Array.pairwise fit.History |> Array.map (fun (a, b) -> a - b) |> Array.max

        Assert.True(
            (fit.Certificate.MonotonicityViolations = 0),
            $"{case.Family.Name}: fell by {falls:g3} of {fit.LogLikelihood}, parameters %A{Families.parameters fit.Mixture}"
        )

        neverFalls 1e-10 case.Family.Name fit
        near 1e-11 (abs fit.LogLikelihood + 100.0) (Mixture.score fit.Mixture data) fit.LogLikelihood case.Family.Name)

/// Catches rounding that is taken for a fall: the terms of this log-likelihood of -1162 add up to -4 in units of the
/// columns' spread, and 2e-12 was more than the rounding of that.
[<Fact>]
let ``rounding of large terms that add up to little is no fall`` () =
    let start, data = problem zeroInflated ((RandomKey.ofSeed 1809322724).Stream())

    let fit = iterate start 40 data
    Assert.Equal(-1162.07, fit.LogLikelihood, 0.01)
    Assert.Equal(0, fit.Certificate.MonotonicityViolations)

/// Catches a likelihood without a bound: rows repeated, or all at a point. Caps are seen and told.
[<Fact>]
let ``repeated values end at the cap, finite and told`` () =
    for case in [ exponential; gamma; beta; vonMises; logNormal; weibull ] do
        let stream = (RandomKey.ofSeed 5).Stream()
        let d = 1
        let truth = randomMixture case 1 d stream
        let rows = rowsOf (draw 60 stream truth)
        let value = if case.Family.Name = "exponential" then 0.0 else 0.5
        let repeated = Array.init 40 (fun _ -> [| value |])
        let data = Dataset.ofSeq (Array.append rows repeated)

        // one component on the repeated value, one on the rest
        let responsibilities =
            Array2D.init 100 2 (fun i k -> if (i >= 60) = (k = 1) then 1.0 else 0.0)

        let fit =
            Em.fit
                { Em.defaults with
                    Start = GivenResponsibilities responsibilities
                    MaxIterations = 200
                }
                (MixtureSpec.Create(case.Family, 2))
                data

        Assert.True(Double.IsFinite fit.LogLikelihood, case.Family.Name)
        Assert.Equal(0, fit.Certificate.MonotonicityViolations)
        Assert.True(fit.Certificate.Components[1].Spurious, case.Family.Name)

        for p in numbers fit.Mixture do
            Assert.True(Double.IsFinite p)

/// Catches a dependence on the order of rows.
[<Fact>]
let ``permuting rows changes nothing beyond rounding`` () =
    forCases 5 (fun case stream ->
        let start, data = problem case stream
        let moved = shuffled data stream
        sameFit case 1e-8 data (iterate start 4 data).Mixture (iterate start 4 moved).Mixture)

/// Catches components that rows have left and that leave a trace in the others, or in the log-likelihood (parameters of
/// such a component of Weibull's were held to be the same to 1e-8, where rounding of the others' rows decides on them).
[<Fact>]
let ``a component that holds no row changes nothing for the others`` () =
    let stream = (RandomKey.ofSeed 2130318514).Stream()
    let start, data = problem weibull stream
    let a = iterate start 5 data
    let b = iterate start 5 (shuffled data stream)
    Assert.InRange(a.Mixture.Weights[0], 0.0, 1e-10)
    Assert.True(a.Certificate.Components[0].Spurious)
    Assert.False(a.Certificate.Components[1].Spurious)
    same weibull 1e-8 a.Mixture.Weights b.Mixture.Weights

    let other (m: Mixture) =
        Array.concat (Families.parameters m).[1]

    same weibull 1e-8 (other a.Mixture) (other b.Mixture)
    near 1e-12 (abs a.LogLikelihood) a.LogLikelihood b.LogLikelihood "log-likelihood"

    let alone =
        Families.create Families.weibull [| 1.0 |] [| (Families.parameters a.Mixture).[1] |]

    near 1e-9 (abs a.LogLikelihood) (Mixture.score alone data) a.LogLikelihood "of the other alone"

/// Catches a component that is treated differently for its place.
[<Fact>]
let ``permuting components permutes the result`` () =
    forCases 5 (fun case stream ->
        let start, data = problem case stream

        let order =
            [| 0 .. start.Count - 1 |] |> Array.sortBy (fun _ -> stream.NextDouble())

        let permute (values: 'T[]) = order |> Array.map (fun k -> values[k])

        let permuted =
            Families.create case.Family (permute start.Weights) (permute (Families.parameters start))

        let a = (iterate start 4 data).Mixture
        let b = (iterate permuted 4 data).Mixture

        let expected =
            Families.create case.Family (permute a.Weights) (permute (Families.parameters a))

        sameFit case 1e-8 data expected b)

/// Catches a weight that is forgotten somewhere: in statistics, or in a criterion.
[<Fact>]
let ``a row given twice equals weight 2, also in the criteria`` () =
    forCases 5 (fun case stream ->
        let start, data = problem case stream
        let struct (rowsTwice, weightsTwo) = repeated data stream
        let a = iterate start 4 rowsTwice
        let b = iterate start 4 weightsTwo
        sameFit case 1e-8 weightsTwo a.Mixture b.Mixture
        Assert.Equal(a.Bic, b.Bic, 1e-9 * (1.0 + abs a.Bic))
        Assert.Equal(a.Icl, b.Icl, 1e-7 * (1.0 + abs a.Icl)))

/// Catches a row of weight zero that leaves a trace, also one that no component can hold.
[<Fact>]
let ``rows of weight zero do not matter`` () =
    forCases 5 (fun case stream ->
        let start, data = problem case stream

        let weighted = withWildRows data stream
        sameFit case 1e-8 data (iterate start 4 data).Mixture (iterate start 4 weighted).Mixture)

/// Catches units that matter where they should not.
[<Fact>]
let ``scaled columns give the scaled model, turned angles the turned one`` () =
    for case in [ exponential; gamma; weibull; logNormal; vonMises ] do
        forSeeds 5 (fun stream ->
            let start, data = problem case stream
            let angles = case.Family.Name = "von-mises"

            let factor =
                if angles then
                    1.0
                else
                    Math.Pow(2.0, float (between -20 20 stream))

            let turn x =
                if angles then
                    Math.IEEERemainder(x + 1.0, 2.0 * Math.PI)
                else
                    factor * x

            let moved = rowsOf data |> Array.map (Array.map turn) |> Dataset.ofSeq

            let move (p: float[]) =
                if angles then
                    [| turn p[0]; p[1] |]
                else
                    match case.Family.Name with
                    | "log-normal" -> [| p[0] + log factor; p[1] |]
                    | "weibull" -> [| p[0]; p[1] * factor |]
                    // the rate is the last parameter
                    | _ -> Array.mapi (fun i v -> if i = p.Length - 1 then v / factor else v) p

            let movedStart =
                Families.create case.Family start.Weights (Families.parameters start |> Array.map (Array.map move))

            let a = iterate start 5 data
            let b = iterate movedStart 5 moved
            let jacobian = float (data.Count * data.Dimension) * log factor
            Assert.Equal(a.LogLikelihood - jacobian, b.LogLikelihood, 1e-7 * (1.0 + abs a.LogLikelihood))
            same case 1e-7 a.Mixture.Weights b.Mixture.Weights)

/// Catches a fixed point that is not a stationary point of the likelihood.
[<Fact>]
let ``EM's fixed point has zero gradient, and other points do not`` () =
    forCases 12 (fun case stream ->
        let start, data = problem case stream

        let fit = converge start data

        // counts no more dispersed than Poisson's have their maximum where the size is infinite: there is no fixed point
        let endless =
            case.Family.Name = "negative-binomial"
            && Families.parameters fit.Mixture
               |> Seq.concat
               |> Seq.concat
               |> Seq.exists (fun v -> v > 1000.0)

        if fit.Termination = Converged && not endless then
            Assert.True(
                fit.Certificate.LargestGradient < 5e-5,
                $"{case.Family.Name}: gradient {fit.Certificate.LargestGradient:g3} after {fit.Iterations} iterations"
            )

        Assert.True((iterate start 0 data).Certificate.LargestGradient > 1e-4, case.Family.Name))

/// Catches results that depend on the number of threads, from starts to certificate.
[<Fact>]
let ``a fit has the same bits on 1, 2 and 7 threads`` () =
    for case in all do
        let stream = (RandomKey.ofSeed 3).Stream()
        let data = draw 20000 stream (randomMixture case 3 (dimension case stream) stream)

        for start in [ KMeansPlusPlus; RandomRows; RandomResponsibilities ] do
            let run threads =
                let fit =
                    Em.fit
                        { Em.defaults with
                            Restarts = 2
                            Threads = threads
                            MaxIterations = 3
                            Start = start
                            BlockRows = 64
                        }
                        (MixtureSpec.Create(case.Family, 3))
                        data

                struct (Array.append (numbers fit.Mixture) fit.History, fit.Certificate.LargestGradient)

            let struct (one, gradient) = run 1

            for threads in [ 2; 7 ] do
                let struct (other, otherGradient) = run threads
                let what = $"{case.Family.Name} from {start} on {threads} threads"
                Assert.True((one = other), what)

                // by tensors, the largest gradient at a maximum is a small difference of large sums
                if case.Family.Name = "weibull" then
                    near 1e-9 gradient gradient otherGradient what
                else
                    Assert.True((gradient = otherGradient), what)

/// Catches estimates that are biased, starts that miss, and standard errors in the wrong units.
[<Fact>]
let ``20 000 rows of a known mixture give the parameters back within 4 standard errors`` () =
    for case in all do
        let stream = (RandomKey.ofSeed 11).Stream()
        let d = if case.Family.Name = "categorical" then 3 else 2
        let truth = randomMixture case 3 d stream
        let data = draw 20000 stream truth

        let fit =
            Em.fit { Em.defaults with Restarts = 4 } (MixtureSpec.Create(case.Family, 3)) data

        Assert.Equal(Converged, fit.Termination)
        Assert.True(fit.LogLikelihood >= Mixture.score truth data, case.Family.Name)
        // components in the order of the truth's: by the rows that they share
        let table =
            Agreement.crossTable (Mixture.predict truth data) (Mixture.predict fit.Mixture data)

        let order = Array.init 3 (fun k -> [ 0..2 ] |> List.maxBy (fun j -> table[k, j]))

        Assert.Equal(3, (Array.distinct order).Length)

        let matched =
            Families.create
                fit.Mixture.Family
                (order |> Array.map (fun j -> fit.Mixture.Weights[j]))
                (order |> Array.map (fun j -> (Families.parameters fit.Mixture).[j]))

        let spec = MixtureSpec.Create(matched.Family, 3)
        let estimates = StandardErrors.ofMixture spec data matched
        let expected = StandardErrors.ofMixture spec data truth

        for i in 0 .. estimates.Length - 1 do
            let estimate: ParameterEstimate = estimates[i]
            Assert.Equal(expected[i].Name, estimate.Name)
            let distance = abs (estimate.Value - expected[i].Value)

            Assert.True(
                distance <= 4.0 * estimate.StandardError,
                $"{case.Family.Name}: {estimate.Name} is {estimate.Value:R}, truth {expected[i].Value:R}, standard error {estimate.StandardError:g3}"
            )

let private refused (family: IComponentFamily) (rows: float[][]) (parts: string list) =
    let data = Dataset.FromRows(rows, [| "a"; "b" |])

    let fitError =
        Assert.Throws<FitException>(fun () -> Em.fit Em.defaults (MixtureSpec.Create(family, 1)) data |> ignore)

    for part in parts do
        Assert.Contains(part, fitError.Message)

/// Catches values that pass where no component can hold them; the message names row, column, value and what is expected.
[<Fact>]
let ``values outside the support are refused by row and column`` () =
    let rows bad good =
        [| [| good; good |]; [| good; bad |]; [| good; good |] |]

    refused Families.poisson (rows -1.0 3.0) [ "Row 2"; "column 'b'"; "-1"; "whole number of at least 0" ]
    refused Families.poisson (rows 1.5 3.0) [ "Row 2"; "1.5" ]
    refused Families.geometric (rows -2.0 3.0) [ "Row 2"; "column 'b'" ]
    refused (Families.binomial 4) (rows 5.0 3.0) [ "Row 2"; "5"; "from 0 to 4" ]
    refused (Families.categoricalOf [| 3; 3 |]) (rows 3.0 1.0) [ "Row 2"; "level from 0 to 2" ]
    refused Families.categorical (rows 0.5 1.0) [ "Row 2"; "0.5" ]
    refused Families.exponential (rows -0.1 1.0) [ "Row 2"; "at least 0" ]
    refused Families.gamma (rows 0.0 1.0) [ "Row 2"; "column 'b'"; "above 0" ]
    refused Families.beta (rows 1.0 0.5) [ "Row 2"; "between 0 and 1" ]
    refused Families.vonMises (rows 7.0 1.0) [ "Row 2"; "angle in radians" ]
    refused (BernoulliMixture.spec 1).Family (rows 2.0 1.0) [ "Row 2"; "column 'b'"; "0, 1 or" ]

    let model =
        Families.create Families.poisson [| 1.0 |] [| [| [| 2.0 |]; [| 3.0 |] |] |]

    let error =
        Assert.Throws<DataException>(fun () ->
            Mixture.predict model (Dataset.FromRows(rows -1.0 3.0, [| "x1"; "x2" |]))
            |> ignore)

    Assert.Contains("Row 2, column 'x2' is -1", error.Message)

    let error =
        Assert.Throws<DataException>(fun () -> Mixture.logDensityOfRow model [| 1.0; 0.5 |] |> ignore)

    Assert.Contains("Column 'x2' of the row is 0.5", error.Message)

/// Catches silence about what no amount of data can tell.
[<Fact>]
let ``what is not identified is warned of`` () =
    let stream = (RandomKey.ofSeed 1).Stream()

    let column values =
        Dataset.ofColumn (Seq.init 200 (fun _ -> values ()))

    let warnings family data =
        (Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 5
            }
            (MixtureSpec.Create(family, 2))
            data)
            .Warnings

    let dice () = float (stream.NextInt32 3)
    Assert.Contains(warnings Families.categorical (column dice), fun w -> w.Contains "cannot tell")
    Assert.Contains(warnings (Families.binomial 2) (column dice), fun w -> w.Contains "at least 3 trials")
    Assert.DoesNotContain(warnings (Families.binomial 3) (column dice), fun w -> w.Contains "trials")
    let coin () = float (stream.NextInt32 2)
    Assert.Contains(warnings (BernoulliMixture.spec 1).Family (column coin), fun w -> w.Contains "cannot tell")

/// Catches a slow fit whose remedy is not told, and one that is warned of without need.
[<Fact>]
let ``negative binomial fits of nearly Poisson counts name what to do`` () =
    let stream = (RandomKey.ofSeed 3).Stream()

    let warnings (draw: unit -> float) =
        let data = Dataset.ofSeq (Array.init 500 (fun _ -> [| draw () |]))

        let fit =
            Em.fit
                { Em.defaults with
                    Restarts = 1
                    MaxIterations = 3
                    Tolerance = 1e-14
                }
                (MixtureSpec.Create(Families.negativeBinomial, 1))
                data

        Assert.Equal(IterationLimit, fit.Termination)
        String.Join("\n", fit.Warnings)

    let flat = warnings (fun () -> Poisson.sample 5.0 stream)
    Assert.Contains("--family poisson", flat)
    Assert.Contains("gradient method", flat)
    Assert.DoesNotContain("--family poisson", warnings (fun () -> NegativeBinomial.sample 1.5 0.2 stream))

/// Catches numbers of one thing in the plural.
[<Fact>]
let ``one row and one parameter are counted in the singular`` () =
    let fit =
        Em.fit Em.defaults (MixtureSpec.Create(Families.poisson, 1)) (Dataset.ofSeq [| [| 3.0 |] |])

    Assert.Contains(fit.Warnings, fun w -> w.StartsWith "1 parameter is fitted to 1 effective row:")

/// A component of nothing but zeros tells nothing of its rate: catches one that acceleration carries away (to 1e304 on this seed),
/// where the gradient is no number that means anything.
[<Fact>]
let ``a component of zeros keeps a rate that counts have`` () =
    let start, data = problem zeroInflated ((RandomKey.ofSeed -669504874).Stream())
    let fit = converge start data
    let most = Seq.max (Seq.init data.Dimension (fun j -> Array.max (data.Column j)))

    for rate in Families.parameters fit.Mixture |> Seq.concat |> Seq.map Array.head do
        Assert.InRange(rate, 1e-9, most)

    Assert.True(fit.Certificate.LargestGradient < 5e-5, $"gradient {fit.Certificate.LargestGradient:g3}")
