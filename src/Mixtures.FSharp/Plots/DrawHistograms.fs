namespace Mixtures

open System

/// What draws say of single parameters.
[<RequireQualifiedAccess>]
module internal DrawHistograms =

    open PlotParts

    let private most = 12

    /// A histogram for each parameter, with its median and the interval of 90 %.
    let create (names: string list) (draws: Draws) =
        let _, all = DrawPanels.choose names draws

        let places =
            if names.IsEmpty then
                Array.truncate most [| 0 .. draws.Dimension - 1 |]
            else
                names
                |> List.truncate most
                |> List.map (fun name -> Draws.index name draws)
                |> List.toArray

        let columns =
            if places.Length <= 3 then
                places.Length
            else
                (places.Length + 2) / 3 |> min 3 |> max 2

        let rows = (places.Length + columns - 1) / columns

        let quantiles =
            places
            |> Array.map (fun place ->
                let sorted =
                    Draws.parameterAt place draws
                    |> Array.concat
                    |> Array.filter Double.IsFinite
                    |> Array.sort

                if sorted.Length = 0 then
                    invalidArg (nameof draws) $"expected finite draws, received none of {draws.Names[place]}"

                [ 0.05; 0.5; 0.95 ] |> List.map (fun p -> Quantiles.ofSorted p sorted))

        let panel i place =
            let axes = DrawPanels.axesOf i
            let values = Draws.parameterAt place draws |> Array.concat
            let bins = HistogramBins.ofValues None values

            let top =
                if bins.Density.Length > 0 then
                    Array.max bins.Density
                else
                    1.0

            let rule named name colour dash (x: float) =
                obj
                    [
                        "type", text "scatter"
                        "mode", text "lines"
                        "name", text name
                        "legendgroup", text name
                        "showlegend", flag (named && i = 0)
                        "x", PlotValue.Numbers [| x; x |]
                        "y", PlotValue.Numbers [| 0.0; top |]
                        "xaxis", text (fst axes)
                        "yaxis", text (snd axes)
                        "line", obj [ "color", text colour; "width", num 2.0; "dash", text dash ]
                        "hovertemplate", text ("%{x:.4~g}<extra>" + name + "</extra>")
                    ]

            [
                if bins.Density.Length > 0 then
                    DensityChart.bars axes false bins
                match quantiles[i] with
                | [ low; median; high ] ->
                    rule true "median" (Palette.colour 0) "solid" median
                    rule true "5 % and 95 %" (Palette.colour 1) "dash" low
                    rule false "5 % and 95 %" (Palette.colour 1) "dash" high
                | _ -> ()
            ]

        let layout (figure: Figure) i =
            let x, y = DrawPanels.axesOf i
            let row = i / columns
            // room for the titles between rows
            let gap = if rows = 1 then 0.0 else 0.32 / float rows
            let height = (1.0 - gap * float (rows - 1)) / float rows
            let bottom = float (rows - 1 - row) * (height + gap)

            figure
            |> Figure.withLayout
                (PairsChart.axisKey "x" i)
                (axis
                    (shorten 24 draws.Names[places[i]])
                    [
                        "anchor", text y
                        "domain", PairsChart.band columns (i % columns)
                        "nticks", int 6
                    ])
            |> Figure.withLayout
                (PairsChart.axisKey "y" i)
                (obj
                    [
                        "anchor", text x
                        "domain", pair bottom (min 1.0 (bottom + height))
                        "showticklabels", flag false
                        "rangemode", text "tozero"
                    ])

        let listed =
            places
            |> Seq.mapi (fun i place ->
                match quantiles[i] with
                | [ low; median; high ] ->
                    $"{draws.Names[place]} {DrawPanels.short median} ({DrawPanels.short low} to {DrawPanels.short high})"
                | _ -> draws.Names[place])
            |> String.concat ", "

        places
        |> Array.mapi panel
        |> Seq.concat
        |> Seq.toList
        |> Figure.ofTraces
        |> fun figure -> List.fold layout figure [ 0 .. places.Length - 1 ]
        |> Figure.withAspect (max 0.6 (min 2.0 (4.2 / float rows)))
        |> Figure.withTitle ("Posterior" + DrawPanels.note places.Length all)
        |> Figure.withLayout "bargap" (num 0.0)
        |> Figure.withLayout "showlegend" (flag true)
        |> Figure.withLayout "legend" legendAbove
        |> Figure.withSummary (
            "Histograms of "
            + count (draws.Count * draws.ChainCount)
            + " draws. Medians with the intervals of 90 %: "
            + listed
            + "."
        )
