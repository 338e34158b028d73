module Mixtures.Tests.SpecialFunctionsTests

open System
open Xunit
open Mixtures

// Every table of values was computed by mpmath 1.2.1 with 50 to 750 digits, at the arguments as doubles: arguments first,
// the value last.

let private one name f =
    ReferenceTable.check 1e-14 name (fun a -> f a[0])

let private two name f =
    ReferenceTable.check 1e-14 name (fun a -> f a[0] a[1])

/// Catches a naive log(1 + x) or exp x - 1, which .NET has.
[<Fact>]
let ``log1p and expm1 keep small arguments`` () =
    one
        "log1p"
        SpecialFunctions.log1p
        """
            1e-300 1e-300
            -1e-17 -1e-17
            1e-08 9.999999950000001e-09
            -0.001 -0.0010005003335835335
            0.3 0.26236426446749106
            -0.999999 -13.815510557935518
            1.0 0.6931471805599453
            10000000000.0 23.025850930040455
            1e+300 690.7755278982137
        """

    one
        "expm1"
        SpecialFunctions.expm1
        """
            1e-300 1e-300
            -1e-17 -1e-17
            1e-08 1.0000000050000001e-08
            -0.001 -0.0009995001666250085
            0.3 0.3498588075760031
            -0.7 -0.5034146962085905
            1.5 3.481689070338065
            -40.0 -1.0
            700.0 1.0142320547350045e+304
        """


/// Catches a loss near the zeros at 1 and 2, at the seams of the pieces, or at the extremes.
[<Fact>]
let ``log-gamma`` () =
    one
        "logGamma"
        SpecialFunctions.logGamma
        """
            1e-300 690.7755278982137
            1e-20 46.051701859880914
            1e-05 11.512919692895826
            0.25 1.2880225246980774
            0.5 0.5723649429247001
            0.9999999999 5.7721571274281786e-11
            1.0000000001 -5.772157125783244e-11
            1.46 -0.12148500100400743
            1.9999999999 -4.2278437004755317e-11
            2.0000000001 4.2278437011204657e-11
            2.7 0.4348205536551047
            5.5 3.9578139676187165
            9.999 12.799575780077413
            10.001 12.804079285251861
            171.5 709.1431630309282
            1000000.0 12815504.569147611
            1000000000000000.0 3.3538776394910668e+16
            1e+100 2.2925850929940456e+102
            1e+300 6.897755278982137e+302
            -0.25 1.589575312551186
            -1.5 0.860047015376481
            -10.3 -14.457515440024208
            -100.00001 -352.22649619236523
            -1e-200 460.51701859880916
        """


/// Catches a loss near the zero of digamma, a wrong recurrence or a wrong reflection.
[<Fact>]
let ``digamma, trigamma and polygamma`` () =
    ReferenceTable.check
        1e-13
        "digamma"
        (fun a -> SpecialFunctions.digamma a[0])
        """
            1e-300 -9.999999999999999e+299
            1e-10 -10000000000.577215
            0.1 -10.423754940411076
            0.9999999 -0.5772158293949515
            1.0 -0.5772156649015329
            1.4616321449683 -6.02550050576728e-14
            1.46163214496837 7.427911395089404e-15
            1.7 0.2085478748734939
            3.2 0.9988388912865996
            9.99 2.250700372831201
            10.01 2.2528037003181356
            100000.0 11.512920464961896
            1e+16 36.841361487904734
            1e+300 690.7755278982137
            -0.3 2.113309779635399
            -5.75 -1.3079492390435958
            -33.3 5.802997937052514
        """

    one
        "trigamma"
        SpecialFunctions.trigamma
        """
            1e-150 1e+300
            1e-10 1e+20
            0.1 101.43329915079275
            1.0 1.6449340668482264
            3.2 0.3663211907314008
            9.99 0.10527695014824179
            10.01 0.10505595320551508
            100000.0 1.0000050000166667e-05
            1e+16 1.0000000000000001e-16
            1e+300 1e-300
            -0.3 13.945160267805722
            -5.75 19.579547136931335
        """

    two
        "polygamma"
        (fun n x -> SpecialFunctions.polygamma (int n) x)
        """
            1.0 2.5 0.49035775610023485
            2.0 1e-50 -2e+150
            2.0 0.3 -75.27253658872604
            2.0 100000000.0 -1.00000001e-16
            3.0 7.7 0.00530753436804149
            4.0 100.0 -6.120999930011997e-08
            5.0 0.5 7691.113548602436
            12.0 3.3 -90.02205050685372
            50.0 20.0 -0.01474515749090625
            100.0 150.0 -3.145878021441987e-62
            2.0 -0.7 -69.44163279863854
            3.0 -4.2 3768.5970431829874
            4.0 -12.9 -2399973.834942302
        """


