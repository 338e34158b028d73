namespace Mixtures

/// Noise beside the components of a mixture: one more component, the last, of constant density over a box, for rows that
/// belong to none of the others (Banfield & Raftery 1993; Fraley & Raftery 2002). MixtureSpec.withNoise asks for it.
[<RequireQualifiedAccess>]
module Noise =

    /// Whether the last component of a mixture is noise.
    let isIn (mixture: Mixture) : bool =
        NoiseComponents.IsNoise(mixture.Components, mixture.Count - 1)

    /// A mixture with noise of the given weight (from 0 to below 1) beside its components, over the box from lower to upper
    /// (D numbers each); the components share the rest as before. Columns of whole numbers have one share for each number.
    let create (weight: float) (lower: float[]) (upper: float[]) (mixture: Mixture) : Mixture =
        if not (weight >= 0.0 && weight < 1.0) then
            invalidArg (nameof weight) $"expected a weight from 0 to below 1, received {Wording.number weight}"

        for name, values in [ nameof lower, lower; nameof upper, upper ] do
            if values.Length <> mixture.Dimension then
                invalidArg name $"expected {mixture.Dimension} numbers, one a column, received {values.Length}"

            for value in values do
                Parameter.finite name value

        for c in 0 .. lower.Length - 1 do
            if upper[c] < lower[c] then
                invalidArg
                    (nameof upper)
                    $"expected numbers that are not below lower, received {Wording.number upper[c]} for column {c + 1}, below {Wording.number lower[c]}"

        if isIn mixture then
            invalidArg (nameof mixture) "expected a mixture without noise, received one that has it"

        let components =
            NoiseFamily.WrapIn(
                mixture.Components,
                {
                    Lower = Array.copy lower
                    Upper = Array.copy upper
                    Whole = Array.init mixture.Dimension (NoiseBox.isWhole mixture.Family)
                }
            )

        let weights =
            Array.append (mixture.Weights |> Array.map (fun w -> w * (1.0 - weight))) [| weight |]

        Mixture(weights, components, mixture.NamesOption)

    let private refuse () : 'T =
        invalidArg "mixture" "expected a mixture with noise, received one without"

    /// The box of a mixture's noise: the least and the greatest value of each column.
    let box (mixture: Mixture) : struct (float[] * float[]) =
        match mixture.Components with
        | :? NoiseComponents as c -> struct (Array.copy c.Box.Lower, Array.copy c.Box.Upper)
        | _ -> refuse ()

    /// The mixture of the components beside the noise, their weights scaled to sum to one: what Gaussian.view and other
    /// views of a family take.
    let others (mixture: Mixture) : Mixture =
        match mixture.Components with
        | :? NoiseComponents as c ->
            let weights = Array.sub mixture.WeightArray 0 c.Inner.Count
            let total = Array.sum weights

            let shares =
                if total > 0.0 then
                    weights |> Array.map (fun w -> w / total)
                else
                    Array.create weights.Length (1.0 / float weights.Length)

            Mixture(shares, c.Inner, mixture.NamesOption)
        | _ -> refuse ()
