module Mixtures.Tests.StorageTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures

let private check property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 300, property)

let private number columns r c = float (r * columns + c) + 0.25

let private build rows columns =
    let builder = StorageBuilder columns

    for r in 0 .. rows - 1 do
        let row = builder.AddRow()

        for c in 0 .. columns - 1 do
            row[c] <- number columns r c

    builder.ToStorage()

let private fillBlock (storage: Storage) start count (chosen: int[]) stride =
    let destination = Array.create (chosen.Length * stride) nan
    storage.FillBlock(start, count, chosen, destination.AsSpan(), stride)
    destination

/// Catches rows that are lost, doubled or shifted where a table grows into its next chunk.
[<Theory>]
[<InlineData(1, 300000)>]
[<InlineData(3, 100000)>]
[<InlineData(70000, 5)>]
[<InlineData(140000, 3)>]
let ``a grown table keeps every number`` columns rows =
    let storage = build rows columns
    Assert.Equal(rows, storage.Rows)

    for column in [ 0; columns / 2; columns - 1 ] do
        let values = Array.zeroCreate rows
        storage.Fill(0, column, values.AsSpan())
        Assert.Equal<float>(Array.init rows (fun r -> number columns r column), values)

/// Catches wrong offsets, strides and tails in block fills, within chunks and across them, for chosen columns.
[<Fact>]
let ``a block fill equals the naive one`` () =
    let table =
        gen {
            let! columns = Gen.frequency [ 2, Gen.choose (1, 6); 1, Gen.choose (7, 40) ]
            let! rowsPerChunk = Gen.choose (1, 40)
            let! rows = Gen.choose (1, 120)
            let! start = Gen.choose (0, rows - 1)
            let! count = Gen.choose (0, rows - start)
            // side by side, where registers transpose, or any
            let! first = Gen.choose (0, columns - 1)

            let! chosen =
                Gen.oneof
                    [
                        Gen.arrayOf (Gen.choose (0, columns - 1))
                        Gen.constant [| first .. columns - 1 |]
                    ]

            let! gap = Gen.choose (0, 9)
            return columns, rowsPerChunk, rows, start, count, chosen, gap
        }

    let holds (columns, rowsPerChunk, rows, start, count, chosen: int[], gap) =
        let value r c = (7 * r + 3 * c) % 251

        let chunks convert =
            [|
                for first in 0..rowsPerChunk .. rows - 1 ->
                    Array.init (min rowsPerChunk (rows - first) * columns) (fun i ->
                        convert (value (first + i / columns) (i % columns)))
            |]

        let byColumn =
            Array.init columns (fun c -> Array.init rows (fun r -> float32 (value r c)))

        let storages: Storage list =
            [
                RowMajorStorage<float>(chunks float, rowsPerChunk, rows, columns)
                RowMajorStorage<float32>(chunks float32, rowsPerChunk, rows, columns)
                RowMajorStorage<byte>(chunks byte, rowsPerChunk, rows, columns)
                ColumnMajorStorage<float32>(byColumn, rows)
            ]

        let stride = count + gap

        let expected =
            Array.init (chosen.Length * stride) (fun i ->
                if i % stride < count then
                    float (value (start + i % stride) chosen[i / stride])
                else
                    nan)

        storages
        |> List.forall (fun storage ->
            let actual = fillBlock storage start count chosen stride
            Array.forall2 (fun (x: float) y -> x.Equals y) expected actual)

    check (Prop.forAll (Arb.fromGen table) holds)

/// Catches reads and writes outside the table, which the block fill does without bounds checks.
[<Fact>]
let ``a block outside the table is refused`` () =
    let storage = build 10 2

    for start, count, chosen, stride in [ 5, 6, [| 0 |], 6; -1, 2, [| 0 |], 2; 0, 2, [| 2 |], 2; 0, 2, [| -1 |], 2 ] do
        Assert.Throws<ArgumentException>(fun () -> fillBlock storage start count chosen stride |> ignore)
        |> ignore

    let short = Array.zeroCreate 5

    Assert.Throws<ArgumentException>(fun () -> storage.FillBlock(0, 3, [| 0; 1 |], short.AsSpan(), 3))
    |> ignore

/// Catches padding rows that would count, or hold numbers that are not data.
[<Fact>]
let ``rows beyond the count repeat the last row with weight zero`` () =
    let data = Dataset.ofSeq (Seq.init 70 (fun r -> [| float r; float (r * r) |]))
    let tile = Tile(2, 64)
    data.Fill(0, tile)
    Assert.Equal(64, tile.Count)
    data.Fill(64, tile)
    Assert.Equal(6, tile.Count)

    for r in 0..63 do
        let row = 64 + min r 5
        Assert.Equal(float row, tile.Column(0)[r])
        Assert.Equal(float (row * row), tile.Column(1)[r])
        Assert.Equal((if r < 6 then 1.0 else 0.0), tile.Weights[r])

/// Catches tiles whose vectors would be cut short.
[<Theory>]
[<InlineData(2, 0)>]
[<InlineData(2, 40)>]
[<InlineData(-1, 32)>]
let ``a tile has a positive multiple of 32 rows`` dimension capacity =
    Assert.Throws<ArgumentException>(fun () -> Tile(dimension, capacity) |> ignore)
    |> ignore