/// Catches differences of log-gammas that cancel.
[<Fact>]
let ``log-beta, binomial coefficients and the multivariate gamma function`` () =
    two
        "logBeta"
        SpecialFunctions.logBeta
        """
            1e-300 1e-300 691.4686750787737
            1e-300 1e+300 690.7755278982137
            1e-10 5.0 23.025850929732123
            0.5 0.5 1.1447298858494002
            0.3 100000000.0 -4.430406227317634
            2.5 7.5 -4.982780372849818
            9.5 9.9 -13.300381309385878
            9.5 100000.0 -97.68386223430794
            1e-05 1000000000000000.0 11.512574305131876
            30.0 40.0 -48.30174909591612
            1000000.0 1000000.0 -1386300.003362921
            100000000.0 20.0 -329.0737325918477
            1000000000000000.0 1000000000000000.0 -1386294361119906.5
            1e+200 1e+290 -2.082326583694641e+202
        """

    two
        "logBinomial"
        SpecialFunctions.logBinomial
        """
            5.0 2.0 2.302585092994046
            100.0 50.0 66.78384165201743
            1000.0 3.0 18.9285038647141
            1000000.0 500000.0 693140.0470130637
            1000000000000000.0 7.0 233.24627340330937
            1000000000000000.0 400000000000000.0 673011667009239.0
            1000000000.0 999999998.0 40.75338449233288
        """

    two
        "logMultivariateGamma"
        (fun p x -> SpecialFunctions.logMultivariateGamma (int p) x)
        """
            1.0 0.3 1.0957979948180756
            2.0 0.5000001 17.262825283261538
            3.0 5.5 11.306699197583205
            10.0 4.6 35.26068707720554
            20.0 1000000.0 256308887.65914464
        """


/// Catches seams between the rational pieces and tails that lose digits or round to zero.
[<Fact>]
let ``error functions`` () =
    one
        "erf"
        ErrorFunction.erf
        """
            1e-300 1.1283791670955126e-300
            -1e-10 -1.1283791670955126e-10
            0.3 0.3286267594591274
            0.4999 0.5204119951613866
            0.5001 0.5205877516768808
            -1.2 -0.9103139782296353
            3.0 0.9999779095030014
            -5.5 -0.9999999999999927
        """

    one
        "erfc"
        ErrorFunction.erfc
        """
            1e-10 0.999999999887162
            0.3 0.6713732405408726
            0.5001 0.4794122483231193
            -0.7 1.6778011938374184
            1.9 0.0072095707647425325
            2.1 0.002979466656332984
            5.9 7.190409783550478e-17
            6.1 6.3146021501937184e-18
            15.0 7.212994172451207e-100
            26.0 5.663192408856143e-296
            26.5 2.2109076642637343e-307
        """

    one
        "erfcx"
        ErrorFunction.erfcx
        """
            -20.0 1.0442939379528289e+174
            -3.0 16205.988853999586
            0.1 0.8964569799691267
            1.0 0.427583576155807
            1.999 0.2555025145905779
            2.001 0.2552889216359497
            5.999 0.09279163056885678
            6.001 0.09276150986111377
            30.0 0.01879588886141675
            100000.0 5.6418958351954685e-06
            1e+20 5.6418958354775626e-21
            1e+300 5.641895835477562e-301
        """

    one
        "erfcInv"
        ErrorFunction.erfcInv
        """
            1e-300 26.209469960516124
            1e-10 4.572824967389486
            0.1 1.163087153676674
            0.9 0.08885599049425767
            1.3 -0.2724627147267544
            1.99 -1.8213863677184494
        """


