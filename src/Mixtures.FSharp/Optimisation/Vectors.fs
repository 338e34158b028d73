namespace Mixtures

open System
open System.Globalization
open System.Numerics.Tensors

/// Arithmetic of flat vectors, and the checks that every optimiser makes.
[<RequireQualifiedAccess>]
module internal Vectors =

    /// An array whose every element is about to be written.
    let fresh length : float[] =
        GC.AllocateUninitializedArray<float> length

    /// A number as it is written everywhere, whatever the machine's culture.
    let text (value: float) =
        value.ToString CultureInfo.InvariantCulture

    let dot (a: float[]) (b: float[]) =
        Sums.dot (ReadOnlySpan a) (ReadOnlySpan b)

    /// max |xᵢ|; not a number where one of them is not, infinite where one of them is.
    let largest (vector: float[]) =
        let mutable result = 0.0

        if vector.Length >= 16 then
            result <- abs (TensorPrimitives.MaxMagnitude(ReadOnlySpan vector))
        else
            for x in vector do
                let size = abs x

                if not (size <= result) && not (Double.IsNaN result) then
                    result <- size

        result

    /// √Σ xᵢ², given max |xᵢ|; squares neither overflow nor vanish.
    let normOf (vector: float[]) (largest: float) =
        if largest > 1e-140 && largest < 1e140 then
            TensorPrimitives.Norm(ReadOnlySpan vector)
        elif largest = 0.0 || not (Double.IsFinite largest) then
            largest
        else
            let scaled = fresh vector.Length
            TensorPrimitives.Divide(ReadOnlySpan vector, largest, Span scaled)
            largest * TensorPrimitives.Norm(ReadOnlySpan scaled)

    let norm vector = normOf vector (largest vector)

    /// a + step · direction.
    let moved (a: float[]) (step: float) (direction: float[]) =
        let result = fresh a.Length
        TensorPrimitives.MultiplyAdd(ReadOnlySpan direction, step, ReadOnlySpan a, Span result)
        result

    /// target ← target + factor · vector, in place.
    let add (factor: float) (vector: float[]) (target: float[]) =
        TensorPrimitives.MultiplyAdd(ReadOnlySpan vector, factor, ReadOnlySpan target, Span target)

    let difference (a: float[]) (b: float[]) =
        let result = fresh a.Length
        TensorPrimitives.Subtract(ReadOnlySpan a, ReadOnlySpan b, Span result)
        result

    let scaled (factor: float) (vector: float[]) =
        let result = fresh vector.Length
        TensorPrimitives.Multiply(ReadOnlySpan vector, factor, Span result)
        result

    let isFinite vector = Double.IsFinite(largest vector)

    /// The first element that is not finite, for a message.
    let private firstNotFinite (vector: float[]) =
        let at = Array.FindIndex(vector, (fun x -> not (Double.IsFinite x)))
        $"{text vector[at]} at index {at}"

    let requireFinite name (vector: float[]) =
        if not (isFinite vector) then
            invalidArg name $"expected {vector.Length} finite numbers, received {firstNotFinite vector}"

    /// Squares of the numbers must be numbers, too.
    let requireSquares name (vector: float[]) =
        let size = largest vector

        if not (size <= 1e150) then
            invalidArg name $"expected numbers of at most 1e150 (clip them), received one of size {text size}"

    let requireLength name expected (vector: float[]) =
        if vector.Length <> expected then
            invalidArg name $"expected {expected} numbers, one a parameter as at the start, received {vector.Length}"

    /// At least one parameter, all finite.
    let requireStart name (parameters: float[]) =
        if parameters.Length = 0 then
            invalidArg name "expected at least 1 parameter, received none"

        requireFinite name parameters

/// Checks of options; each raises ArgumentException with the option's name, what is expected and what was received.
[<RequireQualifiedAccess>]
module internal OptionCheck =
    let private require condition (name: string) expected (value: float) =
        if not condition then
            invalidArg name $"expected {expected}, received {Vectors.text value}"

    let positive name value =
        require (Double.IsFinite value && value > 0.0) name "a finite number greater than 0" value

    let notNegative name value =
        require (Double.IsFinite value && value >= 0.0) name "a finite number of 0 or more" value

    /// A factor of a moving average.
    let decay name value =
        require (value >= 0.0 && value < 1.0) name "a number of at least 0 and less than 1" value

    let atLeast least name (value: int) =
        if value < least then
            invalidArg name $"expected at least {least}, received {value}"
