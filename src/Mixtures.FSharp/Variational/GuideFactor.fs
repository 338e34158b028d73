namespace Mixtures

open System

/// How a positive parameter of a guide follows from the free number that an optimiser moves.
[<RequireQualifiedAccess>]
type Positivity =
    /// exp u: a step changes it by a share of itself.
    | Exponential
    /// log(1 + exp u): about u itself for large ones, as where parameters are not transformed.
    | Softplus

/// The family of a factor of a guide, which stands for the posterior of one site.
[<RequireQualifiedAccess>]
type GuideFamily =
    /// Independent normals, for real numbers and vectors.
    | Normal
    /// Independent log-normals, for positive numbers.
    | LogNormal
    /// Independent gamma distributions by shape and rate, for positive numbers.
    | Gamma
    /// Independent inverse gamma distributions by shape and scale, for positive numbers.
    | InverseGamma
    /// Independent beta distributions, for probabilities.
    | Beta
    /// Dirichlet distributions, for probabilities that sum to one.
    | Dirichlet
    /// Independent normals over the site's free real numbers: any support.
    | FreeNormal

/// A factor of a guide: a distribution, with parameters to be fitted, of the values of one site or of the free real numbers
/// of several. Draws must be differentiable in the parameters.
[<NoEquality; NoComparison>]
type GuideFactor =
    internal
        {
            /// What it is called in messages.
            Family: string
            /// The sites that it covers.
            Targets: Site[]
            /// Whether it is a distribution of free real numbers, one vector for all its sites, and not of values.
            IsFree: bool
            /// The parameters, named and constrained.
            Parameters: Site[]
            /// The distribution of parameters; a leading axis of the first one makes as many draws.
            Make: Tensor[] -> IDistribution
            /// Parameters of a narrow distribution around the sites' values.
            Around: Tensor[] -> Tensor[]
            /// The natural-gradient step, where the family has one.
            Natural: (float -> float[][] -> float[][] -> float[][]) voption
        }

    /// The names of the sites.
    member factor.Sites = factor.Targets |> Array.map _.Name

