module Mixtures.Tests.MultivariateTests

open System
open Xunit
open Mixtures

let private factor = [| 2.0; 0.0; 0.0; 0.5; 1.5; 0.0; -1.0; 0.25; 0.75 |]
let private location = [| 1.0; -2.0; 0.5 |]

/// Values of scipy.stats 1.10.1 at fixed points. Catches a factor read transposed, a missing ½ log det or a wrong constant.
[<Fact>]
let ``log-densities of vectors and matrices equal those of scipy`` () =
    let same (expected: float) (received: float) =
        Assert.Equal(expected, received, 1e-12 * (1.0 + abs expected))

    let x = [| 0.3; 0.1; 2.0 |]
    same -5.3072982849661425 (MultivariateNormal.logDensity location factor (ReadOnlySpan x))
    same -5.629978995684942 (MultivariateStudentT.logDensity 3.5 location factor (ReadOnlySpan x))
    let p = [| 0.2; 0.3; 0.5 |]
    same 0.9067536349052947 (Dirichlet.logDensity [| 0.5; 2.0; 3.0 |] (ReadOnlySpan p))
    same 2.668702114592463 (Dirichlet.logDensity [| 40.0; 50.0; 120.0 |] (ReadOnlySpan p))
    let matrix = [| 3.0; 0.5; 0.2; 0.5; 2.0; -0.3; 0.2; -0.3; 1.5 |]
    same -14.003802785000294 (Wishart.logDensity 5.5 factor (ReadOnlySpan matrix))
    same -15.47032899151828 (InverseWishart.logDensity 5.5 factor (ReadOnlySpan matrix))
    let mean = [| 0.5; -1.0; 1.0 |]

    same
        -19.23100890649721
        (NormalInverseWishart.logDensity location 2.5 5.5 factor (ReadOnlySpan mean) (ReadOnlySpan matrix))

    same 5.067745815830345 (MultivariateNormal.entropy location factor)
    same -0.6931471805599453 (Categorical.logDensity [| 0.2; 0.5; 0.3 |] 1)

/// Values of mpmath 1.2.1 with 60 to 700 digits. Catches differences of log-gammas that cancel.
[<Fact>]
let ``Dirichlet log-densities at the extremes`` () =
    let check (a: float[]) x1 x2 (expected: float) =
        let x = [| x1; x2; 1.0 - x1 - x2 |]
        Assert.Equal(expected, Dirichlet.logDensity a (ReadOnlySpan x), 1e-12 * (1.0 + abs expected))

    check [| 1e-3; 1e-3; 1e-3 |] 0.5 0.25 -11.451847754528655
    check [| 1e6; 1e6; 2e6 |] 0.25 0.2500000001 15.096795616374562
    check [| 1e-3; 5.0; 1e6 |] 1e-300 (Math.Pow(2.0, -18.0)) 695.3696002322358
    check [| 1e12; 1e12; 2e12 |] 0.25 0.25 28.91230636203877
    let at (a: float[]) (x: float[]) = Dirichlet.logDensity a (ReadOnlySpan x)
    Assert.Equal(infinity, at [| 0.5; 2.0 |] [| 0.0; 1.0 |])
    Assert.Equal(-infinity, at [| 2.0; 0.5 |] [| 0.0; 1.0 |])
    Assert.Equal(-infinity, at [| 2.0; 0.5; 1.0 |] [| 0.0; 0.0; 1.0 |])
    Assert.Equal(log 2.0, at [| 1.0; 1.0; 1.0 |] [| 0.0; 0.4; 0.6 |], 1e-14)
    Assert.Equal(-infinity, at [| 1.0; 1.0 |] [| 0.5; 0.6 |])
    Assert.Equal(-infinity, at [| 1.0; 1.0 |] [| nan; 0.6 |])

/// Catches constants that hold in three dimensions only: in one, these are the distributions of numbers.
[<Fact>]
let ``in one dimension vectors and matrices are numbers`` () =
    let stream = (RandomKey.ofSeed 31).Stream()

    for _ in 1..100 do
        let l, m, x =
            0.1 + stream.NextExponential(), stream.NextNormal(), 3.0 * stream.NextNormal()

        let nu, y = 0.1 + 5.0 * stream.NextDouble(), stream.NextExponential()
        let x1, y1 = [| x |], [| y |]

        let same (expected: float) (received: float) =
            Assert.Equal(expected, received, 1e-11 * (1.0 + abs expected))

        same (Normal.logDensity m l x) (MultivariateNormal.logDensity [| m |] [| l |] (ReadOnlySpan x1))
        same (Normal.logDensity m l x) (DiagonalNormal.logDensity [| m |] [| l |] (ReadOnlySpan x1))
        same (StudentT.logDensity nu m l x) (MultivariateStudentT.logDensity nu [| m |] [| l |] (ReadOnlySpan x1))
        same (StudentT.entropy nu m l) (MultivariateStudentT.entropy nu [| m |] [| l |])
        same (Gamma.logDensity (0.5 * nu) (0.5 / (l * l)) y) (Wishart.logDensity nu [| l |] (ReadOnlySpan y1))

        same
            (InverseGamma.logDensity (0.5 * nu) (0.5 * l * l) y)
            (InverseWishart.logDensity nu [| l |] (ReadOnlySpan y1))

        let p = stream.NextDouble()

        same (Beta.logDensity nu l p) (Dirichlet.logDensity [| nu; l |] (ReadOnlySpan [| p; 1.0 - p |]))

