/// The files of data/, and numbers from those with reference values.
[<RequireQualifiedAccess>]
module Mixtures.Tests.ReferenceFile

open System
open System.IO
open System.Text.Json

/// Where a file of data/ is.
let path (name: string) =
    Path.Combine(AppContext.BaseDirectory, "data", name)

/// What a JSON file of data/ holds.
let json (name: string) : JsonElement =
    JsonDocument.Parse(File.ReadAllText(path name)).RootElement

/// What is under the names, one inside the other, with slashes between them.
let at (names: string) (element: JsonElement) =
    names.Split '/'
    |> Array.fold (fun (e: JsonElement) name -> e.GetProperty name) element

/// A list of numbers.
let numbers (element: JsonElement) =
    [| for e in element.EnumerateArray() -> e.GetDouble() |]

/// A list of lists of numbers.
let rows (element: JsonElement) =
    [| for e in element.EnumerateArray() -> numbers e |]
