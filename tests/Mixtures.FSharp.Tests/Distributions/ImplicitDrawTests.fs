module Mixtures.Tests.ImplicitDrawTests

open System
open Xunit
open Mixtures

/// Shape a, log x, and ∂ log x / ∂a at fixed P(a, x): central differences of the power series of P with a step of 1e-25 in
/// arithmetic of 130 digits.
let private slopes =
    ReferenceTable.parse
        """
        0.05 -368.9506763290925 7369.0566267558524
        0.05 -46.58876330992611 921.81836637252468
        0.05 -0.6931471805599453 19.499237915797561
        0.05 0.6931471805599453 7.8780608837429078
        0.05 2.995732273553991 1.1258384156541867
        0.3 -61.76285184486742 205.31220318666874
        0.3 -8.03586634167302 26.229419131312213
        0.3 -0.6931471805599453 3.984169686622951
        0.3 0.6931471805599453 1.7820551606234607
        0.3 2.995732273553991 0.31663669346784751
        0.9 -20.51073891097272 23.18547009562516
        0.9 -2.6017437432412547 3.4419927190236628
        0.9 -0.6931471805599453 1.7392511696361055
        0.9 0.6931471805599453 0.86912573404026883
        0.9 2.995732273553991 0.18900641039700009
        1.0 -2.8333848265225545 3.369020635982694
        1.0 -0.976267201303884 1.8155645335864978
        1.0 -0.35334910696915056 1.3881927288724507
        1.0 0.16220166381082737 1.0822333669100463
        1.0 0.9855122009161081 0.69048218067327871
        1.0 1.9079663001599902 0.38819611378702645
        1.0 3.1826158820557877 0.15760085855264441
        1.0 3.805533976390522 0.097988801148429699
        2.5 -2.473089268179052 1.4684656785525638
        2.5 0.4292502526547515 0.53932735891182348
        2.5 1.0938268111776521 0.39071465660494897
        2.5 2.3037377666031262 0.19691649867445099
        2.5 3.831017032550693 0.070556777387086309
        7.0 -2.486714167455161 0.65013278527196716
        7.0 1.2582168237952578 0.20222960607482068
        7.0 1.89790912501599 0.14984084242401249
        7.0 2.424883181719011 0.11404011986594746
        7.0 3.6076619184700665 0.056854503494088389
        15.0 0.48226548930876234 0.16793385676321346
        15.0 2.267742250402358 0.083331432629061966
        15.0 2.685745265639656 0.068166689941405526
        15.0 3.0525650801422595 0.056463584391236665
        15.0 3.942372599417994 0.034140054888113613
        19.5 1.1295748900437705 0.11306949907716007
        19.5 2.590574472681763 0.062162980029603049
        19.5 2.9532715617793848 0.052167119764131777
        19.5 3.276810578584198 0.044201862043906762
        19.5 4.079332981246224 0.028230312903971388
        25.0 1.664094018107674 0.079333211917973254
        25.0 2.887942762415153 0.047296132175868977
        25.0 3.2055127738200597 0.040537348628318239
        25.0 3.492660598703175 0.035006127459765578
        25.0 4.218753575979701 0.023431771751443245
        50.0 2.9053323309177514 0.031830490030552591
        50.0 3.684835008320985 0.022432357561869849
        50.0 3.9053489203618126 0.020133836161663313
        50.0 4.110757980501234 0.018138745786667909
        50.0 4.654057160880159 0.013533306894842783
        99.0 3.91769142929347 0.013928802855114867
        99.0 4.436897166583802 0.01093956594740101
        99.0 4.591750955900719 0.010135085070016092
        99.0 4.739002329247097 0.009407568088499749
        99.0 5.141797578284686 0.0076029982951084174
        101.0 3.945286530588274 0.013606557164122023
        101.0 4.458548996486625 0.010713967205741515
        101.0 4.611818370112704 0.0099337276932785698
        101.0 4.757636389773987 0.0092274257711389088
        101.0 5.156848940244402 0.0074723330370048352
        300.0 5.334429323554205 0.0039889363836640816
        300.0 5.614760987051285 0.0034858391343976659
        300.0 5.702671157732953 0.0033370393683366502
        300.0 5.788078431741795 0.0031965887646181099
        300.0 6.0306138840431895 0.0028197942378938869
        1000.0 6.711397136521716 0.0011015733976121593
        1000.0 6.85960340616872 0.0010244398608224064
        1000.0 6.9074219271289135 0.0010003333962909497
        1000.0 6.954490187587341 0.00097697735893283373
        1000.0 7.091419975719831 0.00091112880806897163
        10000.0 9.14969823622536 0.00010306446799992937
        10000.0 9.195269245480977 0.00010075712840281294
        10000.0 9.210307038457664 0.0001000033333962957
        10000.0 9.225269828830099 9.9257038816870808e-05
        10000.0 9.269715573948165 9.7062234133952894e-05
        """

