namespace Mixtures

/// Families of components over columns that are independent within a component, and what a mixture of them has for
/// parameters. Each is used as MixtureSpec.Create(Families.poisson, 3), or as a part of a product.
[<RequireQualifiedAccess>]
module Families =

    let private same name (column: ColumnFamily) : IComponentFamily =
        if column.IsClosed then
            IndependentFamily(name, Same column)
        else
            NumericalIndependentFamily(name, Same column)

    /// Numbers with a Gaussian of its own for each column (diagonal covariances).
    let gaussian: IComponentFamily =
        (Gaussian.spec CovarianceStructure.Diagonal 1).Family

    /// Zeros and ones, or numbers between, by the probability of a one.
    let bernoulli: IComponentFamily = BernoulliFamily()

    /// Counts, by rate.
    let poisson = same "poisson" (PoissonColumn())

    /// Counts of failures before the first success, from 0, by the probability of a success.
    let geometric = same "geometric" (GeometricColumn())

    /// Counts with a share of zeros beyond Poisson's: rate and zero_share.
    let zeroInflatedPoisson = same "zero-inflated-poisson" (ZeroInflatedPoissonColumn())

    /// Counts spread wider than Poisson's: failures before so many successes (any positive number, at most 1e6) of the
    /// given probability.
    let negativeBinomial = same "negative-binomial" (NegativeBinomialColumn())

    /// Lifetimes above 0, by shape (at most 1e6) and scale. Its M-step is numerical.
    let weibull = same "weibull" (WeibullColumn())

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

    /// Successes of a number of trials in each row, by the probability of a success; each column's number of trials is the
    /// largest count among its rows of positive weight. Give the number where it is known: what was not seen may be possible.
    let binomialOfData: IComponentFamily =
        let find (data: Dataset) =
            let weights = data.Weights

            Array.init data.Dimension (fun c ->
                let mutable largest = 1.0

                data.Column c
                |> Array.iteri (fun i value ->
                    // what is no count is refused afterwards, by row
                    if Whole.isCount value && (not data.HasWeights || weights.Span[i] > 0.0) then
                        largest <- max largest value)

                BinomialColumn(int (min largest 1e9)) :> ColumnFamily)

        IndependentFamily("binomial", Found find)

    /// Levels 0, 1, … of each column, by their probabilities; how many there are is found in the data, with their names where
    /// these have any.
    let categorical: IComponentFamily =
        let named (data: Dataset) c (levels: string[]) =
            if levels.Length = 1 then
                raise (
                    DataException
                        $"Column '{data.ColumnNames[c]}' has only the level '{levels[0]}', so there is nothing to model: leave it out."
                )

            CategoricalColumn(levels.Length, levels) :> ColumnFamily

        let find (data: Dataset) =
            Array.init data.Dimension (fun c ->
                if data.Levels(c).Count > 0 then
                    named data c (Seq.toArray (data.Levels c))
                else
                    let mutable largest = 1.0

                    for value in data.Column c do
                        // what is no level is refused afterwards, by row
                        if Whole.isCount value && value < 1e6 then
                            largest <- max largest value

                    CategoricalColumn(int largest + 1) :> ColumnFamily)

        IndependentFamily("categorical", Found find)

    /// Levels 0 … L - 1 of each column, given L of each, by their probabilities; names are those of the data fitted to.
    let categoricalOf (levels: int[]) : IComponentFamily =
        for l in levels do
            if l < 2 then
                invalidArg (nameof levels) $"expected at least 2 levels, received {l}"

        IndependentFamily("categorical", Each(levels |> Array.map (fun l -> CategoricalColumn l :> ColumnFamily)))

    /// Positive numbers whose logarithms are Gaussian, by location and scale: the mean and the standard deviation of the
    /// logarithm.
    let logNormal: IComponentFamily = LogNormalFamily()

    /// Student-t components over all columns together, with full or diagonal scale matrices: robust, for outlying rows count
    /// for less. Degrees of freedom are given (positive), or estimated between 1 and 200.
    let studentT (structure: CovarianceStructure) (degrees: DegreesOfFreedom) : IComponentFamily =
        match structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Diagonal -> ()
        | CovarianceStructure.Tied
        | CovarianceStructure.Spherical
        | CovarianceStructure.Known ->
            invalidArg
                (nameof structure)
                $"expected full or diagonal scale matrices, received {CovarianceStructure.name structure}"

        match degrees with
        | DegreesOfFreedom.Fixed nu -> Parameter.positive "degreesOfFreedom" nu
        | DegreesOfFreedom.Estimated -> ()

        StudentTFamily(structure, degrees)

    let private refuse (mixture: Mixture) : 'T =
        invalidArg (nameof mixture) $"expected components of independent columns, received {mixture.Family.Name} ones"

    /// The parameters of a mixture over independent columns: for each component and column the stated parameters, in the
    /// order of parameterNames.
    let parameters (mixture: Mixture) : float[][][] =
        match mixture.Components with
        | :? IndependentComponents as c -> c.Stated |> Array.map Array.copy |> Array.chunkBySize mixture.Dimension
        | :? LogNormalComponents as c ->
            Array.map2 (fun location variance -> [| location; sqrt variance |]) c.Gaussian.Means c.Gaussian.Covariances
            |> Array.chunkBySize mixture.Dimension
        | :? BernoulliComponents as c ->
            c.Probabilities
            |> Array.map Array.singleton
            |> Array.chunkBySize mixture.Dimension
        | _ -> refuse mixture

    /// The names of the parameters of each column.
    let parameterNames (mixture: Mixture) : string[][] =
        match mixture.Components with
        | :? IndependentComponents as c -> c.Columns |> Array.map _.Parameters
        | :? LogNormalComponents -> Array.create mixture.Dimension [| "location"; "scale" |]
        | :? BernoulliComponents -> Array.create mixture.Dimension [| "probability" |]
        | _ -> refuse mixture

    /// Components over independent columns from stated parameters: for each component and column those of the family, in
    /// the order of parameterNames.
    let internal components (family: IComponentFamily) (parameters: float[][][]) : IComponents =
        let count = parameters.Length
        let dimension = if count = 0 then 0 else parameters[0].Length

        if count < 1 || dimension < 1 then
            invalidArg (nameof parameters) "expected parameters of at least one component and column, received none"

        let names (c: int) =
            match family with
            | :? IndependentFamily as f -> (f.Columns dimension).[c].Parameters
            | :? LogNormalFamily -> [| "location"; "scale" |]
            | :? BernoulliFamily -> [| "probability" |]
            | _ -> invalidArg (nameof family) $"expected a family of independent columns, received {family.Name}"

        for k in 0 .. count - 1 do
            if parameters[k].Length <> dimension then
                invalidArg
                    (nameof parameters)
                    $"expected parameters of {dimension} columns, received {parameters[k].Length} for component {k + 1}"

            for c in 0 .. dimension - 1 do
                let expected = names c
                let received = parameters[k].[c].Length

                if received <> expected.Length then
                    let list = String.concat ", " expected

                    invalidArg
                        (nameof parameters)
                        $"expected {expected.Length} parameters ({list}), received {received} for component {k + 1}, column {c + 1}"

        let flat = Array.concat parameters

        match family with
        | :? IndependentFamily as f -> f.Create(count, dimension, flat |> Array.map Array.copy)
        | :? LogNormalFamily as f ->
            for p in flat do
                Parameter.finite "location" p[0]
                Parameter.positive "scale" p[1]

            f.Create(count, dimension, flat |> Array.map (fun p -> p[0]), flat |> Array.map (fun p -> p[1]))
        | :? BernoulliFamily as f ->
            for p in flat do
                Parameter.probability "probability" p[0]

            f.Create(count, dimension, Array.concat flat)
        | _ -> invalidArg (nameof family) $"expected a family of independent columns, received {family.Name}"

    /// A mixture of components over independent columns with given weights (K numbers that sum to one) and parameters: for
    /// each component and column the stated parameters, in the order of parameterNames.
    let create (family: IComponentFamily) (weights: float[]) (parameters: float[][][]) : Mixture =
        if parameters.Length <> weights.Length then
            invalidArg
                (nameof parameters)
                $"expected parameters of {weights.Length} components, received {parameters.Length}"

        Mixture.create None weights (components family parameters)

    /// The parameters of a Student-t mixture: locations (K of D numbers), scale matrices (K of D x D, which are not the
    /// covariances) and degrees of freedom (K).
    let studentTParameters (mixture: Mixture) : struct (float[][] * float[,][] * float[]) =
        match mixture.Components with
        | :? StudentTComponents as c ->
            let gaussian = c.Gaussian :> IComponents
            let all = [| 0 .. mixture.Count - 1 |]
            struct (Array.map gaussian.Mean all, Array.map gaussian.Covariance all, Array.copy c.DegreesOfFreedom)
        | _ -> invalidArg (nameof mixture) $"expected Student-t components, received {mixture.Family.Name} ones"

    /// A Student-t mixture from weights, locations (K of D numbers), scale matrices (K of D x D) and degrees of freedom
    /// (K positive numbers).
    let studentTMixture
        (family: IComponentFamily)
        (weights: float[])
        (locations: float[][])
        (scales: float[,][])
        (degrees: float[])
        : Mixture =
        match family with
        | :? StudentTFamily as f ->
            if degrees.Length <> weights.Length then
                invalidArg (nameof degrees) $"expected {weights.Length} degrees of freedom, received {degrees.Length}"

            for nu in degrees do
                Parameter.positive (nameof degrees) nu

            let structure =
                CovarianceStructure.tryParse (family.Structure)
                |> Option.defaultValue CovarianceStructure.Full

            let gaussian = Gaussian.create structure weights locations scales
            Mixture.create None weights (f.Wrap(gaussian.Components, Array.copy degrees))
        | _ -> invalidArg (nameof family) $"expected the Student-t family, received {family.Name}"