/// Catches densities where there are none: matrices that are not symmetric or not positive definite, numbers that are not finite.
[<Fact>]
let ``outside the support`` () =
    let identity = [| 1.0; 0.0; 0.0; 1.0 |]

    let wishart (m: float[]) =
        Wishart.logDensity 3.0 identity (ReadOnlySpan m)

    Assert.Equal(-infinity, wishart [| 1.0; 0.0; 0.0; -1.0 |])
    Assert.Equal(-infinity, wishart [| 1.0; 0.5; 0.4; 1.0 |])
    Assert.Equal(-infinity, wishart [| 1.0; nan; nan; 1.0 |])
    Assert.Equal(-infinity, InverseWishart.logDensity 3.0 identity (ReadOnlySpan [| 0.0; 0.0; 0.0; 0.0 |]))
    let zero = [| 0.0; 0.0 |]
    Assert.Equal(-infinity, MultivariateNormal.logDensity zero identity (ReadOnlySpan [| infinity; 0.0 |]))
    Assert.Equal(-infinity, MultivariateStudentT.logDensity 3.0 zero identity (ReadOnlySpan [| nan; 0.0 |]))
    // far away, but finite: -(ν + 2)/2 log(1 + x²/ν) + constant
    let far =
        MultivariateStudentT.logDensity 3.0 zero identity (ReadOnlySpan [| 1e200; 0.0 |])

    Assert.Equal(-2.5 * (2.0 * log 1e200 - log 3.0) - log (2.0 * Math.PI), far, 1e-10)

    let error =
        Assert.Throws<ArgumentException>(fun () ->
            MultivariateNormal.logDensity zero identity (ReadOnlySpan [| 1.0 |]) |> ignore)

    Assert.StartsWith("expected 2 numbers, received 1", error.Message)

/// Catches membership that lets something through, or does not say what is wrong.
[<Fact>]
let ``supports name what is wrong`` () =
    let holds support (value: float[]) =
        Assert.True(Support.contains support (ReadOnlySpan value))

    let fails support (value: float[]) (text: string) =
        match Support.violation support (ReadOnlySpan value) with
        | ValueSome message -> Assert.Equal(text, message)
        | ValueNone -> Assert.Fail $"{text}: not noticed"

    holds Support.Real [| -1e300 |]
    fails Support.Real [| nan |] "expected a finite number, received NaN"
    fails Support.Real [| 1.0; 2.0 |] "expected a finite number: 1 number, received 2"
    holds Support.Positive [| 5e-324 |]
    fails Support.Positive [| 0.0 |] "expected a finite number above 0, received 0"
    holds Support.NonNegative [| 0.0 |]
    fails Support.NonNegative [| -1.0 |] "expected a finite number of at least 0, received -1"
    holds Support.UnitInterval [| 1.0 |]
    fails Support.UnitInterval [| 1.5 |] "expected a number from 0 to 1, received 1.5"
    holds (Support.Interval(-2.5, 3.0)) [| -2.5 |]
    fails (Support.Interval(-2.5, 3.0)) [| 4.0 |] "expected a number from -2.5 to 3, received 4"
    holds Support.Angle [| 100.0 |]
    fails Support.Boolean [| 2.0 |] "expected 0 or 1, received 2"
    holds Support.NonNegativeInteger [| 1e15 |]
    fails Support.NonNegativeInteger [| 1.5 |] "expected a whole number of at least 0, received 1.5"
    fails Support.NonNegativeInteger [| infinity |] "expected a whole number of at least 0, received Infinity"
    holds (Support.IntegerRange(1, 6)) [| 6.0 |]
    fails (Support.IntegerRange(1, 6)) [| 7.0 |] "expected a whole number from 1 to 6, received 7"
    fails (Support.RealVector 2) [| 1.0; nan |] "expected 2 finite numbers, received NaN at index 1"
    holds (Support.Simplex 3) [| 0.0; 0.25; 0.75 |]
    fails (Support.Simplex 2) [| 0.5; 0.6 |] "expected 2 probabilities that sum to one, received the sum 1.1"
    fails (Support.Simplex 2) [| 1.5; -0.5 |] "expected 2 probabilities that sum to one, received -0.5 at index 1"
    holds (Support.Ordered 3) [| -1.0; 0.0; 2.0 |]
    fails (Support.Ordered 3) [| -1.0; 2.0; 2.0 |] "expected 3 rising numbers, received 2 after 2 at index 2"
    fails (Support.PositiveOrdered 2) [| -1.0; 2.0 |] "expected 2 rising numbers above 0, received -1 at index 0"
    holds (Support.CholeskyFactor 2) [| 1.0; 0.0; -5.0; 0.1 |]

    fails
        (Support.CholeskyFactor 2)
        [| 1.0; 0.5; 0.0; 1.0 |]
        "expected a lower triangular matrix, 2 x 2, with a positive diagonal, received 0.5 above the diagonal at (0, 1)"

    holds (Support.PositiveDefinite 2) [| 2.0; 1.0; 1.0; 2.0 |]

    fails
        (Support.PositiveDefinite 2)
        [| 1.0; 2.0; 2.0; 1.0 |]
        "expected a symmetric positive definite matrix, 2 x 2, received a matrix that is not"

    let both = Support.Product [ Support.RealVector 2; Support.Positive ]
    Assert.Equal<int[]>([| 3 |], Support.shape both)
    holds both [| -1.0; 1.0; 2.0 |]

    fails
        both
        [| -1.0; 1.0; 0.0 |]
        "expected 2 finite numbers, then a finite number above 0, received 0 (where a finite number above 0 was expected)"