/// Catches a normal tail that is lost in one minus something.
[<Fact>]
let ``normal distribution function, its logarithm and inverse`` () =
    one
        "normalCdf"
        ErrorFunction.normalCdf
        """
            -37.0 5.725571222524577e-300
            -20.0 2.7536241186062337e-89
            -5.0 2.866515718791939e-07
            -0.8 0.21185539858339666
            -0.7 0.24196365222307303
            -1e-10 0.49999999996010575
            0.7 0.758036347776927
            2.0 0.9772498680518208
            8.0 0.9999999999999993
        """

    one
        "logNormalCdf"
        ErrorFunction.logNormalCdf
        """
            -1e+100 -5e+199
            -100000.0 -5000000012.431864
            -40.0 -804.6084420137538
            -5.0 -15.064998393988725
            -0.8 -1.5518513191877767
            -0.7 -1.4189677615315315
            0.0 -0.6931471805599453
            0.7 -0.2770239422771313
            2.0 -0.02301290932896349
            8.0 -6.220960574271786e-16
            30.0 -4.906713927148187e-198
        """

    one
        "normalQuantile"
        ErrorFunction.normalQuantile
        """
            1e-300 -37.0470962993612
            1e-100 -21.273453560965326
            1e-10 -6.361340902404057
            0.02 -2.053748910631823
            0.24 -0.7063025628400875
            0.26 -0.643345405392917
            0.499 -0.002506630899571766
            0.7 0.5244005127080407
            0.999999 4.753424308817087
        """


/// Catches an overflow for large arguments and a loss for small ones.
[<Fact>]
let ``Bessel functions`` () =
    one
        "logI0"
        Bessel.logI0
        """
            1e-150 2.5e-301
            1e-05 2.4999999999843754e-11
            0.5 0.06154971918548131
            5.0 3.3046817758225333
            19.9 17.49214981862135
            20.1 17.687083876788982
            100.0 96.77973268994258
            10000.0 9994.475903781433
        """

    one
        "ratio"
        Bessel.ratio
        """
            1e-300 5e-301
            1e-05 4.9999999999375e-06
            0.5 0.24249961258080194
            5.0 0.8933831370440852
            19.9 0.9745414658579312
            20.1 0.9747982475982466
            100.0 0.9949873730051688
            1000000.0 0.999999499999875
        """

    one
        "ratioComplement"
        Bessel.ratioComplement
        """
            0.5 0.757500387419198
            19.9 0.0254585341420688
            20.1 0.02520175240175341
            100.0 0.005012626994831235
            1000000.0 5.00000125000125e-07
            1e+100 5e-101
        """


let private near tolerance (expected: float) (received: float) what =
    if not (abs (expected - received) <= tolerance * abs expected) then
        Assert.Fail $"{what}: expected {expected:R}, received {received:R}"

/// A positive number, its logarithm uniform.
let private wide low high (stream: RandomStream) =
    Math.Pow(10.0, low + (high - low) * stream.NextDouble())

/// Catches a Newton iteration that stops early or falls out of the range of A.
[<Fact>]
let ``the inverse of the Bessel ratio undoes it`` () =
    let stream = (RandomKey.ofSeed 12).Stream()

    for _ in 1..1000 do
        let r = wide -12.0 0.0 stream
        near 1e-14 r (Bessel.ratio (Bessel.inverseRatio r)) $"A(A⁻¹({r}))"
        // close to one the complement must be met, too
        let close = 1.0 - r

        if close < 1.0 then
            near 1e-13 (1.0 - close) (Bessel.ratioComplement (Bessel.inverseRatio close)) $"1 - A(A⁻¹({close}))"

    Assert.Equal(0.0, Bessel.inverseRatio 0.0)
    Assert.Equal(infinity, Bessel.inverseRatio 1.0)
    Assert.True(Double.IsNaN(Bessel.inverseRatio 1.5))

/// Catches a broken recurrence at any scale: ψ⁽ⁿ⁾(x) - ψ⁽ⁿ⁾(x + 1) = (-1)ⁿ⁺¹ n! / xⁿ⁺¹, and log Γ(x + 1) = log Γ(x) + log x.
[<Fact>]
let ``recurrences hold across the seams`` () =
    let stream = (RandomKey.ofSeed 13).Stream()

    for _ in 1..2000 do
        let x = wide -3.0 2.0 stream
        let lower, upper = SpecialFunctions.logGamma x, SpecialFunctions.logGamma (x + 1.0)
        Assert.True(abs (upper - lower - log x) <= 1e-14 * (1.0 + abs lower + abs (log x)))
        let order = stream.NextInt32 8

        let a, b =
            SpecialFunctions.polygamma order x, SpecialFunctions.polygamma order (x + 1.0)

        let step =
            (if order % 2 = 1 then 1.0 else -1.0)
            * exp (SpecialFunctions.logFactorial (float order))
            / Math.Pow(x, float order + 1.0)

        Assert.True(abs (a - b - step) <= 1e-13 * (abs a + abs b + abs step))
        near 1e-14 (SpecialFunctions.polygamma 1 x) (SpecialFunctions.trigamma x) "trigamma"

