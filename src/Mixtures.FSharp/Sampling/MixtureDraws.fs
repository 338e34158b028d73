namespace Mixtures

open System

/// Draws of a mixture's weights and of its components' parameters, of several chains, one chain after the other. Immutable by
/// agreement. Components are numbered as they were drawn: a number need not mean the same component in two draws.
[<NoEquality; NoComparison>]
type MixtureDraws =
    {
        /// The number of chains, all of the same length.
        Chains: int
        /// The number of components K.
        Components: int
        /// S x K weights, row by row.
        Weights: float[]
        /// The names of the P parameters of a component.
        ParameterNames: string[]
        /// S x K x P parameters, row by row.
        Parameters: float[]
        /// The S log-densities, of the posterior or of the data: anything that does not depend on the components' numbers.
        LogDensities: float[]
    }

    /// The number of draws S of all chains.
    member draws.Count = draws.LogDensities.Length

    /// The weights of a draw (from 0).
    member draws.WeightsAt(draw: int) : float[] =
        Array.sub draws.Weights (draw * draws.Components) draws.Components

    /// A parameter (from 0) of each component in a draw (from 0).
    member draws.ParameterAt(draw: int, parameter: int) : float[] =
        let p = draws.ParameterNames.Length
        Array.init draws.Components (fun k -> draws.Parameters[(draw * draws.Components + k) * p + parameter])

/// The probabilities of the rows' components in each draw, made when they are asked for: never all in memory.
[<NoEquality; NoComparison>]
type DrawnAssignments =
    {
        /// The number of rows N.
        Rows: int
        /// The N x K probabilities of a draw (from 0), row by row, components numbered as in the draw.
        At: int -> float[]
    }

/// Draws of mixtures, and what in them does not depend on labels.
[<RequireQualifiedAccess>]
module MixtureDraws =

    /// Draws, checked: S x K weights, S x K x P parameters and S log-densities, of so many chains of the same length.
    let create
        (chains: int)
        (components: int)
        (parameterNames: string[])
        (weights: float[])
        (parameters: float[])
        (logDensities: float[])
        : MixtureDraws =
        let count = logDensities.Length

        if components < 1 then
            invalidArg (nameof components) $"expected at least 1 component, received {components}"

        if count < 1 then
            invalidArg (nameof logDensities) "expected at least 1 draw, received none"

        if chains < 1 || count % chains <> 0 then
            invalidArg (nameof chains) $"expected chains of the same length, received {count} draws of {chains} chains"

        if weights.Length <> count * components then
            invalidArg (nameof weights) $"expected {count * components} weights, received {weights.Length}"

        let expected = count * components * parameterNames.Length

        if parameters.Length <> expected then
            invalidArg (nameof parameters) $"expected {expected} numbers, received {parameters.Length}"

        {
            Chains = chains
            Components = components
            Weights = weights
            ParameterNames = parameterNames
            Parameters = parameters
            LogDensities = logDensities
        }

    /// The draws with components renumbered: of each draw, the number (in the draw) of the component that comes at each place.
    let permute (orders: int[][]) (draws: MixtureDraws) : MixtureDraws =
        if orders.Length <> draws.Count then
            invalidArg (nameof orders) $"expected an order for each of {draws.Count} draws, received {orders.Length}"

        let k = draws.Components
        let p = draws.ParameterNames.Length

        for order in orders do
            if Array.sort order <> [| 0 .. k - 1 |] then
                invalidArg (nameof orders) $"expected each order to hold every component from 0 to {k - 1} once"

        { draws with
            Weights = Array.init draws.Weights.Length (fun i -> draws.Weights[i / k * k + orders[i / k].[i % k]])
            Parameters =
                Array.init draws.Parameters.Length (fun i ->
                    let draw = i / (k * p)
                    let place = i / p % k
                    draws.Parameters[(draw * k + orders[draw].[place]) * p + i % p])
        }

    /// The orders in which a parameter (from 0) ascends from component to component; equal ones keep their order.
    let orders (parameter: int) (draws: MixtureDraws) : int[][] =
        if parameter < 0 || parameter >= draws.ParameterNames.Length then
            invalidArg
                (nameof parameter)
                $"expected a parameter from 0 to {draws.ParameterNames.Length - 1}, received {parameter}"

        Array.init draws.Count (fun s ->
            let values = draws.ParameterAt(s, parameter)
            [| 0 .. draws.Components - 1 |] |> Array.sortBy (fun k -> values[k], k))

    /// The draws with components in ascending order of a parameter (from 0).
    let orderBy (parameter: int) (draws: MixtureDraws) : MixtureDraws = permute (orders parameter draws) draws

    /// -Σ w log w, in nats: of one component 0, of K equal ones log K.
    let entropy (weights: float[]) =
        -(weights |> Array.sumBy (fun w -> if w > 0.0 then w * log w else 0.0))

    let private toChains (chains: int) names (values: int -> float[]) count =
        let each = count / chains

        Array.init chains (fun c -> Array.init each (fun s -> values (c * each + s)) |> Array.concat)
        |> Draws.create names

    /// Weights and parameters by component ("weight[1]", "mean[1]", …), numbered as the draws are.
    let toDraws (draws: MixtureDraws) : Draws =
        let p = draws.ParameterNames.Length

        let names =
            [|
                for k in 1 .. draws.Components do
                    $"weight[{k}]"
                for k in 1 .. draws.Components do
                    for name in draws.ParameterNames do
                        $"{name}[{k}]"
            |]

        let size = draws.Components * p

        toChains
            draws.Chains
            names
            (fun s -> Array.append (draws.WeightsAt s) (Array.sub draws.Parameters (s * size) size))
            draws.Count

    /// What does not depend on labels: the log-density, the entropy of the weights, the weights in descending order and each
    /// parameter in ascending order ("mean(1)" is the least). R-hat and effective sample sizes of these tell whether chains
    /// agree about the mixture, whatever they call its components.
    let invariants (draws: MixtureDraws) : Draws =
        let names =
            [|
                "log_density"
                "entropy"
                for k in 1 .. draws.Components do
                    $"weight({k})"
                for name in draws.ParameterNames do
                    for k in 1 .. draws.Components do
                        $"{name}({k})"
            |]

        toChains
            draws.Chains
            names
            (fun s ->
                let weights = draws.WeightsAt s

                [|
                    draws.LogDensities[s]
                    entropy weights
                    yield! Array.sortDescending weights
                    for j in 0 .. draws.ParameterNames.Length - 1 do
                        yield! Array.sort (draws.ParameterAt(s, j))
                |])
            draws.Count
