module Mixtures.Tests.LevelsTests

open System
open System.Text
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

let private auto = CsvOptions.defaults.WithTextAsLevels()
let private column (name: string) = CsvOptions.defaults.WithLevels name
let private keep (options: CsvOptions) = options.WithMissing MissingCells.Keep

let private levels (data: Dataset) =
    Array.init data.Dimension (fun c -> List.ofSeq (data.Levels c))

/// The texts of a column of levels; a point for what is missing.
let private texts c (data: Dataset) =
    data.Column c
    |> Array.map (fun code -> if Double.IsNaN code then "." else data.Levels(c)[int code])
    |> List.ofArray

let private blood = "x,blood\n1.5,O\n2,A\n3,AB\n4,O\n5,B\n"

/// Catches codes that follow the order of the rows, columns of numbers that are taken for text, and lost levels.
[<Fact>]
let ``texts are sorted into levels`` () =
    for options in
        [
            auto
            column "blood"
            column "2"
            CsvOptions.defaults.WithLevels("x", "blood")
        ] do
        let data = readCsv options blood
        Assert.Equal<string list[]>([| []; [ "A"; "AB"; "B"; "O" ] |], levels data)
        Assert.Equal<float>([| 3.0; 0.0; 1.0; 3.0; 2.0 |], data.Column 1)
        Assert.Equal<float>([| 1.5; 2.0; 3.0; 4.0; 5.0 |], data.Column 0)
        Assert.True data.HasLevels
        Assert.Equal<string>([ "A"; "AB"; "B"; "O" ], data.LevelsOf "blood")
        Assert.Contains("blood (4 levels)", data.ToString())

    let shuffled = readCsv auto "x,blood\n5,B\n1.5,O\n4,O\n2,A\n3,AB\n"
    Assert.Equal<string>([ "A"; "AB"; "B"; "O" ], shuffled.LevelsOf "blood")
    Assert.False((readCsv auto "x,y\n1,2\n").HasLevels)

/// Catches text that is swallowed though nobody asked, and a refusal that does not tell of levels.
[<Fact>]
let ``text is refused unless asked for`` () =
    (fun () -> readCsv CsvOptions.defaults blood)
    |> rejects [ "row 1 (line 2)"; "'blood'"; "'O' is not a number"; "label column"; "levels" ]

    (fun () -> readCsv (column "x") blood) |> rejects [ "'blood'"; "'O'" ]
    (fun () -> readCsv (column "z") blood) |> rejects [ "no column 'z'" ]

/// Catches numbers above the first text that lose their spelling, or are left as numbers.
[<Fact>]
let ``a column that turns out to be text is text from its first row`` () =
    let data = readCsv auto "a,b,c\n1,1.50,7\n2,01,8\nx,2,9\n1,?!,9\n"
    Assert.Equal<string list>([ "1"; "2"; "x"; "1" ], texts 0 data)
    Assert.Equal<string list>([ "1.50"; "01"; "2"; "?!" ], texts 1 data)
    Assert.Equal<string list>([ "01"; "1.50"; "2"; "?!" ], List.ofSeq (data.Levels 1))
    Assert.Empty(data.Levels 2)
    Assert.Equal<float>([| 7.0; 8.0; 9.0; 9.0 |], data.Column 2)

/// Catches texts that are cut at delimiters, quotes or line ends, or sorted by the machine's culture.
[<Fact>]
let ``levels may hold anything that a cell can`` () =
    let data =
        readCsv auto "k\n\"a,b\"\n\"say \"\"no\"\"\"\n\"two\nlines\"\n Ärger \nB\na\nB\n日本\n"

    Assert.Equal<string list>([ "a,b"; "say \"no\""; "two\nlines"; "Ärger"; "B"; "a"; "B"; "日本" ], texts 0 data)

    Assert.Equal<string list>(
        [ "B"; "a"; "a,b"; "say \"no\""; "two\nlines"; "Ärger"; "日本" ],
        List.ofSeq (data.Levels 0)
    )

/// Catches a column of names that fills the memory, or is refused without the cell at fault.
[<Fact>]
let ``too many texts are no levels`` () =
    let text = StringBuilder "id,name\n"

    for i in 1..100000 do
        text.Append($"{i},n{i}\n") |> ignore

    (fun () -> readCsv auto (text.ToString()))
    |> rejects
        [
            "column 'name'"
            "more than 1000 different texts"
            "label column"
            "row 1 (line 2): 'n1'"
        ]

    let numbers =
        String.concat "\n" [ for i in 1..5000 -> if i = 4321 then "oops" else string i ]

    (fun () -> readCsv auto $"v\n{numbers}\n")
    |> rejects [ "more than 1000"; "row 4321 (line 4322): 'oops'" ]

    // as many as there may be
    let most = String.concat "\n" [ for i in 1..1000 -> $"n{i}" ]
    Assert.Equal(1000, (readCsv auto $"v\n{most}\n{most}\n").Levels(0).Count)

