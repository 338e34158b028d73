namespace Mixtures

/// One parameter of one component, in the data's units.
type ComponentParameter =
    {
        /// The component, from 0.
        Component: int
        /// The parameter's name, such as rate, mean or degrees_of_freedom.
        Name: string
        /// The names of the columns it belongs to: one, two for an entry of a matrix, none for a number of the whole
        /// component.
        Columns: string list
        /// Its value.
        Value: float
    }

    /// Name, component from 1 and columns, such as rate[2][visits]: as standard errors are named.
    member parameter.Label =
        let columns = parameter.Columns |> List.map (fun c -> $"[{c}]") |> String.concat ""

        $"{parameter.Name}[{parameter.Component + 1}]{columns}"

/// The parameters of mixtures of any family, as one list.
[<RequireQualifiedAccess>]
module ParameterTable =

    let private entry k name columns value =
        {
            Component = k
            Name = name
            Columns = columns
            Value = value
        }

    /// The lower triangle of a matrix.
    let private triangle k name (names: string[]) (matrix: float[,]) =
        [
            for i in 0 .. names.Length - 1 do
                for j in 0..i -> entry k name [ names[i]; names[j] ] matrix[i, j]
        ]

    /// A centre and a spread: standard deviations where columns are apart, otherwise the matrix.
    let private located centre spread matrixName (names: string[]) (c: GaussianComponents) k =
        let components = c :> IComponents
        let centres = components.Mean k
        let matrix = components.Covariance k

        [
            for i in 0 .. names.Length - 1 do
                yield entry k centre [ names[i] ] centres[i]

            match c.Structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Tied
            | CovarianceStructure.Known -> yield! triangle k matrixName names matrix
            | CovarianceStructure.Diagonal ->
                for i in 0 .. names.Length - 1 do
                    yield entry k spread [ names[i] ] (sqrt matrix[i, i])
            | CovarianceStructure.Spherical -> yield entry k spread [] (sqrt c.Covariances[k])
        ]

    let rec private ofComponents (components: IComponents) (names: string[]) (k: int) : ComponentParameter list =
        let d = components.Dimension

        match components with
        | :? GaussianComponents as c -> located "mean" "sd" "covariance" names c k
        | :? StudentTComponents as c ->
            [
                yield! located "location" "scale" "scale" names c.Gaussian k
                yield entry k "degrees_of_freedom" [] c.DegreesOfFreedom[k]
            ]
        | :? BernoulliComponents as c ->
            let probabilities = c.Probabilities

            [
                for i in 0 .. d - 1 -> entry k "probability" [ names[i] ] probabilities[k * d + i]
            ]
        | :? LogNormalComponents as c -> located "location" "scale" "scale" names c.Gaussian k
        | :? IndependentComponents as c ->
            [
                for i in 0 .. d - 1 do
                    yield!
                        Array.map2
                            (fun name value -> entry k name [ names[i] ] value)
                            c.Columns[i].Parameters
                            c.Stated[k * d + i]

                    match c.Columns[i] with
                    | :? BinomialColumn as binomial -> yield entry k "trials" [ names[i] ] (float binomial.Trials)
                    | _ -> ()
            ]
        | :? ProductComponents as c ->
            [
                for p in 0 .. c.Parts.Length - 1 do
                    yield! ofComponents c.Parts[p] (c.Columns[p] |> Array.map (fun i -> names[i])) k
            ]
        | :? NoiseComponents as c ->
            if k < c.Inner.Count then
                ofComponents c.Inner names k
            else
                [
                    for i in 0 .. d - 1 do
                        yield entry k "lower" [ names[i] ] c.Box.Lower[i]
                        yield entry k "upper" [ names[i] ] c.Box.Upper[i]
                ]
        | :? LogDensityComponents as c -> c.Named k |> List.map (fun (name, value) -> entry k name [] value)
        | _ -> []

    /// Every parameter of every component, component by component: those that a fit adjusts, and what is given or found in
    /// the data instead (degrees of freedom that are fixed, numbers of trials, the lower and upper ends of the noise's box).
    /// Standard deviations where columns are independent, entries of the covariance (for Student-t components of the scale
    /// matrix) where they are not; a tied covariance is repeated for each component. The weights are the mixture's.
    let ofMixture (mixture: Mixture) : ComponentParameter list =
        let names = Seq.toArray mixture.ColumnNames

        [
            for k in 0 .. mixture.Count - 1 do
                yield! ofComponents mixture.Components names k
        ]

    /// The name of each column's family: of a product its part's, otherwise the mixture's.
    let columnFamilies (mixture: Mixture) : string[] =
        match NoiseComponents.Proper mixture.Components with
        | :? ProductComponents as c ->
            let result = Array.create mixture.Dimension "product"

            for p in 0 .. c.Parts.Length - 1 do
                for i in c.Columns[p] do
                    result[i] <- c.Parts[p].Family.Name

            result
        | proper -> Array.create mixture.Dimension proper.Family.Name
