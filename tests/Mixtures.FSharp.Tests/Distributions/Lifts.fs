namespace Mixtures.Tests

open System
open Mixtures

/// A family of numbers with its tensor form, and random parameters for it.
type Lift =
    {
        Plain: Univariate
        Distribution: Tensor[] -> IDistribution
        /// Parameters neither tiny nor huge.
        Draw: RandomStream -> float[]
        /// The family's other entropy, where it has one.
        Entropy: (float[] -> float) voption
        IsDiscrete: bool
    }

module Lifts =
    let private positive (stream: RandomStream) = exp (0.7 * stream.NextNormal())
    let private probability (stream: RandomStream) = 0.05 + 0.9 * stream.NextDouble()

    let private lift plain distribution draw entropy =
        {
            Plain = plain
            Distribution = distribution
            Draw = draw
            Entropy = entropy
            IsDiscrete = false
        }

    let continuous =
        [
            lift
                Univariate.normal
                (fun p -> Normal.distribution p[0] p[1])
                (fun s -> [| s.NextNormal(); positive s |])
                (ValueSome(fun p -> Normal.entropy p[0] p[1]))
            lift
                Univariate.halfNormal
                (fun p -> HalfNormal.distribution p[0])
                (fun s -> [| positive s |])
                (ValueSome(fun p -> HalfNormal.entropy p[0]))
            lift
                Univariate.logNormal
                (fun p -> LogNormal.distribution p[0] p[1])
                (fun s -> [| s.NextNormal(); 0.6 * positive s |])
                (ValueSome(fun p -> LogNormal.entropy p[0] p[1]))
            lift
                Univariate.gamma
                (fun p -> Gamma.distribution p[0] p[1])
                (fun s -> [| 0.5 + 2.0 * positive s; positive s |])
                (ValueSome(fun p -> Gamma.entropy p[0] p[1]))
            lift
                Univariate.inverseGamma
                (fun p -> InverseGamma.distribution p[0] p[1])
                (fun s -> [| 2.5 + 2.0 * positive s; positive s |])
                (ValueSome(fun p -> InverseGamma.entropy p[0] p[1]))
            lift
                Univariate.exponential
                (fun p -> Exponential.distribution p[0])
                (fun s -> [| positive s |])
                (ValueSome(fun p -> Exponential.entropy p[0]))
            lift
                Univariate.weibull
                (fun p -> Weibull.distribution p[0] p[1])
                (fun s -> [| 0.5 + positive s; positive s |])
                (ValueSome(fun p -> Weibull.entropy p[0] p[1]))
            lift
                Univariate.halfCauchy
                (fun p -> HalfCauchy.distribution p[0])
                (fun s -> [| positive s |])
                (ValueSome(fun p -> HalfCauchy.entropy p[0]))
            lift
                Univariate.studentT
                (fun p -> StudentT.distribution p[0] p[1] p[2])
                (fun s -> [| 2.5 + 5.0 * positive s; s.NextNormal(); positive s |])
                (ValueSome(fun p -> StudentT.entropy p[0] p[1] p[2]))
            lift
                Univariate.beta
                (fun p -> Beta.distribution p[0] p[1])
                (fun s -> [| 0.3 + 2.0 * positive s; 0.3 + 2.0 * positive s |])
                (ValueSome(fun p -> Beta.entropy p[0] p[1]))
            lift
                Univariate.uniform
                (fun p -> Uniform.distribution p[0] p[1])
                (fun s ->
                    let low = s.NextNormal()
                    [| low; low + positive s |])
                (ValueSome(fun p -> Uniform.entropy p[0] p[1]))
        ]

    let vonMises =
        lift
            Univariate.vonMises
            (fun p -> VonMises.distribution p[0] p[1])
            (fun s -> [| s.NextNormal(); 3.0 * positive s |])
            (ValueSome(fun p -> VonMises.entropy p[0] p[1]))

    let discrete =
        [
            lift
                Univariate.bernoulli
                (fun p -> Bernoulli.distribution p[0])
                (fun s -> [| probability s |])
                (ValueSome(fun p -> Bernoulli.entropy p[0]))
            lift
                Univariate.binomial
                (fun p -> Binomial.distribution p[0] p[1])
                (fun s -> [| float (s.NextInt32 30); probability s |])
                ValueNone
            lift
                Univariate.geometric
                (fun p -> Geometric.distribution p[0])
                (fun s -> [| probability s |])
                (ValueSome(fun p -> Geometric.entropy p[0]))
            lift
                Univariate.negativeBinomial
                (fun p -> NegativeBinomial.distribution p[0] p[1])
                (fun s -> [| 3.0 * positive s; probability s |])
                ValueNone
            lift Univariate.poisson (fun p -> Poisson.distribution p[0]) (fun s -> [| 5.0 * positive s |]) ValueNone
        ]
        |> List.map (fun l -> { l with IsDiscrete = true })

    let all = continuous @ [ vonMises ] @ discrete

    /// Parameters given as one array a distribution, as one tensor a parameter.
    let columns (parameters: float[][]) =
        Array.init parameters[0].Length (fun i -> parameters |> Array.map (fun p -> p[i]) |> Tensor.ofArray)

    let scalars (parameters: float[]) = parameters |> Array.map Tensor.scalar