/// Catches a blank in a column of text that becomes a level, or is kept though nobody asked.
[<Fact>]
let ``a blank among texts is missing`` () =
    let text = "k,x\nb,1\n,2\nNA,3\na,\n"

    (fun () -> readCsv auto text)
    |> rejects [ "row 2 (line 3)"; "'k'"; "empty"; "MissingCells.Keep" ]

    (fun () -> readCsv auto "k,x\nb,1\nnone,2\n")
    |> rejects [ "row 2 (line 3)"; "'none' stands for a missing value" ]

    let data = readCsv (keep auto) text
    Assert.Equal<string list>([ "b"; "."; "."; "a" ], texts 0 data)
    Assert.Equal<int[]>([| 2; 1 |], Array.init 2 data.MissingCount)
    Assert.Equal<string list>([ "a"; "b" ], List.ofSeq (data.Levels 0))
    // a gap above the first text, too
    Assert.Equal<string list>([ "."; "b" ], texts 0 (readCsv (keep auto) "k,x\n,1\nb,2\n"))

/// Catches numbers with a decimal comma, infinities and empty files that become levels.
[<Fact>]
let ``what is no text is no level`` () =
    (fun () -> readCsv auto "a;b\n1,5;2\n2,5;3\n")
    |> rejects [ "'1,5' is not a number"; "decimal point" ]

    // unless the column is asked for
    Assert.Equal<string list>([ "1,5"; "2,5" ], texts 0 (readCsv (column "a") "a;b\n1,5;2\n2,5;3\n"))
    (fun () -> readCsv auto "a\n1e999\n") |> rejects [ "not a finite number" ]
    (fun () -> readCsv auto "a,b\n") |> rejects [ "header but no rows" ]
    (fun () -> readCsv auto "") |> rejects [ "empty" ]

    (fun () -> readCsv (auto.WithWeightsColumn "w") "a,w\nx,y\n")
    |> rejects [ "'w'"; "'y' is not a number" ]

/// Catches a first row of data that is swallowed as the names of the columns.
[<Fact>]
let ``a first row that may be data is refused`` () =
    let bare = "A,1\nB,2\nA,3\n"

    (fun () -> readCsv auto bare)
    |> rejects [ "row 2 (line 3)"; "'A'"; "--no-header" ]

    Assert.Equal<string list>([ "A"; "B"; "A" ], texts 0 (readCsv (auto.WithHeader false) bare))
    Assert.Equal<string list>([ "B"; "A" ], texts 0 (readCsv (auto.WithHeader true) bare))

/// Catches known levels that are sorted anew, and other texts that are let in.
[<Fact>]
let ``known levels keep their codes`` () =
    let known =
        CsvOptions.defaults.WithKnownLevels("blood", [ "O"; "B"; "AB"; "A"; "none" ])

    let data = readCsv known blood
    Assert.Equal<string list>([ "O"; "B"; "AB"; "A"; "none" ], List.ofSeq (data.Levels 1))
    Assert.Equal<float>([| 0.0; 3.0; 2.0; 0.0; 1.0 |], data.Column 1)
    // a level of that name is no missing value
    Assert.Equal<string list>([ "none" ], texts 1 (readCsv known "x,blood\n1,none\n"))

    (fun () -> readCsv known "x,blood\n1,A\n2,C\n")
    |> rejects [ "row 2 (line 3)"; "'blood'"; "'C'"; "O, B, AB, A" ]

    (fun () -> readCsv known "x,blood\n1,2\n") |> rejects [ "the level '2'" ]
    (fun () -> readCsv known "x,blood\n1,\n") |> rejects [ "empty" ]

    Assert.Throws<ArgumentException>(fun () -> CsvOptions.defaults.WithKnownLevels("a", [ "x"; "x" ]) |> ignore)
    |> ignore

    Assert.Throws<ArgumentException>(fun () -> CsvOptions.defaults.WithKnownLevels("a", []) |> ignore)
    |> ignore

