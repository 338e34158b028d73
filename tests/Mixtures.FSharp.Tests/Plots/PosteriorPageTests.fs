/// Pages of posteriors: of every kind of model that can be sampled.
module Mixtures.Tests.PosteriorPageTests

open System
open Xunit
open Mixtures

let private options =
    { Nuts.defaults with
        Chains = 2
        Draws = 60
        Warmup = 120
        Seed = 9
    }

let private titles (sections: PageSection list) =
    sections
    |> List.map (fun s -> s.Figure |> Option.bind Figure.tryTitle |> Option.defaultValue "")

let private oneColumn =
    let stream = (RandomKey.ofSeed 2).Stream()

    Dataset.FromRows(
        [|
            for i in 0..59 -> [| (if i % 3 = 0 then 8.0 else 0.0) + stream.NextNormal() |]
        |],
        [| "height" |]
    )

let private sampleOf spec data =
    SpecModel.withDefaults spec data |> PosteriorSample.draw options ModelStarts

/// Pages of two columns, with every kind of figure, for the browser.
let pages =
    lazy
        (let data = EmReferenceTests.faithful.Value
         let sample = sampleOf (Gaussian.spec CovarianceStructure.Full 2) data

         let fit =
             Svi.fit
                 { Svi.defaults with
                     Steps = 60
                     Restarts = 1
                 }
                 (Guide.suited sample.Model)
                 sample.Model

         let column = sampleOf (Gaussian.spec CovarianceStructure.Spherical 2) oneColumn

         [
             "posterior-sample", PosteriorPlot.report (Some data) sample
             "posterior-guide", PosteriorPlot.guideReport (Some data) fit
             "posterior-column", PosteriorPlot.report (Some oneColumn) column
         ])

[<Fact>]
let ``a page of a sample tells what was sampled and shows it`` () =
    let sample = sampleOf (Gaussian.spec CovarianceStructure.Spherical 2) oneColumn
    let sections = PosteriorPlot.report (Some oneColumn) sample
    let head = sections.Head.Paragraphs.Head
    Assert.Contains("2 chains of 60 draws, 0 divergences, largest R-hat", head)

    let found = titles sections
    Assert.Equal("Density of height and its uncertainty", found[0])
    Assert.Contains("Posterior", found)
    Assert.Contains("Draws by chain", found)
    Assert.Equal(7, found.Length)
    Assert.Equal<string list>(sample.Warnings, sections.Head.Paragraphs.Tail)

/// Noise, several columns, counts, a single component, a program: none of them has all the pictures.
[<Theory>]
[<InlineData "noise">]
[<InlineData "columns">]
[<InlineData "counts">]
[<InlineData "one">]
[<InlineData "process">]
[<InlineData "program">]
let ``every kind of model has a page`` (kind: string) =
    let stream = (RandomKey.ofSeed 3).Stream()

    let several =
        Dataset.ofArray2D (Array2D.init 45 2 (fun i _ -> (if i % 3 = 0 then 9.0 else 0.0) + stream.NextNormal()))

    let gaussian k =
        Gaussian.spec CovarianceStructure.Diagonal k

    let sample, data =
        match kind with
        | "noise" -> sampleOf (gaussian 2 |> MixtureSpec.withNoise) several, Some several
        | "columns" -> sampleOf (gaussian 2) several, Some several
        | "counts" ->
            let counts =
                Dataset.ofColumn (Array.init 50 (fun i -> float (if i % 2 = 0 then i % 5 else 20 + i % 7)))

            sampleOf (MixtureSpec.Create(Families.poisson, 2)) counts, Some counts
        | "one" -> sampleOf (gaussian 1) oneColumn, Some oneColumn
        | "process" ->
            let spec = gaussian 3

            sampleOf
                (spec
                 |> MixtureSpec.withPriors
                     { spec.Priors with
                         Weights = DirichletProcess 1.0
                     })
                several,
            Some several
        | _ -> PosteriorSample.draw options ModelStarts FivePoints.model, None

    let html = Html.report Html.defaults (PosteriorPlot.report data sample)
    Assert.Contains("no-U-turn", html)
    Assert.DoesNotContain("NaN", html)

    let fit =
        Svi.fit
            { Svi.defaults with
                Steps = 40
                FinalDraws = 200
                ParetoDraws = 200
                Restarts = 1
            }
            (Guide.meanField sample.Model)
            sample.Model

    let page = Html.report Html.defaults (PosteriorPlot.guideReport data fit)
    Assert.Contains("variational inference: mean-field guide, bound", page)
    Assert.Contains("not converged after 40 steps", page)

[<Fact>]
let ``what cannot be drawn is told`` () =
    let few =
        PosteriorSample.draw { options with Draws = 3 } ModelStarts FivePoints.model

    let refusal =
        Assert.Throws<ArgumentException>(fun () -> PosteriorPlot.report None few |> ignore)

    Assert.Contains("at least 6 draws", refusal.Message)

    let program =
        Assert.Throws<InvalidOperationException>(fun () -> PosteriorPlot.labelSwitching 0 few |> ignore)

    Assert.Contains("PosteriorSample.relabel", program.Message)

/// Catches an image upside down, of one draw, or not of densities: they add up to one, and the mean of them has its highest point
/// where the rows are; what is uncertain of it is a share of it.
[<Fact>]
let ``the density of two columns is averaged over draws`` () =
    let stream = (RandomKey.ofSeed 12).Stream()

    let data =
        Dataset.ofArray2D (
            Array2D.init 80 2 (fun i j ->
                let centre = if i % 4 = 0 then -6.0 else 6.0
                (if j = 0 then centre else 10.0 + 0.5 * centre) + stream.NextNormal())
        )

    let sample = sampleOf (Gaussian.spec CovarianceStructure.Full 2) data

    let image (figure: Figure) =
        let trace = figure.Data.Head

        let numbers name =
            match PlotValue.tryField name trace with
            | Some(PlotValue.Numbers values) -> values
            | _ -> [||]

        numbers "x", numbers "y", array2D (PosteriorPlotTests.rowsOf "z" trace)

    let x, y, density = image (PosteriorPlot.densityImage data sample)
    let cell = (x[1] - x[0]) * (y[1] - y[0])
    Assert.InRange(cell * (density |> Seq.cast<float> |> Seq.sum), 0.95, 1.02)

    let most =
        Seq.allPairs [ 0 .. y.Length - 1 ] [ 0 .. x.Length - 1 ]
        |> Seq.maxBy (fun (i, j) -> density[i, j])

    Assert.InRange(x[snd most], 5.0, 7.0)
    Assert.InRange(y[fst most], 12.0, 14.0)
    let _, _, spread = image (PosteriorPlot.densityUncertainty data sample)
    let share = spread[fst most, snd most] / density[fst most, snd most]
    Assert.InRange(share, 0.02, 0.4)
    Assert.True(Seq.forall (fun s -> s >= 0.0) (Seq.cast<float> spread))
    Assert.True(spread[y.Length - 1, 0] < 1e-6)
