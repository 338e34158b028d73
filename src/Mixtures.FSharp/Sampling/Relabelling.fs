namespace Mixtures

open System

/// Draws with components renumbered so that a number means the same component in all of them.
[<NoEquality; NoComparison>]
type Relabelled =
    {
        /// The draws, renumbered.
        Draws: MixtureDraws
        /// Of each draw, the number that the component at each place had.
        Orders: int[][]
        /// How many draws follow one of their chain whose order is another: how often labels switched.
        Switches: int
        /// N x K: the rows' probabilities of the components, averaged over the renumbered draws.
        Assignments: float[,]
        /// How often the draws were gone through until no order changed.
        Passes: int
    }

/// Undoing label switching: every draw of a mixture's posterior is as good with its components in another order.
[<RequireQualifiedAccess>]
module Relabelling =

    let private check (assignments: DrawnAssignments) (draws: MixtureDraws) =
        if assignments.Rows < 1 then
            invalidArg (nameof assignments) "expected at least 1 row, received none"

        fun s ->
            let shares = assignments.At s

            if shares.Length <> assignments.Rows * draws.Components then
                invalidArg
                    (nameof assignments)
                    $"expected {assignments.Rows} x {draws.Components} probabilities, received {shares.Length} in draw {s + 1}"

            if shares |> Array.exists (fun r -> not (r >= 0.0 && r <= 1.0 + 1e-9)) then
                invalidArg
                    (nameof assignments)
                    $"expected probabilities from 0 to 1, received another number in draw {s + 1}"

            shares

    let private switches (draws: MixtureDraws) (orders: int[][]) =
        let each = draws.Count / draws.Chains

        Seq.init draws.Count id
        |> Seq.filter (fun s -> s % each > 0 && orders[s] <> orders[s - 1])
        |> Seq.length

    /// N x K: the mean of the draws' probabilities in their orders.
    let private average (at: int -> float[]) rows (draws: MixtureDraws) (orders: int[][]) =
        let k = draws.Components
        let mean = Array2D.zeroCreate<float> rows k
        let share = 1.0 / float draws.Count

        for s in 0 .. draws.Count - 1 do
            let shares = at s

            for i in 0 .. rows - 1 do
                for j in 0 .. k - 1 do
                    mean[i, j] <- mean[i, j] + share * shares[i * k + orders[s].[j]]

        mean

    let private finish assignments at (draws: MixtureDraws) orders passes =
        {
            Draws = MixtureDraws.permute orders draws
            Orders = orders
            Switches = switches draws orders
            Assignments = average at assignments.Rows draws orders
            Passes = passes
        }

    /// Renumbers every draw to agree best with a reference partition (labels of the N rows, from 0): the expected number of
    /// rows whose component has the number of their reference label is greatest (Papastamoulis & Iliopoulos 2010, with
    /// probabilities for labels).
    let toReference (reference: int[]) (assignments: DrawnAssignments) (draws: MixtureDraws) : Relabelled =
        let at = check assignments draws
        let k = draws.Components

        if reference.Length <> assignments.Rows then
            invalidArg (nameof reference) $"expected {assignments.Rows} labels, received {reference.Length}"

        match reference |> Array.tryFind (fun label -> label < 0 || label >= k) with
        | Some label -> invalidArg (nameof reference) $"expected labels from 0 to {k - 1}, received {label}"
        | None -> ()

        let orders =
            Array.init draws.Count (fun s ->
                let shares = at s
                let cost = Array2D.zeroCreate k k

                for i in 0 .. reference.Length - 1 do
                    for part in 0 .. k - 1 do
                        let label = reference[i]
                        cost[label, part] <- cost[label, part] - shares[i * k + part]

                OptimalAssignment.solve cost)

        finish assignments at draws orders 1

    /// The most probable component of each row in the draw of the highest log-density: a reference partition.
    let pivot (assignments: DrawnAssignments) (draws: MixtureDraws) : int[] =
        let at = check assignments draws
        let best = Array.IndexOf(draws.LogDensities, Array.max draws.LogDensities)
        let shares = at best
        let k = draws.Components

        Array.init assignments.Rows (fun i ->
            let row = Array.sub shares (i * k) k
            Array.IndexOf(row, Array.max row))

    /// Renumbers draws so that the rows' probabilities differ least from their average (Stephens 2000, algorithm 2: the sum of
    /// Kullback-Leibler divergences), from the orders that agree with a reference partition; at most so many passes over the
    /// draws.
    let stephens (passes: int) (reference: int[]) (assignments: DrawnAssignments) (draws: MixtureDraws) : Relabelled =
        if passes < 1 then
            invalidArg (nameof passes) $"expected at least 1 pass, received {passes}"

        let at = check assignments draws
        let start = toReference reference assignments draws
        let k = draws.Components
        let rows = assignments.Rows
        // far below any probability that counts, so that one that is zero costs much, but not without limit
        let least = 1e-12
        let mutable orders = start.Orders
        let mutable mean = start.Assignments
        let mutable used = 1
        let mutable changed = true

        while changed && used < passes do
            let logs = Array.init (rows * k) (fun i -> log (max least mean[i / k, i % k]))

            // Σ r log r does not depend on the order: what is left of the divergence is -Σ r log q
            let next =
                Array.init draws.Count (fun s ->
                    let shares = at s
                    let cost = Array2D.zeroCreate k k

                    for i in 0 .. rows - 1 do
                        for part in 0 .. k - 1 do
                            let r = shares[i * k + part]

                            if r > 0.0 then
                                for place in 0 .. k - 1 do
                                    cost[place, part] <- cost[place, part] - r * logs[i * k + place]

                    OptimalAssignment.solve cost)

            changed <- next <> orders
            orders <- next
            used <- used + 1

            if changed then
                mean <- average at rows draws orders

        finish assignments at draws orders used
