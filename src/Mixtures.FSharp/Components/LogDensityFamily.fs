namespace Mixtures

open System

/// A component family that is known by its log-density alone, as a tensor function of free parameters and rows.
[<NoEquality; NoComparison>]
type LogDensityDefinition =
    {
        /// The family's name in files and messages.
        Name: string
        /// The names of the parts of a component's parameters, and how many numbers each has. The numbers are free: a
        /// scale, say, is exponentiated by the log-density.
        Parameters: (string * int) list
        /// The log-density (nats) under one component: from its parameters (P numbers) and rows (N x D) to N numbers. It
        /// must be made of differentiable tensor functions and may be called from several threads at once.
        LogDensity: Tensor -> Tensor -> Tensor
        /// The parameters that a component starts with at a point: from the point and the columns' standard deviations
        /// (D numbers each) to P numbers.
        Start: float[] -> float[] -> float[]
        /// Draws a row (D numbers) of a component with the given parameters; nothing where sampling is not needed.
        Sample: (float[] -> RandomStream -> float[]) option
    }

    /// The number of parameters of a component, P.
    member definition.Length = definition.Parameters |> List.sumBy snd

/// The kernel of components that are known by their log-densities; its statistics are sums alone, for starts.
[<Sealed>]
type internal LogDensityKernel
    (definition: LogDensityDefinition, count: int, dimension: int, parameters: float[], request: KernelRequest) =
    let size = definition.Length
    let arithmetic = BlockArithmetic.For(enum<SimdWidth> request.Width)
    let step = arithmetic.SumsStep dimension
    let shift = Array.sumBy log request.Reference

    let centres =
        match request.Centres with
        | ValueSome centres -> centres
        | ValueNone -> Array.zeroCreate (count * dimension)

    let own =
        Array.init count (fun k -> Tensor.ofArray (Array.sub parameters (k * size) size))

    interface IBlockKernel with
        member _.ScratchLength _ = 0
        member _.AccumulatorLength = arithmetic.SumsLength(count, dimension)
        member _.StatisticsLength = count * dimension

        member _.AddLogDensity(tile, _, lanes) =
            let rows = LogDensityRows.ofTile tile tile.PaddedCount

            for k in 0 .. count - 1 do
                let values = definition.LogDensity own[k] rows
                LogDensityRows.check definition.Name tile.PaddedCount values
                let numbers = values.ToArray()
                let target = lanes.Slice(k * tile.Capacity, tile.PaddedCount)

                for i in 0 .. numbers.Length - 1 do
                    if Double.IsNaN numbers[i] || Double.IsPositiveInfinity numbers[i] then
                        let row =
                            String.Join(", ", Seq.init dimension (fun c -> Wording.number (tile.Column(c)[i])))

                        invalidArg
                            "logDensity"
                            $"the log-density of family '{definition.Name}' is {Wording.number numbers[i]} for the row ({row}) under component {k + 1}: expected a number, or minus infinity"

                    target[i] <- target[i] + numbers[i] + shift

        member _.AddStatistics(tile, _, lanes, accumulators) =
            arithmetic.AddSums(
                tile.Data,
                tile.Capacity,
                tile.PaddedCount,
                dimension,
                count,
                lanes,
                Span<float> centres,
                accumulators
            )

        member _.Reduce(accumulators, statistics) =
            for at in 0 .. count * dimension - 1 do
                statistics[at] <- statistics[at] + accumulators[at / dimension * step + at % dimension]

        member _.ToStatistics(counts, statistics) =
            GaussianStatistics(
                CovarianceStructure.Known,
                dimension,
                Array.copy counts,
                Array.copy centres,
                statistics.ToArray(),
                [||]
            )

