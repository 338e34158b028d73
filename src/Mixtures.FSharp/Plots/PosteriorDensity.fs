namespace Mixtures

/// The density of a column under a posterior.
[<RequireQualifiedAccess>]
module internal PosteriorDensity =

    /// The parts of a one-column density on a grid under values of a model: K arrays.
    let private partsOf (model: BayesianModel) (grid: float[]) (values: Tensor[]) : float[][] =
        let joint = Assignments.jointOf (Tensor.ofArray grid) model values
        Array.init (joint.GetLength 1) (fun k -> Array.init grid.Length (fun i -> exp joint[i, k]))

    /// The density under values, part by part, over the data's histogram; with draws, their mean and band of 90 %.
    let create (name: string) (data: float[]) (model: BayesianModel) (values: Tensor[]) (draws: Tensor[] list) =
        let low, high = Array.min data, Array.max data
        let margin = 0.3 * max (high - low) 1e-300

        let grid =
            Array.init 401 (fun i -> low - margin + (high - low + 2.0 * margin) * float i / 400.0)

        let curves = partsOf model grid values
        let shares = Assignments.probabilitiesOf (Tensor.ofArray data) model values

        let density =
            {
                Column = name
                Values = data
                RowWeights = None
                Grid = grid
                Curves = curves
                Names = Array.init curves.Length ChartComponents.defaultName
                Weights =
                    Array.init curves.Length (fun k ->
                        Seq.average (seq { for i in 0 .. data.Length - 1 -> shares[i, k] }))
            }

        match draws with
        | [] -> Charts.density1D density
        | several ->
            several
            |> List.map (fun draw ->
                let parts = partsOf model grid draw
                Array.init grid.Length (fun i -> parts |> Array.sumBy (fun part -> part[i])))
            |> List.toArray
            |> Charts.densityBand 0.9 density
