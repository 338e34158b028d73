namespace Mixtures

open System
open System.Numerics

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014, variant 13 of Stafford): a bijective hash of 64 bits.
[<RequireQualifiedAccess>]
module internal Mix64 =
    let golden = 0x9E3779B97F4A7C15UL

    let hash (value: uint64) =
        let z = (value ^^^ (value >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

/// A stream of pseudo-random numbers (xoshiro256**, Blackman & Vigna 2021) started from a RandomKey.
/// A stream is a local, mutable value: draw from it on one thread, and split the key to get another.
[<Sealed>]
type RandomStream internal (high: uint64, low: uint64, isMirrored: bool) =
    let mutable s0 = Mix64.hash (high + Mix64.golden)
    let mutable s1 = Mix64.hash (low + 2UL * Mix64.golden)
    let mutable s2 = Mix64.hash (high + 3UL * Mix64.golden)
    let mutable s3 = Mix64.hash (low + 4UL * Mix64.golden) ||| 1UL
    let mutable spare = nan

    let next () =
        let result = BitOperations.RotateLeft(s1 * 5UL, 7) * 9UL
        let t = s1 <<< 17
        s2 <- s2 ^^^ s0
        s3 <- s3 ^^^ s1
        s1 <- s1 ^^^ s2
        s0 <- s0 ^^^ s3
        s2 <- s2 ^^^ t
        s3 <- BitOperations.RotateLeft(s3, 45)
        result

    let unit (bits: uint64) =
        float (bits >>> 11) * (1.0 / 9007199254740992.0)

    /// The next 64 uniform bits.
    member _.NextUInt64() =
        if isMirrored then ~~~(next ()) else next ()

    /// A stream of its own from the next bits, mirrored as this one is: however much is drawn from it, this stream goes on
    /// from the same place.
    member internal _.Branch() =
        let high = next ()
        RandomStream(high, next (), isMirrored)

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    member stream.NextDouble() = unit (stream.NextUInt64())

    /// A uniform integer in 0 .. bound - 1, without bias (Lemire 2019).
    member stream.NextInt32(bound: int) =
        if bound < 1 then
            invalidArg (nameof bound) $"expected a bound of at least 1, received {bound}"

        let range = uint64 bound
        let threshold = (0UL - range) % range
        let mutable low = 0UL
        let mutable high = Math.BigMul(stream.NextUInt64(), range, &low)

        while low < threshold do
            high <- Math.BigMul(stream.NextUInt64(), range, &low)

        int high

    /// A draw from the standard normal distribution (Marsaglia's polar method).
    member stream.NextNormal() =
        if Double.IsNaN spare then
            let mutable u = 0.0
            let mutable v = 0.0
            let mutable s = 0.0

            while s >= 1.0 || s = 0.0 do
                u <- 2.0 * unit (next ()) - 1.0
                v <- 2.0 * unit (next ()) - 1.0
                s <- u * u + v * v

            let scale = (if isMirrored then -1.0 else 1.0) * sqrt (-2.0 * log s / s)
            spare <- v * scale
            u * scale
        else
            let value = spare
            spare <- nan
            value

    /// A draw from the exponential distribution of mean 1.
    member stream.NextExponential() = -log(1.0 - stream.NextDouble())

    /// An index drawn with probability proportional to the non-negative weights (which need not sum to one).
    member stream.NextIndex(weights: ReadOnlySpan<float>) =
        let mutable total = 0.0

        for i in 0 .. weights.Length - 1 do
            total <- total + weights[i]

        if not (total > 0.0 && Double.IsFinite total) then
            invalidArg
                (nameof weights)
                $"expected weights with a positive, finite sum, received the sum {total.ToString Globalization.CultureInfo.InvariantCulture}"

        let mutable left = stream.NextDouble() * total
        let mutable chosen = -1
        let mutable i = 0

        while i < weights.Length do
            if weights[i] > 0.0 then
                chosen <- i
                left <- left - weights[i]

            if left < 0.0 && chosen >= 0 then
                i <- weights.Length
            else
                i <- i + 1

        chosen

/// An immutable, splittable key: the only source of randomness. The same key always gives the same draws; keys
/// derived from different children are independent. There is no global generator.
[<Struct; CustomEquality; NoComparison>]
type RandomKey private (high: uint64, low: uint64) =
    member private _.High = high
    member private _.Low = low

    /// The key of a seed.
    static member FromSeed(seed: int) =
        RandomKey(Mix64.hash (uint64 (int64 seed) + Mix64.golden), Mix64.hash (uint64 (int64 seed) ^^^ Mix64.golden))

    /// The child key with the given index; children of one key are independent of each other and of the key's stream.
    member _.Child(index: int) =
        let salt = Mix64.hash (uint64 (int64 index) * Mix64.golden + 0xD1B54A32D192ED03UL)
        RandomKey(Mix64.hash (high ^^^ salt), Mix64.hash (low + salt) ^^^ Mix64.hash (high + 1UL))

    /// A fresh stream of draws that starts at this key.
    member _.Stream() = RandomStream(high, low, false)

    /// The antithetic partner of the key's stream: normal draws have the other sign, uniform ones u become 1 - u (less 2⁻⁵³).
    /// Each draw has the same distribution; the mean of a pair of smooth functions varies less than that of two independent ones.
    member _.AntitheticStream() = RandomStream(high, low, true)

    override _.ToString() = $"RandomKey {high:x16}{low:x16}"

    override _.Equals other =
        match other with
        | :? RandomKey as key -> key.High = high && key.Low = low
        | _ -> false

    override _.GetHashCode() = HashCode.Combine(high, low)

/// Functions on random keys.
[<RequireQualifiedAccess>]
module RandomKey =
    /// The key of a seed.
    let ofSeed seed = RandomKey.FromSeed seed

    /// Two independent keys from one.
    let split (key: RandomKey) = struct (key.Child 0, key.Child 1)

    /// The child key with the given index.
    let child index (key: RandomKey) = key.Child index

    /// A fresh stream of draws that starts at the key.
    let stream (key: RandomKey) = key.Stream()

    /// The antithetic partner of the key's stream.
    let antitheticStream (key: RandomKey) = key.AntitheticStream()
