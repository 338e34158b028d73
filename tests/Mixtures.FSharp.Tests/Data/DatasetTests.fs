module Mixtures.Tests.DatasetTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures
open Mixtures.Tests.DataHelpers

let private check property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 300, property)

let private rows = [ [| 1.0; 2.0; 3.0 |]; [| 4.0; 5.0; 6.0 |] ]
let private named = Dataset.FromRows(rows, [| "a"; "b"; "c" |])

/// Catches sources of the same numbers that give different tables.
[<Fact>]
let ``every source gives the same table`` () =
    let flat = rows |> Array.concat

    for data in
        [
            Dataset.ofRows rows
            Dataset.ofSeq (Seq.ofList rows)
            Dataset.ofArray2D (array2D rows)
            Dataset.FromRows(array2D rows, [| "a"; "b"; "c" |])
            Dataset.FromDoubles(flat, 3)
            Dataset.FromSingles(Array.map float32 flat, 3)
            Dataset.FromBytes(Array.map byte flat, 3)
            Dataset.ofSource (RowSource.ofSeq rows)
            named
        ] do
        Assert.Equal<float[][]>(Array.ofList rows, rowsOf data)
        Assert.Equal<float>([| 2.0; 5.0 |], data.Column 1)
        Assert.Equal(2.0, data.TotalWeight)
        Assert.Equal(2.0, data.EffectiveRows)
        Assert.False data.HasWeights
        Assert.Null data.Labels

    let column = Dataset.FromColumn([ 1.0; 2.0 ], "t")
    Assert.Equal<float[][]>([| [| 1.0 |]; [| 2.0 |] |], rowsOf column)
    Assert.Equal<string>([ "t" ], column.ColumnNames)

/// Catches datasets that change when the caller's arrays do.
[<Fact>]
let ``inputs are copied`` () =
    let first = [| 1.0; 2.0 |]
    let table = array2D [ [ 1.0; 2.0 ] ]
    let bytes = [| 1uy; 2uy |]
    let weights = [| 1.0 |]
    let names = [| "a"; "b" |]

    let all =
        [
            Dataset.FromRows([| first |], names)
            Dataset.ofArray2D table
            Dataset.FromBytes(bytes, 2)
            (Dataset.ofRows [ first ]).WithWeights weights
        ]

    first[0] <- 9.0
    table[0, 0] <- 9.0
    bytes[0] <- 9uy
    weights[0] <- 9.0
    names[0] <- "z"
    (all[0].Row 0)[0] <- 9.0

    for data in all do
        Assert.Equal<float[]>([| 1.0; 2.0 |], data.Row 0)
        Assert.Equal(1.0, data.TotalWeight)

    Assert.Equal("a", all[0].ColumnNames[0])

/// Catches empty, ragged or non-finite input that passes, and messages that do not say where.
[<Fact>]
let ``bad input is refused by row and column`` () =
    (fun () -> Dataset.ofRows []) |> rejects [ "no rows" ]
    (fun () -> Dataset.ofRows [ [||] ]) |> rejects [ "no columns" ]
    (fun () -> Dataset.ofArray2D (Array2D.zeroCreate 0 3)) |> rejects [ "no rows" ]

    (fun () -> Dataset.ofArray2D (Array2D.zeroCreate 3 0))
    |> rejects [ "no columns" ]

    (fun () -> Dataset.ofColumn []) |> rejects [ "no rows" ]

    (fun () -> Dataset.ofRows [ [| 1.0; 2.0 |]; [| 3.0 |] ])
    |> rejects [ "Row 2"; "1 number,"; "first row has 2" ]

    (fun () -> Dataset.ofRows [ [| 1.0 |]; Unchecked.defaultof<float[]> ])
    |> rejects [ "Row 2"; "null" ]

    (fun () -> Dataset.FromBytes([| 1uy; 2uy; 3uy |], 2))
    |> rejects [ "3 numbers"; "2 columns" ]

    (fun () -> Dataset.FromBytes([||], 2)) |> rejects [ "no rows" ]

    Assert.Throws<ArgumentException>(fun () -> Dataset.FromBytes([| 1uy |], 0) |> ignore)
    |> ignore

    for bad in [ nan; infinity; -infinity ] do
        let parts = [ "Row 2, column 3"; string bad; "not a finite number" ]
        let table = [ [| 1.0; 2.0; 3.0 |]; [| 4.0; 5.0; bad |] ]
        (fun () -> Dataset.ofRows table) |> rejects parts
        (fun () -> Dataset.ofArray2D (array2D table)) |> rejects parts

        (fun () -> Dataset.FromSingles(table |> Array.concat |> Array.map float32, 3))
        |> rejects parts

        (fun () -> Dataset.ofSource (RowSource.ofSeq table)) |> rejects parts
        (fun () -> Dataset.ofColumn [ 1.0; bad ]) |> rejects [ "Row 2, column 1" ]