/// Catches a wrong term in any of the three ways to the derivative, and a seam between them.
[<Fact>]
let ``how quantiles of gamma distributions move with the shape`` () =
    Assert.True(slopes.Length > 60)

    for row in slopes do
        let received = GammaQuantileSlope.ofShape row[0] row[1]

        if not (abs (received - row[2]) <= 2e-13 * row[2]) then
            Assert.Fail $"shape {row[0]}, log x {row[1]}: {received}, expected {row[2]}"

/// Catches derivatives that are not a number, or not positive, anywhere, and jumps where methods change.
[<Fact>]
let ``the derivative is positive and without jumps`` () =
    for a in [ 1e-8; 1e-3; 0.05; 0.7; 3.0; 19.9999; 20.0001; 60.0; 1e3; 1e6; 1e9 ] do
        let sd = 1.0 / sqrt (max a 0.1)

        let values =
            Array.init 2001 (fun i -> GammaQuantileSlope.ofShape a (log a + sd * 0.006 * float (i - 1000)))

        for i in 1 .. values.Length - 1 do
            Assert.True(Double.IsFinite values[i] && values[i] > 0.0, $"shape {a}, step {i}: {values[i]}")
            Assert.True(abs (log values[i] - log values[i - 1]) < 0.1, $"shape {a}, step {i}")

    for a, logX in [ nan, 0.0; -1.0, 0.0; 0.0, 0.0; infinity, 0.0; 1.0, nan ] do
        Assert.True(Double.IsNaN(GammaQuantileSlope.ofShape a logX))

/// The mean of numbers within five standard errors of what is expected.
let private unbiased what (expected: float) (numbers: float[]) =
    let mean = Array.average numbers
    let n = float numbers.Length

    let error =
        sqrt ((numbers |> Array.averageBy (fun v -> (v - mean) * (v - mean))) / n)

    if not (abs (mean - expected) <= 5.0 * error + 1e-12 * abs expected) then
        Assert.Fail $"{what}: {mean}, expected {expected} within 5 x {error}"

let private count = 20000

/// The derivatives of a function of draws in each of the draws' parameters.
let private derivatives
    (key: RandomKey)
    isMirrored
    (draw: Tensor -> RandomStream -> Tensor)
    (f: Tensor -> Tensor)
    (p: float[])
    =
    let all = Tensor.expand [| count; p.Length |] (Tensor.ofArray p)
    let stream = if isMirrored then key.AntitheticStream() else key.Stream()
    let gradient = (Tensor.grad (fun p -> Tensor.sum (f (draw p stream))) all).ToArray()
    fun i -> Array.init count (fun row -> gradient[row * p.Length + i])

let private shapes = [ 0.05; 0.3; 1.0; 4.0; 15.0; 25.0; 300.0; 1e4 ]

let private drawGamma (p: Tensor) stream =
    (Gamma.distribution (Tensor.select 1 0 p) (Tensor.select 1 1 p)).Sample stream

/// Catches biased gradients: the derivatives of E x, E log x and E x² in shape and rate are known.
[<Theory>]
[<InlineData false>]
[<InlineData true>]
let ``gradients of gamma draws are unbiased`` isMirrored =
    let rate = 2.5

    for at in 0 .. shapes.Length - 1 do
        let a = shapes[at]

        let of' f =
            derivatives ((RandomKey.ofSeed 91).Child at) isMirrored drawGamma f [| a; rate |]

        let mean = of' id
        unbiased $"E x by shape {a}" (1.0 / rate) (mean 0)
        unbiased $"E x by rate, shape {a}" (-a / rate / rate) (mean 1)
        let logs = of' Tensor.log

        if a >= 0.3 then
            unbiased $"E log x by shape {a}" (SpecialFunctions.trigamma a) (logs 0)
            unbiased $"E log x by rate, shape {a}" (-1.0 / rate) (logs 1)

        let squares = of' Tensor.square
        unbiased $"E x² by shape {a}" ((2.0 * a + 1.0) / rate / rate) (squares 0)
        unbiased $"E x² by rate, shape {a}" (-2.0 * a * (a + 1.0) / (rate * rate * rate)) (squares 1)

/// Catches small shapes whose draws round to zero: there the logarithm alone has a derivative.
[<Fact>]
let ``gradients of logarithms of draws of the smallest shapes`` () =
    for a in [ 1e-4; 0.01; 0.05 ] do
        let shape = Tensor.expand [| count |] (Tensor.scalar a)
        let stream = (RandomKey.ofSeed 92).Stream()

        let gradient =
            Tensor.grad (fun p -> Tensor.sum (Gamma.tensorSampleLog p stream)) shape

        unbiased $"E log x by shape {a}" (SpecialFunctions.trigamma a) (gradient.ToArray())

