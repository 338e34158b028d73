namespace Mixtures

open System

/// A histogram under densities that move.
[<RequireQualifiedAccess>]
module internal AnimatedDensity =

    open PlotParts

    /// How far above histogram and last curves a frame is drawn before it is cut off.
    let private headroom = 1.5

    let private total (curves: float[][]) =
        Array.init curves[0].Length (fun i -> curves |> Array.sumBy (fun curve -> curve[i]))

    let create (caption: string) (input: ChartDensity) (frames: (string * float[][]) list) =
        if frames.IsEmpty then
            invalidArg (nameof frames) "expected at least one frame, received none"

        for name, curves in frames do
            requireLength ("frame " + name) "component" input.Names.Length curves.Length

            for curve in curves do
                requireLength ("frame " + name) "point of the grid" input.Grid.Length curve.Length

        let axes = "x", "y"
        let bins = HistogramBins.ofValues input.RowWeights input.Values

        let highest (values: float[]) =
            values |> Array.filter Double.IsFinite |> Array.fold max 0.0

        let steady = max (highest bins.Density) (highest (total (snd (List.last frames))))
        let peak = frames |> List.map (snd >> total >> highest) |> List.max
        let top = 1.05 * min peak (headroom * steady) |> max (1.05 * steady)
        let first = snd frames.Head

        // a frame replaces the heights of the first traces, so the histogram is last; bars are drawn below lines all the same
        let traces =
            [
                for k in 0 .. input.Names.Length - 1 do
                    DensityChart.componentCurve axes true k (shorten 28 input.Names[k]) input.Grid first[k]
                yield! DensityChart.totalCurve axes true input.Grid first
                if bins.Density.Length > 0 then
                    DensityChart.bars axes true bins
            ]

        let heights (curves: float[][]) =
            [
                for curve in curves do
                    obj [ "y", PlotValue.Numbers curve ]
                if curves.Length > 1 then
                    obj [ "y", PlotValue.Numbers(total curves) ]
            ]

        traces
        |> Figure.ofTraces
        |> Figure.withTitle ("Density of " + input.Column + " by " + caption)
        |> Figure.withAxisTitles input.Column "density"
        |> Figure.withLayout "xaxis.range" (pair input.Grid[0] input.Grid[input.Grid.Length - 1])
        |> Figure.withLayout "yaxis.range" (pair 0.0 (if top > 0.0 then top else 1.0))
        |> Figure.withLayout "bargap" (num 0.0)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "A histogram of "
            + count input.Values.Length
            + " values of "
            + input.Column
            + ", scaled to have area one, under the densities of "
            + listed input.Names input.Weights
            + ", at "
            + count frames.Length
            + " of the fit's steps."
        )
        |> AnimatedChart.create caption (frames |> List.map (fun (name, curves) -> name, heights curves))
