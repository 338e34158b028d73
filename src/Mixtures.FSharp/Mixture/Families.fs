namespace Mixtures

/// Families of components over columns that are independent within a component, and what a mixture of them has for
/// parameters. Each is used as MixtureSpec.Create(Families.poisson, 3), or as a part of a product.
[<RequireQualifiedAccess>]
module Families =

    let private same name column : IComponentFamily = IndependentFamily(name, Same column)

    /// Counts, by rate.
    let poisson = same "poisson" (PoissonColumn())

    /// Counts of failures before the first success, from 0, by the probability of a success.
    let geometric = same "geometric" (GeometricColumn())

    /// Counts with a share of zeros beyond Poisson's: rate and zero_share.
    let zeroInflatedPoisson = same "zero-inflated-poisson" (ZeroInflatedPoissonColumn())

    /// Waiting times of at least 0, by rate.
    let exponential = same "exponential" (ExponentialColumn())

    /// Positive numbers, by shape and rate; shapes are at most 1e6.
    let gamma = same "gamma" (GammaColumn())

    /// Numbers between 0 and 1, by the shapes a and b; a + b is at most 1e6.
    let beta = same "beta" (BetaColumn())

    /// Angles in radians, from -π to 2π, by location and concentration, which is at most 1e6.
    let vonMises = same "von-mises" (VonMisesColumn())

    /// Successes of so many trials in each row, by the probability of a success.
    let binomial (trials: int) : IComponentFamily =
        if trials < 1 then
            invalidArg (nameof trials) $"expected at least 1 trial, received {trials}"

        same "binomial" (BinomialColumn trials)

    /// Levels 0, 1, … of each column, by their probabilities; how many there are is found in the data.
    let categorical: IComponentFamily =
        let find (data: Dataset) =
            Array.init data.Dimension (fun c ->
                let mutable largest = 1.0

                for value in data.Column c do
                    // what is no level is refused afterwards, by row
                    if Whole.isCount value && value < 1e6 then
                        largest <- max largest value

                CategoricalColumn(int largest + 1) :> ColumnFamily)

        IndependentFamily("categorical", Found find)

    /// Levels 0 … L - 1 of each column, given L of each, by their probabilities.
    let categoricalOf (levels: int[]) : IComponentFamily =
        for l in levels do
            if l < 2 then
                invalidArg (nameof levels) $"expected at least 2 levels, received {l}"

        IndependentFamily("categorical", Each(levels |> Array.map (fun l -> CategoricalColumn l :> ColumnFamily)))

    let private componentsOf (mixture: Mixture) =
        match mixture.Components with
        | :? IndependentComponents as c -> c
        | _ ->
            invalidArg
                (nameof mixture)
                $"expected components of independent columns, received {mixture.Family.Name} ones"

    /// The parameters of a mixture over independent columns: for each component and column the stated parameters, in the
    /// order of parameterNames. K x D arrays.
    let parameters (mixture: Mixture) : float[][][] =
        let c = componentsOf mixture

        c.Stated |> Array.map Array.copy |> Array.chunkBySize c.Columns.Length

    /// The names of the parameters of each column.
    let parameterNames (mixture: Mixture) : string[][] =
        (componentsOf mixture).Columns |> Array.map _.Parameters

    /// A mixture of components over independent columns with given parameters: for each component and column the stated
    /// parameters in the order of parameterNames.
    let create (family: IComponentFamily) (weights: float[]) (parameters: float[][][]) : Mixture =
        match family with
        | :? IndependentFamily as f ->
            if parameters.Length <> weights.Length then
                invalidArg
                    (nameof parameters)
                    $"expected parameters of {weights.Length} components, received {parameters.Length}"

            let dimension = parameters[0].Length
            let columns = f.Columns dimension

            for k in 0 .. parameters.Length - 1 do
                if parameters[k].Length <> dimension then
                    invalidArg
                        (nameof parameters)
                        $"expected parameters of {dimension} columns, received {parameters[k].Length} for component {k + 1}"

                for c in 0 .. dimension - 1 do
                    if parameters[k].[c].Length <> columns[c].Parameters.Length then
                        let names = String.concat ", " columns[c].Parameters

                        invalidArg
                            (nameof parameters)
                            $"expected {columns[c].Parameters.Length} parameters ({names}), received {(parameters[k].[c]).Length} for component {k + 1}, column {c + 1}"

            Mixture.create
                None
                weights
                (f.Create(weights.Length, dimension, Array.concat parameters |> Array.map Array.copy))
        | _ -> invalidArg (nameof family) $"expected a family of independent columns, received {family.Name}"
