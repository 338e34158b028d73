/// What the data tests share: temporary files, and errors whose messages are checked.
module Mixtures.Tests.DataHelpers

open System
open System.IO
open Xunit
open Mixtures

/// Runs a test on a temporary file with the given bytes.
let withBytes (extension: string) (bytes: byte[]) (test: string -> 'T) =
    let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension)
    File.WriteAllBytes(path, bytes)

    try
        test path
    finally
        File.Delete path

/// Runs a test on a temporary CSV file with the given text.
let withCsv (text: string) test =
    withBytes ".csv" (Text.Encoding.UTF8.GetBytes text) test

/// Reads a CSV text.
let readCsv options text =
    withCsv text (fun path -> Dataset.FromCsv(path, options))

/// Expects a DataException of one or two lines whose message has all the given parts.
let rejects (parts: string list) (action: unit -> 'T) =
    let error = Assert.Throws<DataException>(Action(fun () -> action () |> ignore))

    for part in parts do
        Assert.Contains(part, error.Message)

    Assert.True(error.Message.Split('\n').Length <= 2, error.Message)

/// All rows of a dataset.
let rowsOf (data: Dataset) = Array.init data.Count data.Row

/// All rows and weights that a cursor gives, through tiles of the given capacity.
let drain (capacity: int) (source: IRowSource) =
    let tile = Tile(source.ColumnNames.Count, capacity)
    let rows = ResizeArray<float[]>()
    let weights = ResizeArray<float>()
    use cursor = source.Open()

    while cursor.Fill tile > 0 do
        for r in 0 .. tile.Count - 1 do
            rows.Add(Array.init tile.Dimension (fun c -> tile.Data[c * capacity + r]))
            weights.Add tile.Weights[r]

    rows.ToArray(), weights.ToArray()
