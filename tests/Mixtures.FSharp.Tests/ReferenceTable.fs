/// Tables of reference values in the text of a test.
module Mixtures.Tests.ReferenceTable

open System
open System.Globalization

/// One array of numbers a line; empty lines do not count.
let parse (text: string) : float[][] =
    text.Split('\n', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)
    |> Array.map (fun line ->
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        |> Array.map (fun word -> Double.Parse(word, CultureInfo.InvariantCulture)))