/// Components that are known by their log-densities.
[<Sealed>]
type internal LogDensityComponents
    (family: IComponentFamily, definition: LogDensityDefinition, count: int, dimension: int, parameters: float[]) =
    let size = definition.Length

    let cannot (what: string) : 'T =
        invalidOp
            $"components of family '{definition.Name}', which are known by their log-density alone, have no {what}"

    member _.Parameters = parameters

    /// The parameters of a component by name; those of a part of several numbers are counted from 1.
    member _.Named(index: int) =
        [
            let mutable at = index * size

            for name, n in definition.Parameters do
                for i in 1..n do
                    (if n = 1 then name else $"{name}[{i}]"), parameters[at]
                    at <- at + 1
        ]

    interface IComponents with
        member _.Family = family
        member _.Count = count
        member _.Dimension = dimension
        member _.FreeParameters = count * size
        member _.ActiveColumns = [| 0 .. dimension - 1 |]
        member this.Active = this

        member _.Kernel request =
            LogDensityKernel(definition, count, dimension, parameters, request)

        member _.Magnification _ = 1.0

        member _.Choose indices =
            LogDensityComponents(
                family,
                definition,
                indices.Length,
                dimension,
                indices |> Array.collect (fun k -> Array.sub parameters (k * size) size)
            )


        member this.Marginal columns =
            if columns = [| 0 .. dimension - 1 |] then
                this
            else
                cannot "marginal distributions"

        member _.Condition(_, _) = cannot "conditional distributions"

        member _.Sample(k, stream, row) =
            match definition.Sample with
            | Some sample -> (sample (Array.sub parameters (k * size) size) stream).AsSpan().CopyTo row
            | None -> cannot "sampler: give one with Component.withSampler"

        member _.Mean _ = cannot "known mean"
        member _.Covariance _ = cannot "known covariance"
        member _.Entropy _ = cannot "known entropy"
        member _.Cdf(_, _) = cannot "known distribution function"

/// The family of components with a given log-density; its M-step is numerical.
[<Sealed>]
type internal LogDensityFamily(definition: LogDensityDefinition) =
    let size = definition.Length

    let componentsOf (components: IComponents) =
        match components with
        | :? LogDensityComponents as c -> c
        | _ -> invalidArg (nameof components) $"expected components of family '{definition.Name}'"

    let startAt (scale: DataScale) (point: float[]) =
        let parameters = definition.Start point (scale.Variances |> Array.map sqrt)

        if parameters.Length <> size || not (Array.forall Double.IsFinite parameters) then
            let text = String.Join(", ", Seq.map Wording.number parameters)

            invalidArg
                "start"
                $"expected {size} finite parameters from the start of family '{definition.Name}', received ({text})"

        parameters

    member _.Definition = definition

    member this.Create(count, dimension, parameters) : IComponents =
        LogDensityComponents(this, definition, count, dimension, parameters)

    interface INumericalFamily

    interface IComponentFamily with
        member _.Name = definition.Name
        member _.Structure = "free"
        member _.UsesScatter = false
        member _.EstimatesSpread = false
        member _.Check(_, _) = ValueNone
        member _.Estimate(_, previous, _, _) = previous.Value
        member _.Recentre _ = ValueNone

        member this.At(points, scale) =
            let d = scale.Variances.Length
            let count = points.Length / d
            this.Create(count, d, Array.chunkBySize d points |> Array.collect (startAt scale))

        member this.Start(statistics, keepCentres, scale, _) =
            match statistics with
            | :? GaussianStatistics as s ->
                let d = s.Dimension

                let points =
                    Array.init s.Centres.Length (fun at ->
                        let n = s.Counts[at / d]

                        s.Centres[at] + (if keepCentres || not (n > 0.0) then 0.0 else s.Sums[at] / n))

                (this :> IComponentFamily).At(points, scale)
            | _ -> invalidArg (nameof statistics) "expected sums of rows"

        member _.Project(components, _, _) = components

        member this.Reseed(components, k, point, scale) =
            let parameters = Array.copy (componentsOf components).Parameters
            (startAt scale point).CopyTo(parameters, k * size)
            this.Create(components.Count, components.Dimension, parameters)

        member _.Health(components, _) =
            Array.create
                components.Count
                {
                    SmallestEigenvalue = 1.0
                    ConditionNumber = 1.0
                }

        member _.LargestGradient(_, _, _, _) =
            invalidOp "the statistics of a family with a numerical M-step do not give its gradient"

        member _.ToVector(components, _) =
            Array.copy (componentsOf components).Parameters

        member this.OfVector(vector, like, _) =
            this.Create(like.Count, like.Dimension, Array.copy vector)

        member _.VectorParts components =
            [|
                for k in 1 .. components.Count do
                    for name, n in definition.Parameters do
                        struct ($"{name} of component {k}", n)
            |]

        member _.Gradient(_, _, _) = ValueNone

        member _.LogDensity(vector, like, _, rows) =
            Array.init like.Count (fun k ->
                let values = definition.LogDensity (Tensor.slice 0 (k * size) size vector) rows
                LogDensityRows.check definition.Name rows.Dims[0] values
                values)
            |> Tensor.stack 1

        member _.Natural(vector, like, _, _) =
            let names =
                [|
                    for k in 1 .. like.Count do
                        for name, n in definition.Parameters do
                            for i in 1..n -> if n = 1 then $"{name}[{k}]" else $"{name}[{k}][{i}]"
                |]

            struct (names, vector)

        member _.Embed(components, _, _) = components