/// Catches a reciprocal whose gradient has the wrong sign or scale: E 1/x and E log of inverse gamma draws.
[<Fact>]
let ``gradients of inverse gamma draws are unbiased`` () =
    let draw (p: Tensor) stream =
        (InverseGamma.distribution (Tensor.select 1 0 p) (Tensor.select 1 1 p)).Sample stream

    for a in [ 0.5; 3.0; 40.0; 1e3 ] do
        let of' f =
            derivatives (RandomKey.ofSeed 93) false draw f [| a; 2.0 |]

        let inverse = of' Tensor.reciprocal
        unbiased $"E 1/x by shape {a}" 0.5 (inverse 0)
        unbiased $"E 1/x by scale, shape {a}" (-a / 4.0) (inverse 1)
        let logs = of' Tensor.log
        unbiased $"E log x by shape {a}" -(SpecialFunctions.trigamma a) (logs 0)

/// Catches beta draws that follow only one of their two gamma draws.
[<Fact>]
let ``gradients of beta draws are unbiased`` () =
    let draw (p: Tensor) stream =
        (Beta.distribution (Tensor.select 1 0 p) (Tensor.select 1 1 p)).Sample stream

    for a in shapes do
        for b in [ 0.5; 3.0; 2e3 ] do
            let total = a + b
            let mean = derivatives (RandomKey.ofSeed 94) false draw id [| a; b |]
            unbiased $"E x by a of Beta({a}, {b})" (b / total / total) (mean 0)
            unbiased $"E x by b of Beta({a}, {b})" (-a / total / total) (mean 1)

/// Catches Dirichlet draws whose normalisation is not differentiated: E xₖ = cₖ / Σ c, and E log xₖ.
[<Fact>]
let ``gradients of Dirichlet draws are unbiased`` () =
    let draw p stream =
        (Dirichlet.distribution p).Sample stream

    for c in
        [
            [| 0.3; 0.05; 0.7 |]
            [| 2.0; 2.0; 2.0 |]
            [| 1000.0; 990.0; 30.0 |]
            [| 1e4; 0.5; 3.0 |]
        ] do
        let total = Array.sum c

        for k in 0..2 do
            let mean = derivatives (RandomKey.ofSeed 95) false draw (Tensor.select 1 k) c

            for j in 0..2 do
                let expected = ((if j = k then 1.0 else 0.0) - c[k] / total) / total
                unbiased $"E x{k} by c{j}, total {total}" expected (mean j)

            if c[k] >= 0.3 then
                let logs =
                    derivatives (RandomKey.ofSeed 96) false draw (Tensor.select 1 k >> Tensor.log) c

                for j in 0..2 do
                    let expected =
                        (if j = k then SpecialFunctions.trigamma c[k] else 0.0)
                        - SpecialFunctions.trigamma total

                    unbiased $"E log x{k} by c{j}, total {total}" expected (logs j)

/// Catches second derivatives that would silently be wrong.
[<Fact>]
let ``second derivatives of draws are refused`` () =
    let f (a: Tensor) =
        Tensor.square ((Gamma.distribution a (Tensor.scalar 1.0)).Sample((RandomKey.ofSeed 97).Stream()))

    let error =
        Assert.Throws<NotSupportedException>(fun () -> Tensor.hessian f (Tensor.scalar 3.0) |> ignore)

    Assert.Contains("first derivatives", error.Message)

/// Catches antithetic streams whose draws do not have the distribution, or are not opposite.
[<Fact>]
let ``antithetic partners`` () =
    let key = RandomKey.ofSeed 98

    let pairs draw =
        let a, b = key.Stream(), key.AntitheticStream()
        Array.init count (fun _ -> struct (draw a, draw b))

    for struct (a, b) in pairs (fun (s: RandomStream) -> s.NextNormal()) do
        Assert.Equal(a, -b)

    for struct (a, b) in pairs (fun (s: RandomStream) -> s.NextDouble()) do
        Assert.InRange(a + b, 1.0 - 2e-16, 1.0)

    for a in [ 0.2; 2.0; 500.0 ] do
        let shape = Tensor.expand [| count |] (Tensor.scalar a)

        let logs stream =
            (Gamma.tensorSampleLog shape stream).ToArray()

        let plain, opposite = logs (key.Stream()), logs (key.AntitheticStream())
        let mean, variance = SpecialFunctions.digamma a, SpecialFunctions.trigamma a
        unbiased $"mean of antithetic log draws, shape {a}" mean opposite

        unbiased
            $"variance of antithetic log draws, shape {a}"
            variance
            (opposite |> Array.map (fun l -> (l - mean) * (l - mean)))

        let correlation =
            (Array.map2 (fun l m -> (l - mean) * (m - mean)) plain opposite |> Array.average)
            / variance

        Assert.True(correlation < (if a >= 1.0 then -0.8 else -0.5), $"shape {a}: correlation {correlation}")
