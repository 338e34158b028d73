namespace Mixtures

/// One run of a program: where its sites get their values, and where its log-densities go.
[<AbstractClass>]
type ProgramRun internal () =
    /// The value of a site, of the shape of the prior's draws.
    abstract Latent: name: string * prior: IDistribution -> Tensor

    /// Data with their distribution, whose batch broadcasts with the data's axes before a value's own.
    abstract Observe: name: string * distribution: IDistribution * data: Tensor -> unit

    /// Data of a mixture, the assignments summed out: K weights, and K components in the last axis of the batch.
    abstract ObserveMixture: name: string * weights: Tensor * components: IDistribution * data: Tensor -> unit

    /// A term of the log joint density of its own.
    abstract Factor: name: string * value: Tensor -> unit

/// A Bayesian model as a program: latent sites with priors, and observations that depend on them.
[<Sealed>]
type Program<'T> internal (body: ProgramRun -> 'T) =
    member internal _.Run(run: ProgramRun) = body run

/// The parts of programs, and how they are put together.
[<RequireQualifiedAccess>]
module Program =

    /// An unobserved quantity with its prior, which may depend on sites before it.
    let latent (name: string) (prior: IDistribution) : Program<Tensor> =
        Program(fun run -> run.Latent(name, prior))

    /// Data with their distribution given the sites. Rows are the data's first axis.
    let observe (name: string) (distribution: IDistribution) (data: Tensor) : Program<unit> =
        Program(fun run -> run.Observe(name, distribution, data))

    /// Rows of a mixture: K weights that sum to one, and K components in the last axis of the batch. Which component a row
    /// comes from is summed out exactly, and can be asked for afterwards.
    let observeMixture (name: string) (weights: Tensor) (components: IDistribution) (data: Tensor) : Program<unit> =
        Program(fun run -> run.ObserveMixture(name, weights, components, data))

    /// A term of the log joint density that no distribution gives, in nats.
    let factor (name: string) (value: Tensor) : Program<unit> =
        Program(fun run -> run.Factor(name, value))

    /// A program that gives a value.
    let result (value: 'T) : Program<'T> = Program(fun _ -> value)

    /// A program, and then what is made of its value.
    let bind (next: 'T -> Program<'U>) (program: Program<'T>) : Program<'U> =
        Program(fun run -> (next (program.Run run)).Run run)

    /// A program from a function of its run, which gives sites their values: for languages without computation expressions.
    /// The function asks for the same sites in the same order whenever it is run.
    let ofRun (body: ProgramRun -> 'T) : Program<'T> = Program body

    /// Many programs, one after the other: a site of each index, say.
    let collect (programs: Program<'T> list) : Program<'T list> =
        Program(fun run -> programs |> List.map _.Run(run))

/// Builds programs: let! for sites, do! for observations.
[<Sealed>]
type ProgramBuilder internal () =
    member _.Bind(program: Program<'T>, next: 'T -> Program<'U>) = Program.bind next program
    member _.Return(value: 'T) = Program.result value
    member _.ReturnFrom(program: Program<'T>) = program
    member _.Zero() = Program.result ()
    member _.Delay(body: unit -> Program<'T>) = Program(fun run -> (body ()).Run run)

    member _.Combine(first: Program<unit>, rest: Program<'T>) = Program.bind (fun () -> rest) first

    member _.For(items: seq<'T>, body: 'T -> Program<unit>) : Program<unit> =
        Program(fun run ->
            for item in items do
                (body item).Run run)

/// What programs are written with.
[<AutoOpen>]
module Programs =

    /// A Bayesian model as a program:
    ///
    ///     bayesian {
    ///         let! weights = latent "weights" (Dirichlet.distribution (Tensor.full [| 2 |] 0.5))
    ///         let! locs = latent "locs" (Normal.distribution (Tensor.zeros [| 2 |]) (Tensor.scalar 10.0))
    ///         let! scale = latent "scale" (LogNormal.distribution (Tensor.scalar 0.0) (Tensor.scalar 2.0))
    ///         do! observeMixture "x" weights (Normal.distribution locs scale) data
    ///     }
    let bayesian = ProgramBuilder()

    /// Program.latent.
    let latent name prior = Program.latent name prior

    /// Program.observe.
    let observe name distribution data = Program.observe name distribution data

    /// Program.observeMixture.
    let observeMixture name weights components data =
        Program.observeMixture name weights components data

    /// Program.factor.
    let factor name value = Program.factor name value
