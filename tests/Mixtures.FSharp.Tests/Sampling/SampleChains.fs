/// Chains with which samplers' diagnostics are tested.
module Mixtures.Tests.SampleChains

open System
open Mixtures

/// Uniform numbers of a congruential generator that other programs have too: s ← (1103515245 s + 12345) mod 2³¹,
/// (s + ½) / 2³¹.
let uniforms (seed: int) (count: int) =
    let mutable state = uint64 seed

    Array.init count (fun _ ->
        state <- (1103515245UL * state + 12345UL) % 2147483648UL
        (float state + 0.5) / 2147483648.0)

/// x_t = φ x_{t-1} + log(u / (1 - u)), from 0, moved by the shift.
let autoregressive (seed: int) (count: int) (phi: float) (shift: float) =
    let mutable x = 0.0

    uniforms seed count
    |> Array.map (fun u ->
        x <- phi * x + log (u / (1.0 - u))
        x + shift)

/// Stationary autoregressive chains of unit variance with normal noise.
let normalChains (chains: int) (count: int) (phi: float) (stream: RandomStream) =
    Array.init chains (fun _ ->
        let mutable x = stream.NextNormal()

        Array.init count (fun _ ->
            x <- phi * x + sqrt (1.0 - phi * phi) * stream.NextNormal()
            x))

/// Equal to so many significant digits.
let close (tolerance: float) (expected: float) (received: float) =
    Xunit.Assert.True(
        abs (received - expected) <= tolerance * max 1.0 (abs expected),
        FormattableString.Invariant $"expected {expected}, received {received}"
    )
