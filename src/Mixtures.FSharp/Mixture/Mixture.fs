namespace Mixtures

open System
open System.Collections.Generic

/// What is believed of the weights before the data are seen.
type WeightsPrior =
    /// Nothing: every vector of weights is as good as any other, and only the likelihood counts.
    | Flat
    /// A Dirichlet distribution: one concentration for all components, or one for each; 1 is uniform over the simplex,
    /// more pulls the weights together.
    | Dirichlet of concentrations: float[]
    /// A Dirichlet process, truncated at K components: weight k is the share v_k of what the weights before it leave, each
    /// share Beta(1, concentration) (Sethuraman 1994; Blei & Jordan 2006). Small concentrations use few components.
    | DirichletProcess of concentration: float

/// What is believed of the parameters before the data are seen; nothing by default.
type Priors =
    {
        /// The weights' prior.
        Weights: WeightsPrior
        /// Priors of the components' parameters, by the parameter's name in the family, such as means or rates. A
        /// distribution holds for each number (or vector, or matrix) of the parameter; parameters of its own that are one
        /// for each component, first axis K, make it a prior per component.
        Parameters: (string * IDistribution) list
    }

    /// No priors.
    static member None = { Weights = Flat; Parameters = [] }

/// What to fit: a family of components (with its structure), how many of them, and priors. It holds no learner's options.
type MixtureSpec =
    private
        {
            ComponentFamily: IComponentFamily
            ComponentCount: int
            PriorBeliefs: Priors
        }

    /// The components' family.
    member spec.Family = spec.ComponentFamily

    /// The number of components, K.
    member spec.Components = spec.ComponentCount

    /// The priors; a fit with any maximises the posterior density (MAP).
    member spec.Priors = spec.PriorBeliefs

    /// A specification without priors; fails for fewer than one component.
    static member Create(family: IComponentFamily, components: int) =
        if components < 1 then
            invalidArg (nameof components) $"expected at least 1 component, received {components}"

        {
            ComponentFamily = family
            ComponentCount = components
            PriorBeliefs = Priors.None
        }

    /// The same specification of another family.
    member internal spec.WithFamily(family: IComponentFamily) = { spec with ComponentFamily = family }

    /// The same specification with other priors; concentrations are positive, one or K of them.
    member spec.WithPriors(priors: Priors) =
        match
            priors.Parameters
            |> List.countBy fst
            |> List.tryFind (fun (_, count) -> count > 1)
        with
        | Some(name, _) ->
            invalidArg (nameof priors) $"expected at most one prior of each parameter, received several of {name}"
        | None -> ()

        match priors.Weights with
        | Flat -> ()
        | DirichletProcess concentration ->
            if not (Double.IsFinite concentration && concentration > 0.0) then
                invalidArg
                    (nameof priors)
                    $"expected a positive concentration of the weights' Dirichlet process, received {Wording.number concentration}"
        | Dirichlet concentrations ->
            if concentrations.Length <> 1 && concentrations.Length <> spec.ComponentCount then
                invalidArg
                    (nameof priors)
                    $"expected 1 or {spec.ComponentCount} concentrations of the weights' Dirichlet prior, received {concentrations.Length}"

            for c in concentrations do
                if not (Double.IsFinite c && c > 0.0) then
                    invalidArg
                        (nameof priors)
                        $"expected positive concentrations of the weights' Dirichlet prior, received {Wording.number c}"

        { spec with PriorBeliefs = priors }

    /// Whether the weights' prior says the same of every component.
    member internal spec.HasExchangeableWeights =
        match spec.PriorBeliefs.Weights with
        | Flat -> true
        | DirichletProcess _ -> false
        | Dirichlet concentrations -> concentrations |> Array.forall (fun c -> c = concentrations[0])

    /// Whether the priors say the same of every component, so that these may be numbered in any order.
    member internal spec.IsExchangeable =
        spec.HasExchangeableWeights
        && spec.PriorBeliefs.Parameters
           |> List.forall (fun (_, prior) -> prior.BatchShape.Length = 0 || Shape.size prior.BatchShape = 1)

    /// The concentration of each component's weight, or nothing where the prior is flat. The density of a Dirichlet
    /// process, in its shares, is proportional to the last weight's power.
    member internal spec.Concentrations =
        match spec.PriorBeliefs.Weights with
        | Flat -> ValueNone
        | DirichletProcess concentration ->
            ValueSome(
                Array.init spec.ComponentCount (fun k -> if k = spec.ComponentCount - 1 then concentration else 1.0)
            )
        | Dirichlet [| one |] -> ValueSome(Array.create spec.ComponentCount one)
        | Dirichlet all -> ValueSome(Array.copy all)