/// Catches names that are missing, blank or ambiguous.
[<Fact>]
let ``column names are checked`` () =
    Assert.Equal<string>([ "x1"; "x2"; "x3" ], (Dataset.ofRows rows).ColumnNames)
    let renamed = named |> Dataset.withColumnNames [| "p"; "q"; "r" |]
    Assert.Equal<string>([ "p"; "q"; "r" ], renamed.ColumnNames)
    Assert.True renamed.HasColumnNames

    (fun () -> Dataset.FromRows(rows, [| "a" |]))
    |> rejects [ "1 column name for 3 columns" ]

    (fun () -> named.WithColumnNames [| "a"; "b"; "a" |]) |> rejects [ "'a'" ]

    (fun () -> named.WithColumnNames [| "a"; " "; "c" |])
    |> rejects [ "column 2"; "blank" ]

/// Catches columns chosen in the wrong order, also from a choice, and tiles filled from other columns.
[<Fact>]
let ``columns are selected in the order given`` () =
    let data = named |> Dataset.select [| "c"; "a" |]
    Assert.Equal<float[][]>([| [| 3.0; 1.0 |]; [| 6.0; 4.0 |] |], rowsOf data)
    Assert.Equal<float[]>([| 1.0; 3.0 |], (data |> Dataset.selectAt [| 1; 0 |]).Row 0)
    let tile = Tile(2, 32)
    data.Fill(0, tile)
    Assert.Equal((3.0, 6.0, 1.0), (tile.Column(0)[0], tile.Column(0)[1], tile.Column(1)[0]))
    (fun () -> named.Select [| "z" |]) |> rejects [ "'z'"; "a, b, c" ]

    for positions in [ [| 3 |]; [| -1 |]; [||] ] do
        Assert.Throws<ArgumentException>(fun () -> named.SelectAt positions |> ignore)
        |> ignore

/// Catches weights that are not finite, negative, all zero or too few, and totals that are wrong.
[<Fact>]
let ``weights are checked and summed`` () =
    let data = named |> Dataset.withWeights [| 3.0; 1.0 |]
    Assert.Equal(4.0, data.TotalWeight)
    Assert.Equal(16.0 / 10.0, data.EffectiveRows, 12)
    let tile = Tile(3, 32)
    data.Fill(1, tile)
    Assert.Equal((1.0, 0.0), (tile.Weights[0], tile.Weights[1]))
    Assert.Equal<float>([| 3.0; 1.0 |], (data |> Dataset.select [| "a" |]).Weights.ToArray())
    (fun () -> named.WithWeights [| 1.0 |]) |> rejects [ "1 weight for 2 rows" ]
    (fun () -> named.WithWeights [| 1.0; nan |]) |> rejects [ "row 2"; "NaN" ]
    (fun () -> named.WithWeights [| 1.0; -2.0 |]) |> rejects [ "row 2"; "-2" ]
    (fun () -> named.WithWeights [| 0.0; 0.0 |]) |> rejects [ "zero" ]
    (fun () -> named.WithWeights [| 1e308; 1e308 |]) |> rejects [ "scale" ]
    (fun () -> named.WithWeights [| 1e-200; 1e-200 |]) |> rejects [ "scale" ]