/// Factors of guides.
[<RequireQualifiedAccess>]
module GuideFactor =

    let private positive (positivity: Positivity) name dims : Site =
        { Site.create name dims Support.Positive with
            Bijector =
                match positivity with
                | Positivity.Exponential -> Bijector.exp
                | Positivity.Softplus -> Bijector.softplus
        }

    let private real name dims = Site.create name dims Support.Real

    /// A number for each of a tensor's.
    let private map (f: float -> float) (t: Tensor) =
        t.ToArray() |> Array.map f |> Tensor.ofShape t.Dims

    let private refuse (site: Site) family expected : 'a =
        invalidArg
            "family"
            $"the site {site.Name}: expected {expected} for a {family} factor, received {Support.name site.Support}"

    /// Independent normals over the free real numbers of sites, all in one vector.
    let private freeNormal (positivity: Positivity) (name: string) (targets: Site[]) =
        let count = Site.length targets

        {
            Family = "normal over free numbers"
            Targets = targets
            IsFree = true
            Parameters =
                [|
                    real $"{name}.location" [| count |]
                    positive positivity $"{name}.scale" [| count |]
                |]
            Make = fun p -> DiagonalNormal.distribution p[0] p[1]
            Around = fun values -> [| Site.unconstrain targets values; Tensor.full [| count |] 0.1 |]
            Natural = ValueSome NaturalStep.normal
        }

    /// A normal over the free real numbers of sites with all their correlations, by its lower Cholesky factor.
    let internal fullNormal (targets: Site[]) =
        let count = Site.length targets

        {
            Family = "full-rank normal"
            Targets = targets
            IsFree = true
            Parameters =
                [|
                    real "location" [| count |]
                    Site.create "factor" [| count; count |] (Support.CholeskyFactor count)
                |]
            Make = fun p -> MultivariateNormal.distribution p[0] p[1]
            Around = fun values -> [| Site.unconstrain targets values; 0.1 * Tensor.eye count |]
            Natural = ValueSome NaturalStep.fullNormal
        }

    /// A factor of a family for one site. Raises ArgumentException, with the site named, where the family does not fit the
    /// site's support.
    let ofFamily (positivity: Positivity) (family: GuideFamily) (site: Site) : GuideFactor =
        let dims = site.Dims
        let count = Shape.size dims

        let positive part =
            positive positivity $"{site.Name}.{part}" dims

        let values family parameters make around natural =
            {
                Family = family
                Targets = [| site |]
                IsFree = false
                Parameters = parameters
                Make = make
                Around = fun (values: Tensor[]) -> around values[0]
                Natural = ValueSome natural
            }

        let isPositive () =
            match site.Support with
            | Support.Positive
            | Support.NonNegative -> true
            | _ -> false

        match family with
        | GuideFamily.Normal ->
            let make =
                match site.Support with
                | Support.Real -> fun (p: Tensor[]) -> Normal.distribution p[0] p[1]
                | Support.RealVector _ -> fun p -> DiagonalNormal.distribution p[0] p[1]
                | _ -> refuse site "normal" "real numbers"

            values
                "normal"
                [| real $"{site.Name}.location" dims; positive "scale" |]
                make
                (fun value -> [| value; Tensor.full dims 0.1 |])
                NaturalStep.normal
        | GuideFamily.LogNormal ->
            if not (isPositive ()) then
                refuse site "log-normal" "positive numbers"

            values
                "log-normal"
                [| real $"{site.Name}.location" dims; positive "scale" |]
                (fun p -> LogNormal.distribution p[0] p[1])
                (fun value -> [| map log value; Tensor.full dims 0.1 |])
                NaturalStep.normal
        | GuideFamily.Gamma ->
            if not (isPositive ()) then
                refuse site "gamma" "positive numbers"

            values
                "gamma"
                [| positive "shape"; positive "rate" |]
                (fun p -> Gamma.distribution p[0] p[1])
                (fun value -> [| Tensor.full dims 10.0; map (fun v -> 10.0 / v) value |])
                NaturalStep.gamma
        | GuideFamily.InverseGamma ->
            if not (isPositive ()) then
                refuse site "inverse gamma" "positive numbers"

            values
                "inverse-gamma"
                [| positive "shape"; positive "scale" |]
                (fun p -> InverseGamma.distribution p[0] p[1])
                (fun value -> [| Tensor.full dims 10.0; map (fun v -> 10.0 * v) value |])
                NaturalStep.gamma
        | GuideFamily.Beta ->
            if site.Support <> Support.UnitInterval then
                refuse site "beta" "probabilities"

            values
                "beta"
                [| positive "a"; positive "b" |]
                (fun p -> Beta.distribution p[0] p[1])
                (fun value -> [| map (fun v -> 10.0 * v) value; map (fun v -> 10.0 * (1.0 - v)) value |])
                NaturalStep.beta
        | GuideFamily.Dirichlet ->
            let outcomes =
                match site.Support with
                | Support.Simplex k -> k
                | _ -> refuse site "Dirichlet" "probabilities that sum to one"

            values
                "dirichlet"
                [| positive "concentrations" |]
                (fun p -> Dirichlet.distribution p[0])
                (fun value -> [| map (fun v -> 10.0 * float outcomes * max v 1e-3) value |])
                (NaturalStep.dirichlet outcomes)
        | GuideFamily.FreeNormal -> freeNormal positivity site.Name [| site |]

    /// A factor of one's own for a site: parameters as sites (see Site.create), the distribution of the site's values that
    /// they make, whose draws must be differentiable in them, and parameters to start from around a value. It is fitted by
    /// Adam and its kin, not by natural gradients.
    let create
        (family: string)
        (site: Site)
        (parameters: Site[])
        (make: Tensor[] -> IDistribution)
        (around: Tensor -> Tensor[])
        : GuideFactor =
        if parameters.Length = 0 then
            invalidArg (nameof parameters) $"the site {site.Name}: expected at least one parameter, received none"

        {
            Family = family
            Targets = [| site |]
            IsFree = false
            Parameters = parameters
            Make = make
            Around = fun values -> around values[0]
            Natural = ValueNone
        }

    /// The family that suits a site's support: normals, gamma, beta and Dirichlet distributions, normals over free numbers
    /// for all others.
    let suited (site: Site) : GuideFamily =
        match site.Support with
        | Support.Real
        | Support.RealVector _ -> GuideFamily.Normal
        | Support.Positive
        | Support.NonNegative -> GuideFamily.Gamma
        | Support.UnitInterval -> GuideFamily.Beta
        | Support.Simplex _ -> GuideFamily.Dirichlet
        | Support.Interval _
        | Support.Angle
        | Support.Boolean
        | Support.NonNegativeInteger
        | Support.IntegerRange _
        | Support.Ordered _
        | Support.PositiveOrdered _
        | Support.CholeskyFactor _
        | Support.PositiveDefinite _
        | Support.Product _ -> GuideFamily.FreeNormal
