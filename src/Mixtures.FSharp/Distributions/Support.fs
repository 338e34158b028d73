namespace Mixtures

open System

/// Where a distribution lives: the values that have a density.
[<RequireQualifiedAccess>]
type Support =
    /// The finite numbers.
    | Real
    /// The finite numbers above 0.
    | Positive
    /// The finite numbers of at least 0.
    | NonNegative
    /// The numbers from 0 to 1.
    | UnitInterval
    /// The numbers from low to high.
    | Interval of low: float * high: float
    /// Angles in radians, which count modulo 2π: any finite number.
    | Angle
    /// 0 and 1.
    | Boolean
    /// The whole numbers from 0.
    | NonNegativeInteger
    /// The whole numbers from low to high.
    | IntegerRange of low: int * high: int
    /// Vectors of finite numbers.
    | RealVector of dimension: int
    /// Vectors of non-negative numbers that sum to one within 1e-6.
    | Simplex of dimension: int
    /// Vectors of rising numbers.
    | Ordered of dimension: int
    /// Vectors of rising positive numbers.
    | PositiveOrdered of dimension: int
    /// Lower triangular matrices with a positive diagonal.
    | CholeskyFactor of dimension: int
    /// Symmetric positive definite matrices; differences within 1e-8 of the largest element are not seen.
    | PositiveDefinite of dimension: int
    /// Values of several supports one after the other.
    | Product of parts: Support list