/// Catches label codes that do not follow first appearance, and labels that do not fit the rows.
[<Fact>]
let ``labels have codes by first appearance`` () =
    let labels = Labels.FromNames [ "b"; ""; "a"; "b"; " " ]
    Assert.Equal<string>([ "b"; "a" ], labels.Names)
    Assert.Equal<int>([| 0; -1; 1; 0; -1 |], labels.Codes.ToArray())

    (fun () -> named |> Dataset.withLabels labels)
    |> rejects [ "5 labels for 2 rows" ]

    let data = named.WithLabels [ "u"; "v" ]
    Assert.Equal<int>([| 0; 1 |], (Option.get (Dataset.labels data)).Codes.ToArray())

/// Catches a model that is given the wrong columns, or the right ones in the wrong order.
[<Fact>]
let ``data are matched to a model's columns`` () =
    let matched = named |> Dataset.matchColumns [| "c"; "b" |]
    Assert.Equal<float[]>([| 3.0; 2.0 |], matched.Row 0)

    (fun () -> named |> Dataset.matchColumns [| "c"; "z"; "y" |])
    |> rejects [ "columns z, y"; "a, b, c" ]

    let plain = Dataset.ofRows rows
    Assert.Same(plain, plain |> Dataset.matchColumns [| "p"; "q"; "r" |])
    Assert.Same(named, named |> Dataset.matchColumns [| "x1"; "x2"; "x3" |])

    (fun () -> plain |> Dataset.matchColumns [| "p"; "q" |])
    |> rejects [ "2 columns (p, q)"; "have 3" ]

    (fun () -> named |> Dataset.matchColumns [| "x1"; "x2" |])
    |> rejects [ "2 columns"; "have 3" ]

/// Catches cursors that lose or repeat rows, whatever the tile's size, and sources that disagree.
[<Fact>]
let ``cursors give the rows of the dataset in order`` () =
    let table =
        gen {
            let! columns = Gen.choose (1, 5)
            let! rows = Gen.choose (1, 150)
            let! capacity = Gen.elements [ 32; 64; 96 ]

            let! rows =
                Gen.arrayOfLength rows (Gen.arrayOfLength columns (Gen.map float (Gen.choose (-99, 99))))

            let! weights = Gen.arrayOfLength rows.Length (Gen.map float (Gen.choose (1, 9)))
            return rows, weights, capacity
        }

    let holds (rows: float[][], weights: float[], capacity) =
        let data = (Dataset.ofSeq rows).WithWeights weights
        let ones = Array.create rows.Length 1.0

        drain capacity (RowSource.ofDataset data) = (rows, weights)
        && drain capacity (RowSource.ofSeq rows) = (rows, ones)
        && rowsOf (Dataset.ofSource (RowSource.ofSeq rows)) = rows
        && (data :> IRowSource).Count.Value = int64 rows.Length

    check (Prop.forAll (Arb.fromGen table) holds)

/// Catches sequences whose rows are ragged, missing or absent, and cursors that do not start afresh.
[<Fact>]
let ``sequences are checked as they pass`` () =
    let lazily =
        RowSource.ofSeqNamed [| "a"; "b" |] (Seq.init 5 (fun i -> [| float i; 1.0 |]))

    Assert.False lazily.Count.HasValue
    Assert.True lazily.HasColumnNames
    Assert.Equal(5, (fst (drain 32 lazily)).Length)
    Assert.Equal(5, (fst (drain 32 lazily)).Length)
    (fun () -> RowSource.ofSeq []) |> rejects [ "no rows" ]

    (fun () -> Dataset.ofSource (RowSource.ofSeqNamed [| "a" |] []))
    |> rejects [ "no rows" ]

    (fun () -> drain 32 (RowSource.ofSeq [ [| 1.0; 2.0 |]; [| 1.0 |] ]))
    |> rejects [ "Row 2"; "1 number,"; "2 were expected" ]

/// Catches rows or columns outside the table that are answered with other numbers.
[<Fact>]
let ``rows and columns outside the table are refused`` () =
    for action in
        [
            (fun () -> named.Row 2)
            (fun () -> named.Row -1)
            (fun () -> named.Column 3)
        ] do
        Assert.Throws<ArgumentException>(fun () -> action () |> ignore) |> ignore

    Assert.Throws<ArgumentException>(fun () -> named.Fill(0, Tile(2, 32))) |> ignore
