namespace Mixtures

open System

/// Where the numbers of a mixture's components are among those of a draw.
[<NoEquality; NoComparison>]
type internal ComponentPlaces =
    {
        /// All components, K.
        Count: int
        /// Those that can be numbered in any order: the first K, or K - 1 where the last is noise.
        Movable: int
        /// Where the weights begin, or the K - 1 shares of a process.
        Weights: int
        IsProcess: bool
        /// The sites of the movable components: name, where it begins, and how many numbers each component has.
        Parts: struct (string * int * int)[]
    }

/// Draws of a model's sites as those of a mixture, and in one numbering of its components.
[<RequireQualifiedAccess>]
module internal SampleComponents =

    /// The most rows by whose probabilities components are told apart, fewer where there are more than 10 000 draws.
    let private mostRows (draws: int) =
        Math.Clamp(20_000_000 / max 1 draws, 200, 2000)

    /// The values of the sites in one draw.
    let values (model: BayesianModel) (draws: Draws) (chain: int) (draw: int) : Tensor[] =
        let numbers = Draws.row chain draw draws
        let mutable at = 0

        model.Sites
        |> Array.map (fun site ->
            let own = Array.sub numbers at (Shape.size site.Dims)
            at <- at + own.Length
            Tensor.ofShape site.Dims own)

    /// The site with the weights of a specification, or with the shares of its process.
    let weightsSite (model: BayesianModel) =
        model.Sites
        |> Array.tryFind (fun site -> model.Parts.Mixture.IsSome && (site.Name = "weights" || site.Name = "shares"))
        |> Option.map _.Name

    /// The places of components whose weights (or shares) are a site of that name. A site belongs to the components where the
    /// first axis of its batch has their number: what all share has no such axis.
    let places (weights: string) (model: BayesianModel) : ComponentPlaces =
        let sites = model.Sites
        let starts = Array.scan (fun at (site: Site) -> at + Shape.size site.Dims) 0 sites
        let own = model.IndexOf weights

        let k, isProcess =
            match sites[own].Support with
            | Support.Simplex k when sites[own].Dims.Length = 1 -> k, false
            | Support.UnitInterval when model.Parts.Mixture.IsSome && sites[own].Name = "shares" ->
                sites[own].Dims[0] + 1, true
            | other ->
                invalidArg (nameof weights) $"expected a site of probabilities, received one of {Support.name other}"

        let ofEach count =
            [|
                for i in 0 .. sites.Length - 1 do
                    if i <> own && sites[i].Batch.Length > 0 && sites[i].Batch[0] = count then
                        struct (sites[i].Name, starts[i], Shape.size sites[i].Dims / count)
            |]

        let all = ofEach k

        // noise, the last component of a specification, has no parameters to find
        let movable =
            if model.Parts.Mixture.IsSome && all.Length = 0 then
                k - 1
            else
                k

        {
            Count = k
            Movable = movable
            Weights = starts[own]
            IsProcess = isProcess
            Parts = if movable = k then all else ofEach movable
        }

    /// The K weights of a draw.
    let private weightsOf (places: ComponentPlaces) (row: float[]) : float[] =
        if places.IsProcess then
            let mutable rest = 1.0

            Array.init places.Count (fun k ->
                if k = places.Count - 1 then
                    rest
                else
                    let weight = rest * row[places.Weights + k]
                    rest <- rest - weight
                    weight)
        else
            Array.sub row places.Weights places.Count

    let private setWeights (places: ComponentPlaces) (weights: float[]) (chain: float[]) (row: int) =
        if places.IsProcess then
            // what is left after a component, from the last on, so that small rests keep their digits
            let rests = Array.scanBack (+) weights 0.0

            for k in 0 .. places.Count - 2 do
                chain[row + places.Weights + k] <- if rests[k] > 0.0 then weights[k] / rests[k] else 0.5
        else
            Array.blit weights 0 chain (row + places.Weights) places.Count

    /// All draws, of each chain as many as the shortest has, one chain after the other.
    let private rows (draws: Draws) =
        [|
            for chain in 0 .. draws.ChainCount - 1 do
                for draw in 0 .. draws.Count - 1 -> Draws.row chain draw draws
        |]

    /// The draws of the movable components.
    let mixtureDraws (places: ComponentPlaces) (draws: Draws) (logDensities: float[][]) : MixtureDraws =
        let rows = rows draws

        MixtureDraws.create
            draws.ChainCount
            places.Movable
            [|
                for struct (name, _, each) in places.Parts do
                    for j in 1..each do
                        if each = 1 then name else $"{name}[{j}]"
            |]
            (rows
             |> Array.collect (fun row -> Array.sub (weightsOf places row) 0 places.Movable))
            (rows
             |> Array.collect (fun row ->
                 [|
                     for component' in 0 .. places.Movable - 1 do
                         for struct (_, start, each) in places.Parts do
                             yield! Array.sub row (start + component' * each) each
                 |]))
            (logDensities |> Array.collect (Array.truncate draws.Count))

    let private assignmentsOf (rowCount: int) (model: BayesianModel) (draws: Draws) joint transform : DrawnAssignments =
        let count = draws.Count

        {
            Rows = rowCount
            At =
                fun s ->
                    let logs: Tensor = joint (values model draws (s / count) (s % count))
                    (logs |> transform |> Tensor.softmax 1).ToArray()
        }

    let private jointOf rows (model: BayesianModel) =
        match model.Parts.Joint with
        | ValueSome joint -> joint rows
        | ValueNone ->
            invalidOp
                "The program observes no mixture, so there are no assignments: observe rows by observeMixture, which sums them out."

    /// The probabilities of the data's components in each draw.
    let assignments (model: BayesianModel) (draws: Draws) : DrawnAssignments =
        assignmentsOf model.RowCount model draws (jointOf AllRows model) id

    /// Of each draw, the numbers of the movable components in the order that agrees with the draw of highest density, by the
    /// probabilities of the rows, evenly spaced ones where there are many.
    let private orders (places: ComponentPlaces) (model: BayesianModel) (draws: Draws) (mixture: MixtureDraws) =
        let n = model.RowCount

        let most = mostRows mixture.Count

        let struct (count, chosen) =
            if n <= most then
                struct (n, AllRows)
            else
                struct (most, SomeRows(Array.init most (fun i -> int (int64 i * int64 n / int64 most))))

        // of a row that is not noise
        let movable (logs: Tensor) =
            if places.Movable = places.Count then
                logs
            else
                Tensor.slice 1 0 places.Movable logs

        let assignments = assignmentsOf count model draws (jointOf chosen model) movable
        (Relabelling.toReference (Relabelling.pivot assignments mixture) assignments mixture).Orders

    /// The draws, of each chain as many as the shortest has, with components renumbered to agree with the draw of highest
    /// density.
    let relabel weights (model: BayesianModel) (draws: Draws) (logDensities: float[][]) : Draws =
        let places = places weights model
        let count = draws.Count
        let d = draws.Dimension

        if places.Movable < 2 || count = 0 then
            draws
        else
            let orders = orders places model draws (mixtureDraws places draws logDensities)

            { draws with
                Chains =
                    draws.Chains
                    |> Array.mapi (fun chain own ->
                        let renumbered = Array.sub own 0 (count * d)

                        for s in 0 .. count - 1 do
                            let order = orders[chain * count + s]
                            let row = s * d
                            let weights = weightsOf places (Array.sub own row d)

                            let moved =
                                Array.init places.Count (fun k -> weights[if k < places.Movable then order[k] else k])

                            // what stays keeps its bits, of a process as well
                            if moved <> weights then
                                setWeights places moved renumbered row

                            for struct (_, start, each) in places.Parts do
                                for place in 0 .. places.Movable - 1 do
                                    Array.blit
                                        own
                                        (row + start + order[place] * each)
                                        renumbered
                                        (row + start + place * each)
                                        each

                        renumbered)
            }

    /// The mean of every site's values over all draws; of angles the direction of their mean on the circle.
    let means (model: BayesianModel) (draws: Draws) : Tensor[] =
        let all = rows draws
        let mutable at = 0

        if all.Length = 0 then
            invalidOp "There are no draws to take means of: sample some."

        model.Sites
        |> Array.map (fun site ->
            let first = at
            let size = Shape.size site.Dims
            at <- at + size

            let average (f: float -> float) j =
                all |> Array.averageBy (fun row -> f row[first + j])

            Tensor.ofShape
                site.Dims
                (Array.init size (fun j ->
                    match site.Support with
                    | Support.Angle -> Math.Atan2(average sin j, average cos j)
                    | _ -> average id j)))
