namespace Mixtures

open System

/// Where draws of two parameters lie.
[<RequireQualifiedAccess>]
module internal JointChart =

    open PlotParts

    let private bins = 40

    /// Contours of log(1 + n) with n the draws in each of 40 x 40 bins.
    let create (first: string) (second: string) (draws: Draws) =
        let x = Draws.parameter first draws |> Array.concat
        let y = Draws.parameter second draws |> Array.concat

        let finite =
            [|
                for i in 0 .. x.Length - 1 do
                    if Double.IsFinite x[i] && Double.IsFinite y[i] then
                        i
            |]

        if finite.Length = 0 then
            invalidArg (nameof draws) "expected at least one draw of finite numbers, received none"

        let range (values: float[]) =
            let low = finite |> Seq.map (fun i -> values[i]) |> Seq.min
            let high = finite |> Seq.map (fun i -> values[i]) |> Seq.max
            let margin = if high > low then 0.02 * (high - low) else 0.5
            low - margin, high + margin

        let place (low: float, high: float) value =
            min (bins - 1) (Operators.int ((value - low) / (high - low) * float bins))

        let centres (low: float, high: float) =
            Array.init bins (fun i -> low + (float i + 0.5) * (high - low) / float bins)

        let xRange, yRange = range x, range y
        let counts = Array.init bins (fun _ -> Array.zeroCreate<float> bins)

        for i in finite do
            let row, column = place yRange y[i], place xRange x[i]
            counts[row].[column] <- counts[row].[column] + 1.0

        let rows (f: float -> float) =
            counts
            |> Array.map (fun row -> PlotValue.Numbers(Array.map f row))
            |> Array.toList
            |> PlotValue.List

        [
            obj
                [
                    "type", text "contour"
                    "x", PlotValue.Numbers(centres xRange)
                    "y", PlotValue.Numbers(centres yRange)
                    "z", rows (fun n -> log (1.0 + n))
                    "customdata", rows id
                    "ncontours", int 12
                    "colorscale",
                    PlotValue.List
                        [
                            PlotValue.List [ num 0.0; text "#FFFFFF" ]
                            PlotValue.List [ num 1.0; text (Palette.colour 0) ]
                        ]
                    "showscale", flag false
                    "line", obj [ "color", text "#52606D"; "width", num 0.75 ]
                    "hovertemplate", text "%{x:.4~g}, %{y:.4~g}<br>%{customdata} draws<extra></extra>"
                ]
        ]
        |> Figure.ofTraces
        |> Figure.withTitle "Joint posterior"
        |> Figure.withAxisTitles first second
        |> Figure.withAspect 1.0
        |> Figure.withSummary (
            count finite.Length
            + " draws of "
            + first
            + " and "
            + second
            + ": contours of the logarithm of one plus the draws in each of "
            + count bins
            + " x "
            + count bins
            + " bins. Separate hills are separate modes."
        )