/// Membership in supports. Values are given as their numbers one after the other, matrices row by row.
[<RequireQualifiedAccess>]
module Support =
    /// The sizes of a value's axes: none for numbers, D for vectors, D x D for matrices. A product is one long vector.
    let rec shape (support: Support) : int[] =
        match support with
        | Support.Real
        | Support.Positive
        | Support.NonNegative
        | Support.UnitInterval
        | Support.Interval _
        | Support.Angle
        | Support.Boolean
        | Support.NonNegativeInteger
        | Support.IntegerRange _ -> [||]
        | Support.RealVector d
        | Support.Simplex d
        | Support.Ordered d
        | Support.PositiveOrdered d -> [| d |]
        | Support.CholeskyFactor d
        | Support.PositiveDefinite d -> [| d; d |]
        | Support.Product parts -> [| parts |> List.sumBy size |]

    /// How many numbers a value has.
    and size (support: Support) : int = Array.fold (*) 1 (shape support)

    /// The support in words.
    let rec name (support: Support) : string =
        match support with
        | Support.Real -> "a finite number"
        | Support.Positive -> "a finite number above 0"
        | Support.NonNegative -> "a finite number of at least 0"
        | Support.UnitInterval -> "a number from 0 to 1"
        | Support.Interval(low, high) -> $"a number from {Wording.number low} to {Wording.number high}"
        | Support.Angle -> "an angle, a finite number"
        | Support.Boolean -> "0 or 1"
        | Support.NonNegativeInteger -> "a whole number of at least 0"
        | Support.IntegerRange(low, high) -> $"a whole number from {low} to {high}"
        | Support.RealVector d -> $"{d} finite numbers"
        | Support.Simplex d -> $"{d} probabilities that sum to one"
        | Support.Ordered d -> $"{d} rising numbers"
        | Support.PositiveOrdered d -> $"{d} rising numbers above 0"
        | Support.CholeskyFactor d -> $"a lower triangular matrix, {d} x {d}, with a positive diagonal"
        | Support.PositiveDefinite d -> $"a symmetric positive definite matrix, {d} x {d}"
        | Support.Product parts -> String.Join(", then ", parts |> List.map name)

    /// Whether values are whole numbers, rather than from a continuum.
    let rec isDiscrete (support: Support) =
        match support with
        | Support.Boolean
        | Support.NonNegativeInteger
        | Support.IntegerRange _ -> true
        | Support.Product parts -> List.forall isDiscrete parts
        | _ -> false

    let private at (i: int) (v: float) = $"{Wording.number v} at index {i}"

    /// The first number that fails a test, in words.
    let private firstNot (test: float -> bool) (values: ReadOnlySpan<float>) =
        let mutable i = 0

        while i < values.Length && test values[i] do
            i <- i + 1

        if i < values.Length then
            ValueSome(at i values[i])
        else
            ValueNone

    let private one (test: float -> bool) (values: ReadOnlySpan<float>) =
        if test values[0] then
            ValueNone
        else
            ValueSome(Wording.number values[0])

    let private isWhole (low: float) (high: float) (v: float) =
        v >= low && v <= high && Math.Floor v = v && Double.IsFinite v

    let private rising (values: ReadOnlySpan<float>) =
        let mutable i = 1

        while i < values.Length && values[i] > values[i - 1] do
            i <- i + 1

        if i < values.Length then
            ValueSome $"{Wording.number values[i]} after {Wording.number values[i - 1]} at index {i}"
        else
            ValueNone

    let private orElse (next: unit -> string voption) (found: string voption) =
        match found with
        | ValueSome _ -> found
        | ValueNone -> next ()

    /// What is wrong with the numbers, all of the right count.
    let rec private fault (support: Support) (values: float[]) : string voption =
        let span = ReadOnlySpan values

        match support with
        | Support.Real
        | Support.Angle -> one Double.IsFinite span
        | Support.Positive -> one (fun v -> v > 0.0 && Double.IsFinite v) span
        | Support.NonNegative -> one (fun v -> v >= 0.0 && Double.IsFinite v) span
        | Support.UnitInterval -> one (fun v -> v >= 0.0 && v <= 1.0) span
        | Support.Interval(low, high) -> one (fun v -> v >= low && v <= high) span
        | Support.Boolean -> one (fun v -> v = 0.0 || v = 1.0) span
        | Support.NonNegativeInteger -> one (isWhole 0.0 Double.PositiveInfinity) span
        | Support.IntegerRange(low, high) -> one (isWhole (float low) (float high)) span
        | Support.RealVector _ -> firstNot Double.IsFinite span
        | Support.Simplex _ ->
            firstNot (fun v -> v >= 0.0) span
            |> orElse (fun () ->
                let total = Array.sum values

                if abs (total - 1.0) <= Parameter.SimplexTolerance then
                    ValueNone
                else
                    ValueSome $"the sum {Wording.number total}")
        | Support.Ordered _ -> firstNot Double.IsFinite span |> orElse (fun () -> rising (ReadOnlySpan values))
        | Support.PositiveOrdered _ ->
            firstNot (fun v -> v > 0.0 && Double.IsFinite v) span
            |> orElse (fun () -> rising (ReadOnlySpan values))
        | Support.CholeskyFactor d ->
            let mutable found = firstNot Double.IsFinite span

            for i in 0 .. values.Length - 1 do
                let row, column = i / d, i % d

                if found.IsNone then
                    if column > row && values[i] <> 0.0 then
                        found <- ValueSome $"{Wording.number values[i]} above the diagonal at ({row}, {column})"
                    elif column = row && not (values[i] > 0.0) then
                        found <- ValueSome $"{Wording.number values[i]} on the diagonal at ({row}, {column})"

            found
        | Support.PositiveDefinite d ->
            firstNot Double.IsFinite span
            |> orElse (fun () ->
                match Triangular.tryFactor d (ReadOnlySpan values) with
                | ValueSome _ -> ValueNone
                | ValueNone -> ValueSome "a matrix that is not")
        | Support.Product parts ->
            let mutable start = 0
            let mutable found = ValueNone

            for part in parts do
                let count = size part

                if found.IsNone then
                    found <-
                        fault part (Array.sub values start count)
                        |> ValueOption.map (fun text -> $"{text} (where {name part} was expected)")

                start <- start + count

            found

    /// What is wrong with a value, as "expected …, received …"; nothing if it is in the support.
    let violation (support: Support) (value: ReadOnlySpan<float>) : string voption =
        let expected = size support

        if value.Length <> expected then
            let numbers = Wording.count expected "number"
            ValueSome $"expected {name support}: {numbers}, received {value.Length}"
        else
            fault support (value.ToArray())
            |> ValueOption.map (fun received -> $"expected {name support}, received {received}")

    /// Whether a value is in the support.
    let contains (support: Support) (value: ReadOnlySpan<float>) = (violation support value).IsNone

    /// Raises ArgumentException, with what is wrong, if a value is not in the support.
    let check (support: Support) (value: ReadOnlySpan<float>) =
        match violation support value with
        | ValueSome text -> invalidArg (nameof value) text
        | ValueNone -> ()

    /// Whether every value of one support is a value of another.
    let rec isWithin (outer: Support) (inner: Support) : bool =
        match outer, inner with
        | _ when outer = inner -> true
        | Support.Real, _ -> shape inner = [||]
        | Support.Angle,
          (Support.Real | Support.Interval _ | Support.UnitInterval | Support.Positive | Support.NonNegative) -> true
        // the edge has no probability
        | Support.Positive, (Support.NonNegative | Support.UnitInterval)
        | Support.NonNegative, (Support.Positive | Support.UnitInterval) -> true
        | (Support.Positive | Support.NonNegative), Support.Interval(low, _) -> low >= 0.0
        | Support.UnitInterval, Support.Interval(low, high) -> low >= 0.0 && high <= 1.0
        | Support.Interval(low, high), Support.Interval(from, until) -> from >= low && until <= high
        | Support.Interval(low, high), Support.UnitInterval -> low <= 0.0 && high >= 1.0
        | Support.RealVector d, (Support.Simplex n | Support.Ordered n | Support.PositiveOrdered n) -> d = n
        | Support.Ordered d, Support.PositiveOrdered n -> d = n
        | Support.Product a, Support.Product b -> a.Length = b.Length && List.forall2 isWithin a b
        | _ -> false
