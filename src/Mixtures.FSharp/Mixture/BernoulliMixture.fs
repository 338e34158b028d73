namespace Mixtures

open System

/// The parameters of a Bernoulli mixture, as plain arrays.
type BernoulliView =
    {
        /// The weights: K numbers.
        Weights: float[]
        /// The probabilities of a one: K arrays of D numbers.
        Probabilities: float[][]
    }

/// Bernoulli mixtures: p(x) = Σ_k π_k Π_d p_kdˣᵈ (1 - p_kd)¹⁻ˣᵈ, for columns of zeros and ones; numbers between count as
/// that share of a one.
[<RequireQualifiedAccess>]
module BernoulliMixture =

    let private family = BernoulliFamily()

    /// Specifies a mixture of so many Bernoulli components.
    let spec (components: int) : MixtureSpec = MixtureSpec.Create(family, components)

    /// A mixture from weights (K numbers that sum to one) and probabilities of a one (K arrays of D numbers in [0, 1];
    /// kept 1e-12 away from both ends).
    let create (weights: float[]) (probabilities: float[][]) : Mixture =
        if weights.Length = 0 || probabilities.Length <> weights.Length then
            invalidArg
                (nameof probabilities)
                $"expected as many arrays of probabilities as weights, received {probabilities.Length} and {weights.Length}"

        let d = probabilities[0].Length

        probabilities
        |> Array.iteri (fun k row ->
            if row.Length <> d || d = 0 then
                invalidArg
                    (nameof probabilities)
                    $"expected {d} probabilities (at least one) for each component, received {row.Length} for component {k + 1}"

            row
            |> Array.iteri (fun i p ->
                if not (p >= 0.0 && p <= 1.0) then
                    invalidArg
                        (nameof probabilities)
                        $"expected probabilities from 0 to 1, received {Wording.number p} for component {k + 1}, column {i + 1}"))

        Mixture.create None weights (family.Create(weights.Length, d, Array.concat probabilities))

    /// The parameters; fails for a mixture of another family.
    let view (mixture: Mixture) : BernoulliView =
        match mixture.Components with
        | :? BernoulliComponents as c ->
            {
                Weights = mixture.Weights
                Probabilities = Array.chunkBySize mixture.Dimension c.Probabilities
            }
        | _ ->
            invalidArg
                (nameof mixture)
                $"expected a Bernoulli mixture, received one of the {mixture.Family.Name} family"