/// Component families from their log-densities.
[<RequireQualifiedAccess>]
module Component =

    /// Names that files give to families of the library.
    let private builtIn =
        [
            "gaussian"
            "student-t"
            "bernoulli"
            "categorical"
            "binomial"
            "poisson"
            "negative-binomial"
            "zero-inflated-poisson"
            "geometric"
            "exponential"
            "gamma"
            "log-normal"
            "weibull"
            "beta"
            "von-mises"
            "noise"
            "product"
        ]

    let private build (definition: LogDensityDefinition) : IComponentFamily =
        if String.IsNullOrWhiteSpace definition.Name then
            invalidArg (nameof definition) "expected a name for the family, received none"

        if List.contains definition.Name builtIn then
            invalidArg
                (nameof definition)
                $"expected a name for the family that no built-in one has, received '{definition.Name}': files tell families by their names"

        for name, n in definition.Parameters do
            if n < 1 then
                invalidArg (nameof definition) $"expected at least 1 number of parameter '{name}', received {n}"

        if definition.Length = 0 then
            invalidArg (nameof definition) "expected at least one parameter, received none"

        LogDensityFamily definition

    /// A family from its name, its parameters (names, and how many numbers each), the parameters to start with at a point
    /// (given it and the columns' standard deviations), and its log-density: a tensor function of the parameters of one
    /// component (P numbers) and rows (N x D) to N numbers, in nats. EM fits it with a numerical M-step, and so does
    /// gradient descent.
    let ofLogDensity
        (name: string)
        (parameters: (string * int) list)
        (start: float[] -> float[] -> float[])
        (logDensity: Tensor -> Tensor -> Tensor)
        : IComponentFamily =
        build
            {
                Name = name
                Parameters = parameters
                LogDensity = logDensity
                Start = start
                Sample = None
            }

    /// The same, as a record.
    let ofDefinition (definition: LogDensityDefinition) : IComponentFamily = build definition

    /// The same family with a way to draw a row (D numbers) of a component from its parameters.
    let withSampler (sample: float[] -> RandomStream -> float[]) (family: IComponentFamily) : IComponentFamily =
        match family with
        | :? LogDensityFamily as f ->
            build
                { f.Definition with
                    Sample = Some sample
                }
        | _ -> invalidArg (nameof family) "expected a family made by Component.ofLogDensity"

    /// Components of a family made by ofLogDensity, from the number of columns and the parameters of each: K arrays of P
    /// numbers, all finite.
    let create (family: IComponentFamily) (dimension: int) (parameters: float[][]) : IComponents =
        match family with
        | :? LogDensityFamily as f ->
            if dimension < 1 then
                invalidArg (nameof dimension) $"expected at least 1 column, received {dimension}"

            if parameters.Length = 0 then
                invalidArg (nameof parameters) "expected the parameters of at least one component, received none"

            let expected = f.Definition.Length

            for own in parameters do
                if own.Length <> expected then
                    invalidArg
                        (nameof parameters)
                        $"expected {expected} parameters a component of family '{f.Definition.Name}', received {own.Length}"

                for value in own do
                    if not (Double.IsFinite value) then
                        invalidArg (nameof parameters) $"expected finite parameters, received {Wording.number value}"

            f.Create(parameters.Length, dimension, Array.concat parameters)
        | _ -> invalidArg (nameof family) "expected a family made by Component.ofLogDensity"

    /// Whether components are of a family made by ofLogDensity.
    let isOfLogDensity (components: IComponents) = components :? LogDensityComponents

    /// The free parameters of components of a family made by ofLogDensity, in the order in which it names them: K arrays
    /// of P numbers.
    let parameters (components: IComponents) : float[][] =
        match components with
        | :? LogDensityComponents as c -> c.Parameters |> Array.chunkBySize (c.Parameters.Length / components.Count)
        | _ -> invalidArg (nameof components) "expected components of a family made by Component.ofLogDensity"
