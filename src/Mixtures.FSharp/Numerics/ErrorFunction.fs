namespace Mixtures

open System

/// The error function with its relatives, and the distribution function of the standard normal. Relative errors are a few
/// 1e-15, in the far tails too (1e-14 where a result is below 1e-100).
[<RequireQualifiedAccess>]
module ErrorFunction =
    [<Literal>]
    let private RootPi = 1.7724538509055160273

    [<Literal>]
    let private RootTwo = 1.4142135623730950488

    [<Literal>]
    let private HalfLogTwoPi = 0.91893853320467274178

    // erfcx for ½ ≤ x ≤ 2, for 2 ≤ x ≤ 6, and √π x erfcx as a function of 1/x² for x ≥ 6: rational interpolants at Chebyshev
    // points, computed with 80 digits; errors 2e-22, 1e-17 and 2e-20
    let private middleNumerator =
        [|
            0.99999999999989
            1.5799195232343928
            1.2629965494176012
            0.6217677343635821
            0.20054008833248282
            0.042039150421104565
            0.005302154239338359
            0.0003118763697107496
            1.0356572343230974e-10
        |]

    let private middleDenominator =
        [|
            1.0
            2.708298690327722
            3.3189843698759796
            2.4107946408614147
            1.1391713814893683
            0.3601287411880817
            0.07479074572436954
            0.00939767796913873
            0.0005527938349229329
        |]

    let private largeNumerator =
        [|
            1.0000050430123248
            1.76388090683835
            1.5188927740811065
            0.7940417281831614
            0.26548229070093393
            0.05449995909214136
            0.0057759675393382675
            -4.8012587593771345e-12
        |]

    let private largeDenominator =
        [|
            1.0
            2.8922969456947065
            3.7823673651187817
            2.922258820031274
            1.455707794976346
            0.4756735078188538
            0.09659868240155495
            0.010237635306477285
        |]

    let private farNumerator =
        [|
            1.0
            23.853348351629805
            182.3242439464361
            517.8530411073657
            465.70120159646405
            60.099715164495144
        |]

    let private farDenominator =
        [|
            1.0
            24.353348351629805
            193.7509181222512
            598.3384889046434
            658.657285654665
            173.66985724619582
        |]

    /// erfcx for x ≥ ½.
    let private scaledTail (x: float) =
        if x < 2.0 then
            Series.polynomial middleNumerator x / Series.polynomial middleDenominator x
        elif x < 6.0 then
            Series.polynomial largeNumerator x / Series.polynomial largeDenominator x
        else
            let z = 1.0 / (x * x)

            Series.polynomial farNumerator z
            / Series.polynomial farDenominator z
            / (RootPi * x)

    /// exp(-x² / scale) for scale 1 or 2, with the rounding error of the square taken back.
    let private expOfSquare (x: float) (scale: float) =
        let square = x * x

        if square > 1500.0 then
            0.0
        else
            let lost = Math.FusedMultiplyAdd(x, x, -square)
            exp (-square / scale) * (1.0 - lost / scale)

    /// The error function erf x = 2/√π ∫₀ˣ exp(-t²) dt.
    let erf (x: float) =
        if abs x < 0.5 then MathNet.Numerics.SpecialFunctions.Erf x
        elif x > 0.0 then 1.0 - expOfSquare x 1.0 * scaledTail x
        elif x < 0.0 then expOfSquare x 1.0 * scaledTail -x - 1.0
        else nan

    /// The complementary error function erfc x = 1 - erf x.
    let erfc (x: float) =
        if x >= 0.5 then
            expOfSquare x 1.0 * scaledTail x
        elif x > -0.5 then
            1.0 - MathNet.Numerics.SpecialFunctions.Erf x
        elif x < 0.0 then
            2.0 - expOfSquare x 1.0 * scaledTail -x
        else
            nan

    /// The scaled complementary error function erfcx x = exp(x²) erfc x: about 1 / (√π x) for large x, plus infinity below
    /// -26.7.
    let erfcx (x: float) =
        if x >= 0.5 then scaledTail x else exp (x * x) * erfc x

    /// The inverse of erf, from [-1, 1] to the reals with both infinities.
    let erfInv (p: float) =
        MathNet.Numerics.SpecialFunctions.ErfInv p

    /// The inverse of erfc, from [0, 2] to the reals with both infinities.
    let erfcInv (q: float) =
        if q = 0.0 then
            Double.PositiveInfinity
        elif q = 2.0 then
            Double.NegativeInfinity
        elif q > 0.0 && q < 2.0 then
            MathNet.Numerics.SpecialFunctions.ErfcInv q
        else
            nan

    /// The probability that a standard normal variable is at most x.
    let normalCdf (x: float) =
        if x < -0.75 then
            0.5 * expOfSquare x 2.0 * scaledTail (-x / RootTwo)
        elif x > 0.75 then
            1.0 - 0.5 * expOfSquare x 2.0 * scaledTail (x / RootTwo)
        else
            0.5 * erfc (-x / RootTwo)

    /// The logarithm of normalCdf, finite to x = -1e154.
    let logNormalCdf (x: float) =
        if x < -0.75 then
            log (0.5 * scaledTail (-x / RootTwo)) - 0.5 * x * x
        elif x > 0.75 then
            SpecialFunctions.log1p (-0.5 * expOfSquare x 2.0 * scaledTail (x / RootTwo))
        else
            log (0.5 * erfc (-x / RootTwo))

    /// The log-density of the standard normal.
    let logNormalDensity (x: float) = -0.5 * x * x - HalfLogTwoPi

    /// The x at which normalCdf is p; minus infinity at 0, plus infinity at 1, NaN outside [0, 1].
    let normalQuantile (p: float) =
        if p < 0.25 then -RootTwo * erfcInv (2.0 * p)
        elif p <= 1.0 then RootTwo * erfInv (2.0 * p - 1.0)
        else nan
