module Mixtures.Tests.MissingTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

let private keep =
    { CsvOptions.defaults with
        Missing = MissingCells.Keep
    }

let private nan = Double.NaN

let private counts (data: Dataset) =
    Array.init data.Dimension data.MissingCount

/// The rows with -1 for what is missing.
let private marked (data: Dataset) =
    rowsOf data
    |> Array.map (Array.map (fun v -> if Double.IsNaN v then -1.0 else v))

let private gaps = [ [| 1.0; nan; 3.0 |]; [| 4.0; 5.0; 6.0 |]; [| nan; nan; 9.0 |] ]

/// Catches spellings of a missing value that are refused though asked for, or read as something else.
[<Theory>]
[<InlineData("")>]
[<InlineData("\"\"")>]
[<InlineData(" ")>]
[<InlineData("NA")>]
[<InlineData("n/a")>]
[<InlineData("NaN")>]
[<InlineData("nan")>]
[<InlineData("-nan")>]
[<InlineData("null")>]
[<InlineData("None")>]
[<InlineData("?")>]
[<InlineData("-")>]
[<InlineData(".")>]
let ``every spelling of a missing cell is kept where asked`` cell =
    let text = $"a,b\n1,2\n3,{cell}\n5,6\n"
    let data = readCsv keep text
    Assert.Equal<float[][]>([| [| 1.0; 2.0 |]; [| 3.0; -1.0 |]; [| 5.0; 6.0 |] |], marked data)
    Assert.True data.HasMissing
    Assert.Equal<int[]>([| 0; 1 |], counts data)
    Assert.Contains("1 missing cell", data.ToString())

    // and refused, with the way to keep it, where not
    (fun () -> readCsv CsvOptions.defaults text)
    |> rejects [ "row 2 (line 3)"; "column 'b'"; "--missing marginalise" ]

/// Catches text, infinity or a weight that is swallowed as missing.
[<Theory>]
[<InlineData("a,b\n1,inf\n", "column 'b'|'inf' is not a number")>]
[<InlineData("a,b\n1,-Infinity\n", "column 'b'|'-Infinity' is not a finite number")>]
[<InlineData("a,b\n1,red\n", "column 'b'|'red' is not a number")>]
[<InlineData("a,w\n1,1\n2,NA\n", "row 2 (line 3)|column 'w'|weight cannot be missing")>]
[<InlineData("a,w\n1,NaN\n", "column 'w'|weight cannot be missing")>]
[<InlineData("a,w\n1,\n", "column 'w'|weight cannot be missing")>]
let ``what is not missing is refused as before`` (text: string) (parts: string) =
    let options =
        if text.StartsWith "a,w" then
            { keep with WeightsColumn = Some "w" }
        else
            keep

    (fun () -> readCsv options text) |> rejects (List.ofArray (parts.Split '|'))

/// Catches a first record with gaps that is taken for a header, and a header taken for gaps.
[<Fact>]
let ``a first record with gaps is data where missing cells are kept`` () =
    let first text = marked (readCsv keep text)
    Assert.Equal<float[][]>([| [| 1.5; -1.0 |]; [| 4.0; 5.0 |] |], first "1.5,\n4,5\n")
    Assert.Equal<float[][]>([| [| -1.0; -1.0 |]; [| 4.0; 5.0 |] |], first "NA,?\n4,5\n")
    Assert.Equal<float[][]>([| [| -1.0 |]; [| 4.0 |] |], first "NaN\n4\n")
    Assert.Equal<string>([ "x1"; "u" ], (readCsv keep ",u\n1,2\n").ColumnNames)

    Assert.Equal<string>(
        [ "NA"; "none" ],
        (readCsv { keep with Header = CsvHeader.Present } "NA,none\n1,2\n").ColumnNames
    )

/// Catches a blank label that is taken for a missing cell, and labels that shift against their rows.
[<Fact>]
let ``labels may be blank beside missing cells`` () =
    let data = readCsv { keep with LabelColumn = Some "t" } "a,t\n1,x\n,\nNA,y\n"
    Assert.Equal<int[]>([| 2 |], counts data)
    Assert.Equal<int>([| 0; -1; 1 |], (Option.get (Dataset.labels data)).Codes.ToArray())

