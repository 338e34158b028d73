namespace Mixtures

open System
open System.Collections.Generic

/// What to fit: a family of components (with its structure) and how many of them. It holds no learner's options.
type MixtureSpec =
    private
        {
            ComponentFamily: IComponentFamily
            ComponentCount: int
        }

    /// The components' family.
    member spec.Family = spec.ComponentFamily

    /// The number of components, K.
    member spec.Components = spec.ComponentCount

    /// A specification; fails for fewer than one component.
    static member Create(family: IComponentFamily, components: int) =
        if components < 1 then
            invalidArg (nameof components) $"expected at least 1 component, received {components}"

        {
            ComponentFamily = family
            ComponentCount = components
        }

/// A mixture: weights, and components of one family. Immutable.
[<Sealed>]
type Mixture internal (weights: float[], components: IComponents, columns: string[] option) =
    let active = lazy components.Active
    let activeColumns = components.ActiveColumns

    let kernel =
        lazy (active.Value.Kernel(KernelRequest.Plain(active.Value.Dimension, int SimdWidth.best)))

    let rows =
        lazy (RowEvaluator(kernel.Value, weights, activeColumns, components.Dimension))

    let names =
        match columns with
        | Some names -> names
        | None -> Array.init components.Dimension (fun i -> $"x{i + 1}")

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

    /// The number of parameters that a fit adjusts: K - 1 weights and the components'. Constant columns do not count.
    member _.FreeParameters = components.Count - 1 + active.Value.FreeParameters

    /// The specification that this mixture answers.
    member _.Spec = MixtureSpec.Create(components.Family, components.Count)

    member internal _.WeightArray = weights
    member internal _.NamesOption = columns
    member internal _.ActiveComponents = active.Value
    member internal _.ActiveColumns = activeColumns
    member internal _.Kernel = kernel.Value
    member internal _.Rows = rows.Value

    /// The data over the columns that the density is over, in the model's order.
    member internal _.ActiveData(data: Dataset) =
        let matched = data.MatchColumns names

        if activeColumns.Length = matched.Dimension then
            matched
        else
            matched.SelectAt activeColumns

    member internal mixture.Pass(data: Dataset) =
        RowPass(mixture.ActiveData data, Execution.Default)