/// Catches levels that are lost, or left with the wrong column, when the data are changed.
[<Fact>]
let ``levels follow every change of the data`` () =
    let data = readCsv auto blood
    let names = [ "A"; "AB"; "B"; "O" ]
    let swapped = data.Select [| "blood"; "x" |]
    Assert.Equal<string list[]>([| names; [] |], levels swapped)
    Assert.False((data.SelectAt [| 0 |]).HasLevels)
    Assert.Equal<string list>([ "O"; "B"; "O" ], texts 0 (swapped.Take [| 0; 4; 0 |]))
    Assert.Equal<string list>(names, List.ofSeq ((data.Take [| 1 |]).Levels 1))
    Assert.Equal<string list[]>([| []; names |], levels (data.WithWeights(Array.create 5 2.0)))
    Assert.Equal<string list[]>([| []; names |], levels (data.WithColumnNames [| "p"; "q" |]))
    Assert.Equal<string list[]>([| []; names |], levels (data.WithLabels [| "a"; "b"; "c"; "d"; "e" |]))
    (fun () -> data.Scale 2.0) |> rejects [ "'blood'"; "levels" ]
    (fun () -> data.Binarise 2.0) |> rejects [ "'blood'"; "levels" ]

    let source: IRowSource = data
    let rows, _ = drain 32 source
    Assert.Equal<float[]>([| 1.5; 3.0 |], rows[0])

/// Catches codes that are matched by number instead of by name, or change what other columns share.
[<Fact>]
let ``levels are matched by name`` () =
    let data = readCsv auto blood
    let twice = data.SelectAt [| 1; 0; 1 |]
    let other = twice.MatchLevels(0, [| "O"; "x"; "B"; "A"; "AB" |])
    Assert.Equal<string list>(texts 1 data, texts 0 other)
    Assert.Equal<float>([| 0.0; 3.0; 4.0; 0.0; 2.0 |], other.Column 0)
    Assert.Equal<float>(data.Column 1, other.Column 2)
    Assert.Equal<float[]>([| 0.0; 1.5; 3.0 |], other.Row 0)
    Assert.Equal<float[][]>(rowsOf other, drain 32 other |> fst)
    // a level that no row has may be lacking
    Assert.Equal<string list>([ "A" ], texts 0 ((data.SelectAt [| 1 |]).Take([| 1 |]).MatchLevels(0, [| "A" |])))

    (fun () -> data.MatchLevels(1, [| "A"; "B"; "O" |]))
    |> rejects [ "Row 3, column 'blood'"; "'AB'"; "A, B, O" ]

    (fun () -> data.MatchLevels(0, [| "A" |])) |> rejects [ "'x'"; "numbers" ]

/// Catches names for numbers that are no codes, and arrays of text that give other levels than a file.
[<Fact>]
let ``arrays have levels as well`` () =
    let codes = Dataset.FromRows([ [| 0.0; 1.0 |]; [| 1.0; 0.5 |] ], [| "k"; "x" |])
    let named = codes |> Dataset.withLevels 0 [| "no"; "yes"; "unknown" |]
    Assert.Equal<string list>([ "no"; "yes" ], texts 0 named)
    Assert.Equal(3, named.Levels(0).Count)

    (fun () -> codes.WithLevels(1, [| "a"; "b" |]))
    |> rejects [ "Row 2, column 'x'"; "0.5" ]

    (fun () -> codes.WithLevels(0, [| "a" |]))
    |> rejects [ "Row 2, column 'k'"; "is 1" ]

    let wide = codes |> Dataset.withTexts "blood" [ "O"; "A" ]
    Assert.Equal<string list[]>([| []; []; [ "A"; "O" ] |], levels wide)
    Assert.Equal<float[][]>([| [| 0.0; 1.0; 1.0 |]; [| 1.0; 0.5; 0.0 |] |], rowsOf wide)
    Assert.Equal<float[][]>(rowsOf wide, drain 32 wide |> fst)
    let both = wide |> Dataset.withTexts "sex" [ "f"; "" ]
    Assert.Equal<string list>([ "f"; "." ], texts 3 both)
    Assert.Equal<int[]>([| 0; 0; 0; 1 |], Array.init 4 both.MissingCount)
    Assert.Equal<float>([| 1.0; 0.0 |], (both.Select [| "sex"; "blood"; "x" |]).Column 1)

    (fun () -> codes |> Dataset.withTexts "k" [ "a"; "b" ])
    |> rejects [ "named 'k'" ]

    (fun () -> codes |> Dataset.withTexts "t" [ "a" ])
    |> rejects [ "1 text for 2 rows" ]

    let alone = Dataset.ofTexts "t" [ "b"; "a"; " b " ]
    Assert.Equal<string list>([ "b"; "a"; "b" ], texts 0 alone)
    (fun () -> Dataset.ofTexts "t" [ ""; " " ]) |> rejects [ "not blank" ]

/// Catches a stream of rows that would lose the levels' names.
[<Fact>]
let ``a stream has no levels`` () =
    withCsv blood (fun path ->
        Assert.Throws<ArgumentException>(fun () -> RowSource.ofCsv path auto |> ignore)
        |> ignore)
