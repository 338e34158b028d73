/// Tables of reference values in the text of a test.
module Mixtures.Tests.ReferenceTable

open System
open System.Globalization
open Xunit

/// One array of numbers a line; empty lines do not count.
let parse (text: string) : float[][] =
    text.Split('\n', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)
    |> Array.map (fun line ->
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        |> Array.map (fun word -> Double.Parse(word, CultureInfo.InvariantCulture)))

/// That the function of each line's first numbers is its last, to a relative tolerance.
let check tolerance name (f: float[] -> float) (text: string) =
    for row in parse text do
        let width = row.Length - 1
        let arguments = Array.take width row
        let expected, received = row[width], f arguments
        let error = abs (received - expected)

        if not (error <= tolerance * abs expected) then
            let at = String.Join(", ", arguments)

            Assert.Fail
                $"{name}({at}): expected {expected:R}, received {received:R}, relative error {error / abs expected:g3}"