/// Functions on specifications.
[<RequireQualifiedAccess>]
module MixtureSpec =

    /// The same specification with other priors.
    let withPriors (priors: Priors) (spec: MixtureSpec) = spec.WithPriors priors

    /// The same specification with a Dirichlet prior on the weights, of one concentration for all.
    let withWeightsPrior (concentration: float) (spec: MixtureSpec) =
        spec.WithPriors
            { spec.Priors with
                Weights = Dirichlet [| concentration |]
            }

    /// The same specification with a prior of one of the family's parameters, such as means, scales or rates, in place of
    /// any that it has; see Prior for distributions.
    let withPrior (parameter: string) (prior: IDistribution) (spec: MixtureSpec) =
        spec.WithPriors
            { spec.Priors with
                Parameters =
                    (spec.Priors.Parameters |> List.filter (fun (name, _) -> name <> parameter))
                    @ [ parameter, prior ]
            }

    /// The same specification with one component more, the last: noise of constant density over the box that the data take
    /// up, which is found in them and not fitted; its weight is. See Noise. Concentrations given one by one get a 1 for it.
    let withNoise (spec: MixtureSpec) : MixtureSpec =
        let noisy =
            MixtureSpec.Create(NoiseFamily.Of(spec.Family, ValueNone), spec.Components + 1)

        match spec.Priors.Weights with
        | Dirichlet each when each.Length > 1 ->
            noisy.WithPriors
                { spec.Priors with
                    Weights = Dirichlet(Array.append each [| 1.0 |])
                }
        | Dirichlet _
        | DirichletProcess _
        | Flat -> noisy.WithPriors spec.Priors

/// A mixture: weights, and components of one family. Immutable.
[<Sealed>]
type Mixture internal (weights: float[], components: IComponents, columns: string[] option) =
    let active = lazy components.Active
    let activeColumns = components.ActiveColumns

    let kernel =
        lazy (active.Value.Kernel(KernelRequest.Plain(active.Value.Dimension, int SimdWidth.best)))

    let names =
        match columns with
        | Some names -> names
        | None -> Array.init components.Dimension (fun i -> $"x{i + 1}")

    let rows =
        lazy (RowEvaluator(kernel.Value, weights, activeColumns, components.Dimension, components.Family, names))

    /// The components' weights: K non-negative numbers that sum to one. A new array at each call.
    member _.Weights = Array.copy weights

    /// The number of components, K.
    member _.Count = components.Count

    /// The number of columns, D.
    member _.Dimension = components.Dimension

    /// The components' family.
    member _.Family = components.Family

    /// The parameters of the components.
    member _.Components = components

    /// The names of the columns; x1, x2, … where the data had none.
    member _.ColumnNames: IReadOnlyList<string> = Array.AsReadOnly names

    /// Whether the columns have names of their own.
    member _.HasColumnNames = columns.IsSome

    /// The names of a column's levels (position from 0), in the order of their codes; none for a column of numbers, or where
    /// the data that were fitted had codes without names.
    member _.Levels(column: int) : IReadOnlyList<string> =
        if column < 0 || column >= components.Dimension then
            invalidArg (nameof column) $"expected a column from 0 to {components.Dimension - 1}, received {column}"

        Array.AsReadOnly(FamilyColumns.levelNames components.Family column)

    /// The number of parameters that a fit adjusts: K - 1 weights and the components'. Constant columns do not count.
    member _.FreeParameters = components.Count - 1 + active.Value.FreeParameters

    /// The specification that this mixture answers.
    member _.Spec = MixtureSpec.Create(components.Family, components.Count)

    member internal _.WeightArray = weights
    member internal _.NamesOption = columns
    member internal _.ActiveComponents = active.Value
    member internal _.ActiveColumns = activeColumns
    member internal _.Kernel = kernel.Value

    /// The kernel for a pass, which leaves missing cells out.
    member internal _.KernelFor(pass: RowPass) =
        if pass.Patterns.IsNone then
            kernel.Value
        else
            pass.KernelOf(active.Value, KernelRequest.Plain(active.Value.Dimension, int SimdWidth.best))

    member internal _.Rows = rows.Value

    /// The data's columns in the model's order, levels coded as the model's; values that no component can hold are refused.
    member internal mixture.AllColumns(data: Dataset) =
        let matched = mixture.Match data
        FamilyColumns.demand false components.Family matched
        matched

    member private _.Match(data: Dataset) =
        data.MatchColumns names |> FamilyColumns.matchLevels components.Family

    /// The data over the columns that the density is over, in the model's order, levels coded as the model's. Values that no
    /// component can hold are refused, with onlyWeighted in rows of positive weight only.
    member private mixture.Matched(data: Dataset, onlyWeighted) =
        let matched = mixture.Match data
        FamilyColumns.demand onlyWeighted components.Family matched

        match KnownComponents.check components.Count matched with
        | ValueSome reason -> raise (DataException reason)
        | ValueNone -> ()

        if activeColumns.Length = matched.Dimension then
            matched
        else
            matched.SelectAt activeColumns

    member internal mixture.ActiveData(data: Dataset) = mixture.Matched(data, false)

    member internal mixture.Pass(data: Dataset) =
        RowPass(mixture.ActiveData data, Execution.Default)

    /// A pass to which rows of weight zero do not matter, whatever they hold.
    member internal mixture.WeightedPass(data: Dataset) =
        RowPass(mixture.Matched(data, true), Execution.Default, true)
