namespace Mixtures

/// A distribution as a value, with tensors for parameters. Parameters broadcast: they make a batch of distributions, and a
/// value of the event (a number, a vector, a matrix) belongs to each. Everything is differentiable in the parameters, which
/// may be what a gradient is being taken of.
type IDistribution =
    /// The family's name, such as "normal".
    abstract Name: string

    /// The parameters in the order of the family's constructor.
    abstract Parameters: Tensor[]

    /// Where values live; for parameters of several distributions, what holds them all.
    abstract Support: Support

    /// The shape that the parameters broadcast to, without the event's axes.
    abstract BatchShape: int[]

    /// The shape of one value: none for numbers.
    abstract EventShape: int[]

    /// Whether draws are a differentiable function of the parameters: parameter-free noise, transformed.
    abstract IsReparametrised: bool

    /// The log-density in nats of x, whose last axes are the event's and whose other axes broadcast with the batch; summed
    /// over the event. Minus infinity, with zero derivatives, outside the support; never NaN for numbers.
    abstract LogDensity: x: Tensor -> Tensor

    /// One draw for each distribution of the batch: the batch's shape, then the event's.
    abstract Sample: stream: RandomStream -> Tensor

    /// The mean of each distribution: the batch's shape, then the event's. NaN where it does not exist.
    abstract Mean: Tensor

    /// The variance of each number of an event: the batch's shape, then the event's. NaN where it does not exist.
    abstract Variance: Tensor

    /// The entropy in nats, of the batch's shape, where the family has it in closed form.
    abstract Entropy: Tensor voption

    /// The Kullback-Leibler divergence E log(p / q) in nats from this distribution p to another one q, where it is known in
    /// closed form: for two of one family, mostly.
    abstract KullbackLeibler: other: IDistribution -> Tensor voption

/// What a family's constructor fills in.
[<NoEquality; NoComparison>]
type internal DistributionParts =
    {
        Name: string
        Parameters: Tensor[]
        Support: Support
        BatchShape: int[]
        IsReparametrised: bool
        LogDensity: Tensor -> Tensor
        Sample: RandomStream -> Tensor
        Mean: unit -> Tensor
        Variance: unit -> Tensor
        Entropy: (unit -> Tensor) voption
        /// From the other's parameters, when it is of the same family.
        KullbackLeibler: (Tensor[] -> Tensor voption) voption
    }

/// Functions of distributions.
[<RequireQualifiedAccess>]
module Distribution =
    /// The last axes of a value must be the event's.
    let private checkEvent (distribution: IDistribution) (x: Tensor) =
        let event = distribution.EventShape
        let missing = x.Rank - event.Length

        if missing < 0 || not (Shape.equal x.Dims[missing..] event) then
            Shape.refuse
                $"{distribution.Name} log-density"
                $"expected values whose last axes are {Shape.text event}, received shape {Shape.text x.Dims}"

    let internal ofParts (parts: DistributionParts) : IDistribution =
        { new IDistribution with
            member _.Name = parts.Name
            member _.Parameters = Array.copy parts.Parameters
            member _.Support = parts.Support
            member _.BatchShape = Array.copy parts.BatchShape
            member _.EventShape = Support.shape parts.Support
            member _.IsReparametrised = parts.IsReparametrised

            member this.LogDensity x =
                checkEvent this x
                parts.LogDensity x

            member _.Sample stream = parts.Sample stream
            member _.Mean = parts.Mean()
            member _.Variance = parts.Variance()

            member _.Entropy = parts.Entropy |> ValueOption.map (fun f -> f ())

            member _.KullbackLeibler other =
                if
                    other.Name = parts.Name
                    && Shape.equal other.EventShape (Support.shape parts.Support)
                then
                    parts.KullbackLeibler |> ValueOption.bind (fun f -> f other.Parameters)
                else
                    ValueNone
        }

    /// The log-density in nats of x under each distribution of the batch.
    let logDensity (distribution: IDistribution) (x: Tensor) : Tensor = distribution.LogDensity x

    /// One draw for each distribution of the batch.
    let sample (distribution: IDistribution) (stream: RandomStream) : Tensor = distribution.Sample stream

    /// Draws along a new first axis.
    let sampleMany (count: int) (distribution: IDistribution) (stream: RandomStream) : Tensor =
        if count < 1 then
            invalidArg (nameof count) $"expected a count of at least 1, received {count}"

        Tensor.stack 0 (Array.init count (fun _ -> distribution.Sample stream))

    /// The entropy in nats; an error for a family that has none in closed form.
    let entropy (distribution: IDistribution) : Tensor =
        match distribution.Entropy with
        | ValueSome value -> value
        | ValueNone ->
            raise (
                System.NotSupportedException
                    $"The entropy of a {distribution.Name} distribution has no closed form here; average -logDensity over draws instead."
            )

    /// The Kullback-Leibler divergence E log(p / q) in nats, with draws of p; an error for pairs without a closed form.
    let kullbackLeibler (p: IDistribution) (q: IDistribution) : Tensor =
        match p.KullbackLeibler q with
        | ValueSome value -> value
        | ValueNone ->
            raise (
                System.NotSupportedException
                    $"The divergence from a {p.Name} to a {q.Name} distribution has no closed form here; average the difference of their log-densities over draws of the first instead."
            )

    /// Independent copies of a distribution: its batch expanded to a shape that it broadcasts to, each with a draw of its own.
    let expand (batch: int[]) (distribution: IDistribution) : IDistribution =
        let own = distribution.BatchShape

        if not (Shape.equal (Shape.broadcast "expand" own batch) batch) then
            Shape.refuse "expand" $"expected a batch that {Shape.text own} broadcasts to, received {Shape.text batch}"

        if Shape.equal own batch then
            distribution
        else
            let event = distribution.EventShape

            let wide (t: Tensor) =
                Tensor.Expand(t, Array.append batch event)

            let flat (t: Tensor) = Tensor.Expand(t, batch)
            // one draw of the whole for each index of the axes before the distribution's own
            let lead = batch[.. batch.Length - own.Length - 1]

            { new IDistribution with
                member _.Name = distribution.Name
                member _.Parameters = distribution.Parameters
                member _.Support = distribution.Support
                member _.BatchShape = Array.copy batch
                member _.EventShape = Array.copy event
                member _.IsReparametrised = distribution.IsReparametrised
                member _.LogDensity x = distribution.LogDensity x

                member _.Sample stream =
                    if Shape.equal own batch[lead.Length ..] then
                        Tensor.stack 0 (Array.init (Shape.size lead) (fun _ -> distribution.Sample stream))
                        |> Tensor.reshape (Array.append batch event)
                    else
                        // an axis of one is stretched: draw for every place, and keep those of the place's own distribution
                        let draws =
                            Array.init (Shape.size batch) (fun _ -> wide (distribution.Sample stream))

                        let size = Shape.size event

                        let numbers =
                            draws
                            |> Array.mapi (fun i draw -> draw |> Tensor.reshape [| -1; size |] |> Tensor.slice 0 i 1)

                        Tensor.concatenate 0 numbers |> Tensor.reshape (Array.append batch event)

                member _.Mean = wide distribution.Mean
                member _.Variance = wide distribution.Variance
                member _.Entropy = distribution.Entropy |> ValueOption.map flat

                member _.KullbackLeibler other =
                    distribution.KullbackLeibler other |> ValueOption.map flat
            }