/// Catches exceptions, endless loops and made-up numbers at the ends of the domains.
[<Fact>]
let ``poles, infinities and not-a-number`` () =
    let isNaN (x: float) = Assert.True(Double.IsNaN x)
    Assert.Equal(infinity, SpecialFunctions.logGamma 0.0)
    Assert.Equal(infinity, SpecialFunctions.logGamma -3.0)
    Assert.Equal(infinity, SpecialFunctions.logGamma 1e306)
    Assert.Equal(infinity, SpecialFunctions.logGamma infinity)
    isNaN (SpecialFunctions.logGamma nan)
    Assert.Equal(-infinity, SpecialFunctions.digamma 0.0)
    isNaN (SpecialFunctions.digamma -1.0)
    isNaN (SpecialFunctions.digamma nan)
    Assert.Equal(infinity, SpecialFunctions.digamma infinity)
    Assert.Equal(infinity, SpecialFunctions.trigamma 0.0)
    Assert.Equal(infinity, SpecialFunctions.trigamma -2.0)
    Assert.Equal(0.0, SpecialFunctions.trigamma infinity)
    isNaN (SpecialFunctions.polygamma 2 -2.0)
    isNaN (SpecialFunctions.trigamma nan)
    Assert.Equal(infinity, SpecialFunctions.logBeta 0.0 1.0)
    isNaN (SpecialFunctions.logBeta -1.0 1.0)
    Assert.Equal(-infinity, SpecialFunctions.logBinomial 3.0 4.0)
    Assert.Equal(0.0, SpecialFunctions.logBinomial 3.0 0.0)
    Assert.Equal(-infinity, SpecialFunctions.log1p -1.0)
    isNaN (SpecialFunctions.log1p -2.0)
    Assert.Equal(infinity, SpecialFunctions.log1p infinity)
    Assert.Equal(-1.0, SpecialFunctions.expm1 -infinity)
    Assert.Equal(-infinity, SpecialFunctions.log1mExp 0.0)
    Assert.Equal(1e300, SpecialFunctions.softplus 1e300)
    Assert.Equal(0.0, SpecialFunctions.softplus -infinity)
    Assert.Equal(1.0, ErrorFunction.erf infinity)
    Assert.Equal(0.0, ErrorFunction.erfc infinity)
    Assert.Equal(2.0, ErrorFunction.erfc -infinity)
    Assert.Equal(0.0, ErrorFunction.erfcx infinity)
    isNaN (ErrorFunction.erfc nan)
    Assert.Equal(-infinity, ErrorFunction.normalQuantile 0.0)
    Assert.Equal(infinity, ErrorFunction.normalQuantile 1.0)
    isNaN (ErrorFunction.normalQuantile 1.1)
    Assert.Equal(0.0, IncompleteGamma.lower 2.0 0.0)
    Assert.Equal(1.0, IncompleteGamma.lower 2.0 infinity)
    isNaN (IncompleteGamma.lower -1.0 1.0)
    isNaN (IncompleteGamma.lower 1.0 nan)
    Assert.Equal(0.0, IncompleteGamma.inverseLower 2.0 0.0)
    Assert.Equal(infinity, IncompleteGamma.inverseLower 2.0 1.0)
    Assert.Equal(1.0, IncompleteBeta.lower 2.0 3.0 1.0)
    isNaN (IncompleteBeta.lower 2.0 3.0 1.5)
    isNaN (IncompleteBeta.lower 0.0 3.0 0.5)
    Assert.Equal(0.0, Bessel.logI0 0.0)
    Assert.Equal(0.0, Bessel.ratio 0.0)
    Assert.Equal(1.0, Bessel.ratio infinity)

    let error =
        Assert.Throws<ArgumentException>(fun () -> SpecialFunctions.polygamma -1 2.0 |> ignore)

    Assert.Contains("expected an order of at least 0, received -1", error.Message)
