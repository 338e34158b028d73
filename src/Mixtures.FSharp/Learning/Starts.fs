namespace Mixtures

open System

/// Starting points of EM.
[<RequireQualifiedAccess>]
module internal Starts =

    [<Literal>]
    let private LloydSteps = 5

    let private kernel (data: FitData) (components: IComponents) =
        data.Pass.KernelOf(
            components,
            { KernelRequest.Plain(data.Reference.Length, int data.Pass.Execution.Width) with
                Reference = data.Reference
            }
        )

    let private fail reason : 'T = raise (FitException(NoStart reason))

    /// Reciprocal standard deviations; 0 for a constant column.
    let private scales (data: FitData) =
        data.Scale.Variances
        |> Array.map (fun v -> if v > 0.0 then 1.0 / sqrt v else 0.0)

    let private shares (counts: float[]) =
        let total = Array.sum counts
        counts |> Array.map (fun n -> n / total)

    /// A row drawn with probability proportional to its weight.
    let private randomRow (data: Dataset) (stream: RandomStream) =
        if data.HasWeights then
            stream.NextIndex data.Weights.Span
        else
            stream.NextInt32 data.Count

    /// Squared standardised distances of every row of the tile to every centre, in the lanes.
    let private distances (data: FitData) (scale: float[]) (centres: float[]) count (worker: PassWorker) =
        let lanes = worker.Lanes.Span
        lanes.Slice(0, count * worker.Tile.Capacity).Clear()

        // where cells are missing, the mean over the columns that are there, times all
        let struct (tile, centres, scale) =
            match data.Pass.Patterns with
            | ValueNone -> struct (worker.Tile, centres, scale)
            | ValueSome patterns ->
                let observed = patterns[worker.Tile.Pattern]
                let d = scale.Length
                let part = worker.Tile.Selection observed
                let more = sqrt (float d / float (max 1 observed.Length))
                let own = observed |> Array.map (fun c -> more * scale[c])

                let near =
                    Array.init (count * observed.Length) (fun at ->
                        centres[at / observed.Length * d + observed[at % observed.Length]])

                struct (part, near, own)

        if tile.Dimension > 0 then
            data.Pass.Arithmetic.AddScaledDistances(
                tile.Data,
                tile.Capacity,
                tile.PaddedCount,
                tile.Dimension,
                Span centres,
                Span scale,
                Span(Array.zeroCreate<float> count),
                lanes
            )

    /// Turns distances in the lanes into hard assignments: 1 for the nearest centre (the first of equals) or the component
    /// that the row keeps to, 0 elsewhere.
    let private assign count (worker: PassWorker) =
        let capacity = worker.Tile.Capacity
        let lanes = worker.Lanes.Span

        for i in 0 .. worker.Tile.Count - 1 do
            let mutable nearest = 0
            let mutable least = lanes[i]

            for k in 1 .. count - 1 do
                let distance = lanes[k * capacity + i]

                if distance < least then
                    least <- distance
                    nearest <- k

            let kept = worker.Known i

            if kept >= 0 then
                nearest <- kept

            for k in 0 .. count - 1 do
                lanes[k * capacity + i] <- if k = nearest then 1.0 else 0.0

    /// Puts missing cells of the tile at the centre that their row is assigned to.
    let private fillIn (tile: Tile) count (lanes: Span<float>) (centres: float[]) =
        let d = tile.Dimension

        for c in 0 .. d - 1 do
            let column = tile.Column c

            if Double.IsNaN column[0] then
                for i in 0 .. tile.PaddedCount - 1 do
                    let mutable k = 0

                    while k < count - 1 && lanes[k * tile.Capacity + i] = 0.0 do
                        k <- k + 1

                    column[i] <- centres[k * d + c]

    /// Counts and means of the rows nearest to each centre.
    let private lloyd (data: FitData) scale (centres: float[]) count =
        let d = data.Pass.Data.Dimension
        let arithmetic = data.Pass.Arithmetic
        let step = arithmetic.SumsStep d
        let length = count + count * d

        let total =
            data.Pass.Fold(
                count,
                0,
                arithmetic.SumsLength(count, d),
                length,
                (fun worker ->
                    worker.Accumulators.Span.Clear()
                    worker.Counts.Span.Clear()
                    worker.Squares.Span.Clear()),
                (fun worker _ ->
                    let tile = worker.Tile
                    distances data scale centres count worker
                    assign count worker
                    worker.Factors.Span.Fill 1.0

                    arithmetic.Weigh(
                        worker.Lanes.Span,
                        tile.Capacity,
                        tile.PaddedCount,
                        count,
                        worker.Factors.Span,
                        tile.Weights,
                        worker.Counts.Span,
                        worker.Squares.Span
                    )

                    if data.Pass.Patterns.IsSome then
                        // a missing cell is where its centre is
                        fillIn tile count worker.Lanes.Span centres

                    arithmetic.AddSums(
                        tile.Data,
                        tile.Capacity,
                        tile.PaddedCount,
                        d,
                        count,
                        worker.Lanes.Span,
                        Span centres,
                        worker.Accumulators.Span
                    )),
                fun worker total ->
                    arithmetic.Reduce(worker.Counts.Span, Span<float>(total, 0, count))

                    for k in 0 .. count - 1 do
                        worker.Accumulators.Slice(k * step, d).CopyTo(Span<float>(total, count + k * d, d))
            )

        let counts = Array.sub total 0 count

        let means =
            Array.init (count * d) (fun at ->
                if counts[at / d] > 0.0 then
                    centres[at] + total[count + at] / counts[at / d]
                else
                    centres[at])

        struct (counts, means)

    /// k-means++ centres (Arthur & Vassilvitskii 2007) on standardised columns, rows drawn by weight: K x D.
    let private plusPlus (data: FitData) scale count (stream: RandomStream) =
        let rows = data.Pass.Data
        let d = rows.Dimension
        // rows of weight zero are never drawn
        let nearest =
            if rows.HasWeights then
                rows.Weights.ToArray()
                |> Array.map (fun w -> if w > 0.0 then Double.PositiveInfinity else 0.0)
            else
                Array.create rows.Count Double.PositiveInfinity

        let centres = Array.zeroCreate (count * d)
        let kept = LabelledStarts.means data count

        /// Distances to the nearest centre so far, as weight times squared distance.
        let measure k =
            let latest = Array.sub centres (k * d) d

            data.Pass.ForEachTile(
                1,
                0,
                fun worker _ ->
                    distances data scale latest 1 worker
                    let lanes = worker.Lanes.Span
                    let rowWeights = worker.Tile.Weights

                    for i in 0 .. worker.Tile.Count - 1 do
                        let distance = rowWeights[i] * lanes[i]
                        let row = worker.Row i

                        if distance < nearest[row] then
                            nearest[row] <- distance
            )

        // components with labelled rows start at their means, the others far from all before
        let order = [| 0 .. count - 1 |] |> Array.sortBy (fun k -> kept[k].IsNone)

        order
        |> Array.iteri (fun position k ->
            if position > 0 then
                measure order[position - 1]

            let centre =
                match kept[k] with
                | ValueSome mean -> mean
                | ValueNone when position > 0 && Array.exists (fun v -> v > 0.0) nearest ->
                    data.PointOf(stream.NextIndex(ReadOnlySpan nearest))
                | ValueNone -> data.PointOf(randomRow rows stream)

            centre.CopyTo(centres, k * d))

        centres

    /// k-means++ centres alone, for measuring.
    let plusPlusOf (pass: RowPass) count (key: RandomKey) =
        let scale = ColumnSummary.ofPass pass

        let data =
            {
                Pass = pass
                Scale = scale
                Floor = Floor.Default
                Reference = Array.map sqrt scale.Variances
                EmptyRows = 0
            }

        plusPlus data (scales data) count (key.Stream())

    /// Responsibilities that the body writes to the lanes, made into a point: statistics twice, so that second moments
    /// are centred on the components' own means.
    let private fromLanes (data: FitData) (family: IComponentFamily) count (fill: PassWorker -> int -> unit) =
        let d = data.Pass.Data.Dimension
        let middle = Array.init (count * d) (fun at -> data.Scale.Means[at % d])

        let fillAndKeep (worker: PassWorker) number =
            fill worker number

            if data.Pass.Known.IsSome then
                LabelledStarts.keep count worker

        let statistics centres =
            data.Pass.Statistics(kernel data (family.At(centres, data.Scale)), count, fillAndKeep)

        let rough =
            family.Estimate((statistics middle).Statistics, ValueNone, data.Scale, data.Floor)

        statistics (Array.collect rough.Mean [| 0 .. count - 1 |])

    let private kMeansPlusPlus (data: FitData) (family: IComponentFamily) count attempts (key: RandomKey) =
        let scale = scales data
        let settled = LabelledStarts.areEnough data count

        match LabelledStarts.unreachable data count with
        | [] -> ()
        | left ->
            let numbers = String.Join(", ", left)

            fail
                $"""Every row keeps to the component of its label, which leaves no row for {if left.Length = 1 then "component" else "components"} {numbers}: ask for as many components as there are labels, or leave some rows without a label."""

        let rec attempt number =
            let mutable centres = plusPlus data scale count ((key.Child number).Stream())
            let mutable counts = [||]

            for _ in 1..LloydSteps do
                let struct (n, means) = lloyd data scale centres count
                counts <- n
                centres <- means

            let step =
                data.Pass.Statistics(
                    kernel data (family.At(centres, data.Scale)),
                    count,
                    fun worker _ ->
                        distances data scale centres count worker
                        assign count worker
                        LabelledStarts.leaveToLabels settled worker
                )

            if Array.forall (fun n -> n > 0.0) step.Counts then
                {
                    Weights = shares (if Array.contains true settled then counts else step.Counts)
                    Components = family.Start(step.Statistics, false, data.Scale, data.Floor)
                }
            elif number + 1 < attempts then
                attempt (number + 1)
            else
                fail
                    $"No start with rows in each of {count} components was found in {attempts} draws of k-means++: the data have too few distinct rows. Ask for fewer components, or give a start."

        attempt 0

    let private randomRows (data: FitData) (family: IComponentFamily) count (key: RandomKey) =
        let stream = key.Stream()
        let rows = data.Pass.Data

        let weights =
            if rows.HasWeights then
                rows.Weights.ToArray()
            else
                Array.create rows.Count 1.0

        let points =
            Array.init count (fun _ ->
                let row = stream.NextIndex(ReadOnlySpan weights)
                weights[row] <- 0.0
                data.PointOf row)
            |> Array.map2 (fun kept drawn -> ValueOption.defaultValue drawn kept) (LabelledStarts.means data count)

        {
            Weights = Array.create count (1.0 / float count)
            Components = family.At(Array.concat points, data.Scale)
        }

    let private randomResponsibilities (data: FitData) (family: IComponentFamily) count (key: RandomKey) =
        let step =
            fromLanes data family count (fun worker number ->
                let stream = (key.Child number).Stream()
                let capacity = worker.Tile.Capacity
                let lanes = worker.Lanes.Span

                for i in 0 .. worker.Tile.Count - 1 do
                    // exponentials over their sum are uniform on the simplex
                    let mutable sum = 0.0

                    for k in 0 .. count - 1 do
                        let e = stream.NextExponential()
                        lanes[k * capacity + i] <- e
                        sum <- sum + e

                    for k in 0 .. count - 1 do
                        lanes[k * capacity + i] <- lanes[k * capacity + i] / sum)

        {
            Weights = shares step.Counts
            Components = family.Estimate(step.Statistics, ValueNone, data.Scale, data.Floor)
        }

    /// The statistics of given responsibilities, N x K.
    let givenStatistics (data: FitData) (family: IComponentFamily) count (given: float[,]) : EStep =
        match Responsibilities.fault data.Pass.Data.Count count given with
        | ValueSome reason -> fail reason
        | ValueNone -> ()

        fromLanes data family count (fun worker _ ->
            let capacity = worker.Tile.Capacity
            let lanes = worker.Lanes.Span

            for k in 0 .. count - 1 do
                for i in 0 .. worker.Tile.Count - 1 do
                    lanes[k * capacity + i] <- given[worker.Row i, k])

    let private givenResponsibilities (data: FitData) (family: IComponentFamily) count (given: float[,]) =
        let step = givenStatistics data family count given

        {
            Weights = shares step.Counts
            Components = family.Estimate(step.Statistics, ValueNone, data.Scale, data.Floor)
        }

    let private givenMeans (data: FitData) (family: IComponentFamily) count (columns: int[]) (given: float[][]) =
        if given.Length <> count then
            fail $"{given.Length} means were given for {count} components: give one mean a component."

        for k in 0 .. count - 1 do
            if
                given[k].Length <= Array.max columns
                || not (Array.forall Double.IsFinite given[k])
            then
                let text = String.Join(", ", Array.map Wording.number given[k])
                fail $"The given mean of component {k + 1} is ({text}): expected a finite number for each column."

        let centres =
            given |> Array.collect (fun mean -> columns |> Array.map (fun i -> mean[i]))

        let scale = scales data

        let step =
            data.Pass.Statistics(
                kernel data (family.At(centres, data.Scale)),
                count,
                fun worker _ ->
                    distances data scale centres count worker
                    assign count worker
            )

        // a mean with no row of its own starts with the weight of one
        let counts =
            step.Counts
            |> Array.map (max (data.Scale.TotalWeight / data.Scale.EffectiveRows))

        {
            Weights = shares counts
            Components = family.Start(step.Statistics, true, data.Scale, data.Floor)
        }

    /// The point of a start that treats every component alike.
    let private createAlike
        (data: FitData)
        (spec: MixtureSpec)
        (columns: int[])
        dimension
        attempts
        (start: Start)
        (key: RandomKey)
        : Point =
        let family = spec.Family
        let count = spec.Components

        match start with
        | KMeansPlusPlus -> kMeansPlusPlus data family count attempts key
        | RandomRows -> randomRows data family count key
        | RandomResponsibilities -> randomResponsibilities data family count key
        | GivenResponsibilities given -> givenResponsibilities data family count given
        | GivenMeans given -> givenMeans data family count columns given
        | GivenModel model ->
            if model.Family.Name <> family.Name || model.Family.Structure <> family.Structure then
                fail
                    $"The given model is {model.Family.Structure} {model.Family.Name}, but the fit asks for {family.Structure} {family.Name}."

            if model.Count <> count then
                fail $"The given model has {model.Count} components, but the fit asks for {count}."

            // the model's position of each column that the fit works on: by name, or one to one
            let names = data.Pass.Data.ColumnNames

            let positions =
                if model.HasColumnNames && data.Pass.Data.HasColumnNames then
                    Array.init names.Count (fun i ->
                        match Seq.tryFindIndex ((=) names[i]) model.ColumnNames with
                        | Some position -> position
                        | None ->
                            let known = String.Join(", ", model.ColumnNames)

                            fail
                                $"The given model has no column '{names[i]}' (it has {known}): choose the model's columns.")
                elif model.Dimension = dimension then
                    columns
                else
                    fail
                        $"The given model is of dimension {model.Dimension}, but the data are of {dimension}: choose the model's columns."

            match positions |> Array.tryFind (fun i -> not (Array.contains i model.ActiveColumns)) with
            | Some i -> fail $"Column '{model.ColumnNames[i]}' is constant in the given model, but not in the data."
            | None -> ()

            {
                Weights = model.Weights
                Components = family.Project(model.Components.Marginal positions, data.Scale, data.Floor)
            }

    /// The point of a start. Columns are the positions of the columns that vary, among all of the data's dimension.
    let create (data: FitData) (spec: MixtureSpec) columns dimension attempts (start: Start) (key: RandomKey) : Point =
        let noise =
            match spec.Family, start with
            | _, GivenResponsibilities _ -> ValueNone
            | (:? NoiseFamily), GivenModel model when (model.Family :? NoiseFamily) -> ValueNone
            | (:? NoiseFamily as noise), _ -> ValueSome noise
            | _ -> ValueNone

        match noise with
        | ValueNone -> createAlike data spec columns dimension attempts start key
        | ValueSome noise ->
            // the others start as they would alone, the noise with a small share of the rows
            let others = MixtureSpec.Create(noise.Inner, spec.Components - 1)
            let point = createAlike data others columns dimension attempts start key
            let share = NoiseFamily.StartShare

            {
                Weights = Array.append (point.Weights |> Array.map (fun w -> w * (1.0 - share))) [| share |]
                Components = noise.Wrap point.Components
            }
