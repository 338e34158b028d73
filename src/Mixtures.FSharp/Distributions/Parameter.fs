namespace Mixtures

open System

/// Checks of the parameters of distributions: an ArgumentException names the parameter, what it may be and what it is.
[<RequireQualifiedAccess>]
module internal Parameter =
    let private refuse name expected (received: float) =
        invalidArg name $"expected {expected}, received {Wording.number received}"

    let finite name (value: float) =
        if not (Double.IsFinite value) then
            refuse name "a finite number" value

    let positive name (value: float) =
        if not (value > 0.0 && Double.IsFinite value) then
            refuse name "a positive, finite number" value

    let nonNegative name (value: float) =
        if not (value >= 0.0 && Double.IsFinite value) then
            refuse name "a non-negative, finite number" value

    let above (limit: float) name (value: float) =
        if not (value > limit && Double.IsFinite value) then
            refuse name $"a finite number above {Wording.number limit}" value

    /// A number from 0 to 1, both included.
    let probability name (value: float) =
        if not (value >= 0.0 && value <= 1.0) then
            refuse name "a probability from 0 to 1" value

    /// A number above 0 and at most 1.
    let positiveProbability name (value: float) =
        if not (value > 0.0 && value <= 1.0) then
            refuse name "a probability above 0 and at most 1" value

    /// Log-odds: any number, infinite ones for certainty.
    let logit name (value: float) =
        if Double.IsNaN value then
            refuse name "a number" value

    let count name (value: int) =
        if value < 0 then
            invalidArg name $"expected a whole number of at least 0, received {value}"

    let length name (expected: int) (received: int) =
        if received <> expected then
            let expected = Wording.count expected "number"
            invalidArg name $"expected {expected}, received {received}"

    let allFinite name (values: float[]) =
        for i in 0 .. values.Length - 1 do
            if not (Double.IsFinite values[i]) then
                invalidArg name $"expected finite numbers, received {Wording.number values[i]} at index {i}"

    let allPositive name (values: float[]) =
        for i in 0 .. values.Length - 1 do
            if not (values[i] > 0.0 && Double.IsFinite values[i]) then
                invalidArg name $"expected positive, finite numbers, received {Wording.number values[i]} at index {i}"

    /// How far the sum of probabilities may be from one.
    [<Literal>]
    let SimplexTolerance = 1e-6

    /// Non-negative numbers that sum to one.
    let simplex name (values: float[]) =
        if values.Length = 0 then
            invalidArg name "expected at least one probability, received none"

        for i in 0 .. values.Length - 1 do
            if not (values[i] >= 0.0) then
                invalidArg name $"expected probabilities, received {Wording.number values[i]} at index {i}"

        let total = Array.sum values

        if not (abs (total - 1.0) <= SimplexTolerance) then
            invalidArg name $"expected probabilities that sum to one, received the sum {Wording.number total}"

    /// The dimension of a lower triangular factor, D x D, row by row, with a positive diagonal.
    let factor name (dimension: int) (values: float[]) =
        length name (dimension * dimension) values.Length
        allFinite name values

        for i in 0 .. dimension - 1 do
            if not (values[i * dimension + i] > 0.0) then
                invalidArg
                    name
                    $"expected a lower triangular factor with a positive diagonal, received {Wording.number values[i * dimension + i]} at ({i}, {i})"

    /// The dimension of a square matrix given row by row.
    let dimensionOf name (values: float[]) =
        let d = int (Math.Round(sqrt (float values.Length)))

        if d < 1 || d * d <> values.Length then
            invalidArg name $"expected the numbers of a square matrix, row by row, received {values.Length}"

        d

/// What samplers do to draws that are out of the range of doubles.
[<RequireQualifiedAccess>]
module internal Draw =
    /// The largest number below one.
    [<Literal>]
    let BelowOne = 0.99999999999999988898

    /// A positive draw: what would round to zero is the smallest positive number, what would overflow the largest.
    let positive (x: float) =
        Math.Clamp(x, Double.Epsilon, Double.MaxValue)

    /// A draw from the open unit interval.
    let unit (x: float) = Math.Clamp(x, Double.Epsilon, BelowOne)

    /// A draw from the reals that would overflow.
    let real (x: float) =
        Math.Clamp(x, Double.MinValue, Double.MaxValue)