/// Catches the mark getting lost, or staying where no gap is left.
[<Fact>]
let ``the mark follows every change of the data`` () =
    let data = Dataset.FromRows(gaps, [| "a"; "b"; "c" |], MissingCells.Keep)
    Assert.Equal<int[]>([| 1; 2; 0 |], counts data)
    Assert.False((data.SelectAt [| 2 |]).HasMissing)
    Assert.True((data.Select [| "c"; "a" |]).HasMissing)
    Assert.Equal<int[]>([| 0; 1 |], counts (data.Select [| "c"; "a" |]))
    Assert.Equal<int[]>([| 1; 2; 0 |], counts (data.WithColumnNames [| "p"; "q"; "r" |]))
    Assert.Equal<int[]>([| 1; 2; 0 |], counts (data.WithWeights [| 1.0; 2.0; 0.0 |]))
    Assert.Equal<int[]>([| 1; 2; 0 |], counts (data.WithLabels [| "x"; ""; "y" |]))
    Assert.Equal<int[]>([| 0; 1; 0 |], counts (data.Take [| 0; 1 |]))
    Assert.False((data.Take [| 1; 1 |]).HasMissing)
    Assert.Equal<int[]>([| 0; 2; 1 |], counts ((data.Select [| "c"; "b"; "a" |]).Take [| 0; 1; 2 |]))
    Assert.Equal<int[]>([| 1; 2; 0 |], counts (data.Scale 2.0))
    Assert.Equal<int[]>([| 1; 2; 0 |], counts (data.MatchColumns [| "a"; "b"; "c" |]))
    (fun () -> data.Binarise 0.5) |> rejects [ "Row 1, column 'b'"; "missing" ]

    (fun () -> data.WithWeights [| 1.0; nan; 1.0 |])
    |> rejects [ "weight of row 2" ]

    Assert.Throws<ArgumentException>(fun () -> data.MissingCount 3 |> ignore)
    |> ignore

/// Catches a source of numbers that drops the choice, or lets infinity through with it.
[<Fact>]
let ``arrays keep NaN where asked, and never infinity`` () =
    let flat = Array.concat gaps

    for data in
        [
            Dataset.FromRows(gaps, null, MissingCells.Keep)
            Dataset.FromRows(array2D gaps, null, MissingCells.Keep)
            Dataset.FromDoubles(flat, 3, null, MissingCells.Keep)
            Dataset.FromSingles(Array.map float32 flat, 3, null, MissingCells.Keep)
            Dataset.ofRowsWithMissing gaps
            Dataset.ofArray2DWithMissing (array2D gaps)
        ] do
        Assert.Equal<int[]>([| 1; 2; 0 |], counts data)
        Assert.Equal<float[]>([| -1.0; -1.0; 9.0 |], (marked data)[2])

    Assert.Equal<int[]>([| 1 |], counts (Dataset.FromColumn([ 1.0; nan ], "t", MissingCells.Keep)))
    Assert.False((Dataset.FromRows([ [| 1.0 |] ], null, MissingCells.Keep)).HasMissing)

    (fun () -> Dataset.ofRows gaps)
    |> rejects [ "Row 1, column 2"; "NaN"; "MissingCells.Keep" ]

    let infinite = [ [| nan; 1.0 |]; [| 2.0; infinity |] ]

    (fun () -> Dataset.ofRowsWithMissing infinite)
    |> rejects [ "Row 2, column 2"; "Infinity" ]

    (fun () -> Dataset.ofArray2DWithMissing (array2D infinite))
    |> rejects [ "Row 2, column 2"; "Infinity" ]

    (fun () -> Dataset.FromDoubles(Array.concat infinite, 2, null, MissingCells.Keep))
    |> rejects [ "Row 2, column 2"; "Infinity" ]

    (fun () -> Dataset.FromColumn([ nan; -infinity ], "t", MissingCells.Keep))
    |> rejects [ "Row 2, column 1"; "-Infinity" ]

/// Catches a stream that loses the choice when it is read whole.
[<Fact>]
let ``a source of a file keeps missing cells`` () =
    withCsv "a,b\n1,\n3,4\n" (fun path ->
        let whole = Dataset.ofSource (RowSource.ofCsv path keep)
        Assert.Equal<int[]>([| 0; 1 |], counts whole)

        (fun () -> Dataset.ofSource (RowSource.ofCsv path CsvOptions.defaults))
        |> rejects [ "row 1 (line 2)"; "column 'b'" ])

/// Catches a schema that takes NaN for a value.
[<Fact>]
let ``a schema is inferred from what is there`` () =
    let reasons =
        Dataset.FromRows([ [| nan; 1.0; 0.0 |]; [| nan; nan; 1.0 |]; [| nan; 2.5; nan |] ], null, MissingCells.Keep)
        |> Schema.infer
        |> Array.map _.Reason

    Assert.Equal<string>([ "no values: left out"; "numbers that are not all whole"; "only 0 and 1" ], reasons)
