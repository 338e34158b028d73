module Mixtures.Tests.IncompleteFunctionsTests

open System
open Xunit
open Mixtures

// Every table of values was computed by mpmath 1.2.1 with 50 to 750 digits, at the arguments as doubles: arguments first,
// the value last.

let private two name f =
    ReferenceTable.check 1e-14 name (fun a -> f a[0] a[1])

let private three name f =
    ReferenceTable.check 1e-13 name (fun a -> f a[0] a[1] a[2])

/// Catches either function computed as one minus the other where it is small, and seams between methods.
[<Fact>]
let ``incomplete gamma functions`` () =
    two
        "P"
        IncompleteGamma.lower
        """
            1e-300 1e-05 1.0
            0.001 1e-300 0.5014761980108866
            0.01 0.2 0.9877844094567542
            0.5 1.4 0.9057356931587897
            0.5 30.0 0.9999999999999906
            1.0 1.0 0.6321205588285577
            3.0 0.01 1.654216528074877e-07
            3.0 20.0 0.9999995444850495
            50.0 40.0 0.07033506665939496
            99.0 120.0 0.9778065057793995
            101.0 90.0 0.13490016376128836
            101.0 140.0 0.9997695087834714
            500.0 340.0 3.035430553711171e-16
            500.0 660.0 0.9999999999656884
            10000.0 10100.0 0.8413487504471796
            100000.0 99000.0 0.0007574199211747679
        """

    two
        "Q"
        IncompleteGamma.upper
        """
            1e-300 1e-05 1.0935719800043695e-299
            0.001 1e-300 0.4985238019891134
            0.01 0.2 0.01221559054324581
            0.5 1.4 0.09426430684121032
            0.5 30.0 9.485737571073848e-15
            1.0 1.0 0.36787944117144233
            3.0 0.01 0.9999998345783472
            3.0 20.0 4.555149505589213e-07
            50.0 40.0 0.9296649333406051
            99.0 120.0 0.02219349422060041
            101.0 90.0 0.8650998362387117
            101.0 140.0 0.00023049121652865654
            500.0 340.0 0.9999999999999997
            500.0 660.0 3.43115920391449e-11
            10000.0 10100.0 0.15865124955282037
            100000.0 99000.0 0.9992425800788253
        """


/// Catches an expansion that is wrong, or a series that never ends, for huge shapes.
[<Fact>]
let ``incomplete gamma functions of huge shapes`` () =
    ReferenceTable.check
        1e-12
        "Q"
        (fun a -> IncompleteGamma.upper a[0] a[1])
        """
            100000000.0 100020000.0 0.022755530774855204
            1000000000000.0 1000001000000.0 0.15865525393141672
        """

    ReferenceTable.check
        1e-12
        "P"
        (fun a -> IncompleteGamma.lower a[0] a[1])
        """
            100000000.0 99970000.0 0.0013487164491615506
            1000000000000000.0 999999950000000.0 0.056923147196105035
        """


/// Catches either tail computed as one minus the other where it is small, and seams between methods.
[<Fact>]
let ``incomplete beta function and its complement`` () =
    three
        "I"
        IncompleteBeta.lower
        """
            0.5 0.5 0.25 0.3333333333333333
            2.0 3.0 0.7 0.9163
            0.001 5.0 1e-200 0.6322727593569129
            0.001 5.0 0.1 0.9994092193102943
            1e-08 1e-08 0.3 0.4999999957635108
            0.3 1000000.0 1e-07 0.5459128041146928
            0.3 1000000.0 1e-05 0.9999971552961323
            1000000.0 0.3 0.999999 0.08432582530951871
            20.0 50.0 0.01 7.236759682866611e-24
            20.0 50.0 0.6 0.9999999528071999
            150.0 200.0 0.43 0.5235629947063365
            150.0 200.0 0.3 1.956133101463379e-07
            10000.0 10000.0 0.503 0.801927218859507
            100000.0 200.0 0.998 0.4793471396477375
            10000000.0 5.0 0.9999995 0.4404928903357939
        """

    three
        "1 - I"
        IncompleteBeta.upper
        """
            0.5 0.5 0.25 0.6666666666666666
            2.0 3.0 0.7 0.08370000000000004
            0.001 5.0 1e-200 0.36772724064308715
            0.001 5.0 0.1 0.0005907806897057369
            1e-08 1e-08 0.3 0.5000000042364893
            0.3 1000000.0 1e-07 0.45408719588530716
            0.3 1000000.0 1e-05 2.8447038676536657e-06
            1000000.0 0.3 0.999999 0.9156741746904813
            20.0 50.0 0.01 1.0
            20.0 50.0 0.6 4.7192800141389115e-08
            150.0 200.0 0.43 0.47643700529366356
            150.0 200.0 0.3 0.9999998043866899
            10000.0 10000.0 0.503 0.19807278114049298
            100000.0 200.0 0.998 0.5206528603522625
            10000000.0 5.0 0.9999995 0.559507109664206
        """


let private near tolerance (expected: float) (received: float) what =
    if not (abs (expected - received) <= tolerance * abs expected) then
        Assert.Fail $"{what}: expected {expected:R}, received {received:R}"

/// A positive number, its logarithm uniform.
let private wide low high (stream: RandomStream) =
    Math.Pow(10.0, low + (high - low) * stream.NextDouble())

/// Catches an inverse that misses: P(P⁻¹(p)) = p to the rounding of x, which moves P by x times the density,
/// and of exponents, in proportion to log p.
[<Fact>]
let ``inverses of the incomplete functions undo them`` () =
    let stream = (RandomKey.ofSeed 11).Stream()

    for _ in 1..3000 do
        let p =
            if stream.NextDouble() < 0.5 then
                stream.NextDouble()
            else
                wide -250.0 -1.0 stream

        let a, b = wide -2.5 7.0 stream, wide -2.5 7.0 stream
        let rounding = 1e-13 + 2e-15 * abs (log p)
        let x = IncompleteGamma.inverseLower a p

        if x > 1e-300 then
            let slack = rounding + 4e-16 * exp (Deviance.logPoisson a x + log a - log p)
            near slack p (IncompleteGamma.lower a x) $"P({a}, {x})"

        let y = IncompleteGamma.inverseUpper a p

        if y > 1e-300 then
            let slack = rounding + 4e-16 * exp (Deviance.logPoisson a y + log a - log p)
            near slack p (IncompleteGamma.upper a y) $"Q({a}, {y})"

        let z = IncompleteBeta.inverse a b p

        if z > 1e-300 && z < 0.5 then
            let slack = rounding + 4e-16 * exp (Deviance.logBetaPower a b z (1.0 - z) - log p)
            near slack p (IncompleteBeta.lower a b z) $"I({z}; {a}, {b})"

        let q = ErrorFunction.normalQuantile p
        near (1e-14 + 4e-16 * q * q) p (ErrorFunction.normalCdf q) $"Φ({q})"
