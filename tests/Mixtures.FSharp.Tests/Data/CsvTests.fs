module Mixtures.Tests.CsvTests

open System
open System.Globalization
open System.IO
open System.Text
open System.Threading
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures
open Mixtures.Tests.DataHelpers

let private check property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 300, property)

let private read text = readCsv CsvOptions.defaults text
let private names (data: Dataset) = List.ofSeq data.ColumnNames

/// Catches a reader that does not read the data sets that everybody starts from.
[<Fact>]
let ``faithful and iris are read`` () =
    let faithful = Dataset.ofCsv "data/faithful.csv"
    Assert.Equal(272, faithful.Count)
    Assert.Equal<string list>([ "eruptions"; "waiting" ], names faithful)
    Assert.Equal<float[]>([| 3.6; 79.0 |], faithful.Row 0)

    let iris =
        Dataset.ofCsvWith
            { CsvOptions.defaults with
                LabelColumn = Some "Species"
            }
            "data/iris.csv"

    Assert.Equal((150, 4), (iris.Count, iris.Dimension))
    let labels = Option.get (Dataset.labels iris)
    Assert.Equal<string>([ "setosa"; "versicolor"; "virginica" ], labels.Names)
    Assert.Equal<int>(Array.init 150 (fun i -> i / 50), labels.Codes.ToArray())

/// Catches text columns that are swallowed, or refused without saying what to do.
[<Fact>]
let ``a text column is refused with the remedy`` () =
    (fun () -> Dataset.ofCsv "data/iris.csv")
    |> rejects
        [
            "iris.csv"
            "row 1 (line 2)"
            "'Species'"
            "'setosa'"
            "--columns Sepal.Length,Sepal.Width,Petal.Length,Petal.Width"
            "label column"
        ]

/// Catches numbers that depend on the machine's culture, such as 1.5 read as 15.
[<Fact>]
let ``numbers are read the same under a culture with decimal commas`` () =
    let before = CultureInfo.CurrentCulture
    let culture = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
    culture.NumberFormat.NumberDecimalSeparator <- ","
    culture.NumberFormat.NumberGroupSeparator <- "."
    culture.TextInfo.ListSeparator <- ";"
    CultureInfo.CurrentCulture <- culture

    try
        Assert.Equal<float[]>([| 1.5; -2e-3 |], (read "a,b\n1.5,-2e-3\n").Row 0)

        (fun () -> (read "1\n").WithWeights [| -1.5 |]) |> rejects [ "-1.5" ]

        (fun () -> read "a;b\n1,5;2\n")
        |> rejects [ "'1,5' is not a number"; "decimal point" ]
    finally
        CultureInfo.CurrentCulture <- before

/// Catches delimiters that are detected wrongly, quoting that is not undone, and line ends or marks taken for data.
[<Theory>]
[<InlineData("a,b\n1,2\n3,4\n")>]
[<InlineData("a;b\n1;2\n3;4")>]
[<InlineData("a\tb\r\n1\t2\r\n3\t4\r\n")>]
[<InlineData("\uFEFFa,b\n1,2\n3,4\n")>]
[<InlineData("\"a\",\"b\"\n\"1\",\"2\"\n3,\"4\"\n")>]
[<InlineData("\n\na,b\n\n1,2\n   \n3,4\n\n\n")>]
[<InlineData(" a , b \n 1 , 2 \n 3,4 ")>]
[<InlineData("a,b\r1,2\r3,4\r")>]
let ``the same table in many spellings`` text =
    let data = read text
    Assert.Equal<string list>([ "a"; "b" ], names data)
    Assert.True data.HasColumnNames
    Assert.Equal<float[][]>([| [| 1.0; 2.0 |]; [| 3.0; 4.0 |] |], rowsOf data)

/// Catches delimiters and line breaks inside quotes that are taken for ends of cells.
[<Fact>]
let ``quoted cells may hold delimiters, quotes and line breaks`` () =
    let data =
        readCsv
            { CsvOptions.defaults with
                LabelColumn = Some "kind, \"of\nflower\""
            }
            "\"x,1\",\"kind, \"\"of\nflower\"\"\"\n1,\"a\nb\"\n2,\"c,d\"\n3,\n"

    Assert.Equal<string list>([ "x,1" ], names data)
    let labels = Option.get (Dataset.labels data)
    Assert.Equal<string>([ "a\nb"; "c,d" ], labels.Names)
    Assert.Equal<int>([| 0; 1; -1 |], labels.Codes.ToArray())

/// Catches line numbers that forget blank lines, the header and line breaks in quotes.
[<Fact>]
let ``messages give the line in the file`` () =
    (fun () ->
        readCsv
            { CsvOptions.defaults with
                LabelColumn = Some "t"
            }
            "x,t\n\n1,\"a\nb\"\n\nbad,c\n")
    |> rejects [ "row 2 (line 6)"; "column 'x'"; "'bad'" ]

/// Catches a chosen delimiter that is overruled by detection.
[<Fact>]
let ``a given delimiter is used`` () =
    let data =
        readCsv
            { CsvOptions.defaults with
                Delimiter = Some '|'
            }
            "a|b\n1|2\n"

    Assert.Equal<float[]>([| 1.0; 2.0 |], data.Row 0)

    for delimiter in [ '"'; '\n'; 'é'; '.'; '1' ] do
        Assert.Throws<ArgumentException>(fun () ->
            readCsv
                { CsvOptions.defaults with
                    Delimiter = Some delimiter
                }
                "a\n1\n"
            |> ignore)
        |> ignore

/// Catches a first row of data taken for names, and names taken for data.
[<Fact>]
let ``a header is a first row with a cell that is not a number`` () =
    let plain = read "1,2\n3,4\n"
    Assert.False plain.HasColumnNames
    Assert.Equal<string list>([ "x1"; "x2" ], names plain)
    Assert.Equal(2, plain.Count)
    let years = read "id,2019\n3,4\n"
    Assert.Equal<string list>([ "id"; "2019" ], names years)

    let present =
        { CsvOptions.defaults with
            Header = CsvHeader.Present
        }

    Assert.Equal<string list>([ "1"; "2" ], names (readCsv present "1,2\n3,4\n"))

    (fun () ->
        readCsv
            { CsvOptions.defaults with
                Header = CsvHeader.Absent
            }
            "a,b\n3,4\n")
    |> rejects [ "row 1 (line 1)"; "column 1"; "'a' is not a number" ]

/// Catches a first record with missing values that is swallowed as a header.
[<Fact>]
let ``a first row of numbers with gaps is data`` () =
    (fun () -> read "1.5,,3\n4,5,6\n")
    |> rejects [ "row 1 (line 1)"; "column 2"; "empty"; "header" ]

    Assert.Equal<string list>([ "x1"; "u" ], names (read ",u\n1,2\n"))

/// Catches columns in the wrong order, and names or positions that are not found.
[<Fact>]
let ``columns are chosen by name or by position`` () =
    let text = "a,b,t,w\n1,2,p,0.5\n3,4,q,1.5\n"

    let choose columns =
        { CsvOptions.defaults with
            Columns = Some columns
        }

    Assert.Equal<float[]>([| 2.0; 1.0 |], (readCsv (choose [ "b"; "a" ]) text).Row 0)
    Assert.Equal<string list>([ "b"; "w" ], names (readCsv (choose [ "2"; "4" ]) text))

    (fun () -> readCsv (choose [ "z" ]) text)
    |> rejects [ "no column 'z'"; "a, b, t, w" ]

    (fun () ->
        readCsv
            { choose [ "z" ] with
                Header = CsvHeader.Absent
            }
            "1,2\n")
    |> rejects [ "no column 'z'"; "no header"; "from 1 to 2" ]

    (fun () -> readCsv (choose [ "9" ]) text) |> rejects [ "no column '9'" ]
    (fun () -> readCsv (choose []) text) |> rejects [ "at least one column" ]
    (fun () -> readCsv (choose [ "a"; "1" ]) text) |> rejects [ "'a'"; "twice" ]

    (fun () -> readCsv (choose [ "a" ]) "a,a\n1,2\n")
    |> rejects [ "2 columns named 'a'"; "position" ]

    (fun () -> read "a,a\n1,2\n") |> rejects [ "two columns named 'a'" ]

/// Catches weights or labels that are read as data, or not at all.
[<Fact>]
let ``weights and labels are taken out of the data`` () =
    let options =
        { CsvOptions.defaults with
            WeightsColumn = Some "w"
            LabelColumn = Some "t"
        }

    let data = readCsv options "a,w,t\n1,0.5,p\n2,0,q\n3,1.5,p\n"
    Assert.Equal<string list>([ "a" ], names data)
    Assert.Equal<float>([| 0.5; 0.0; 1.5 |], data.Weights.ToArray())
    Assert.Equal(2.0, data.TotalWeight)
    Assert.Equal(4.0 / 2.5, data.EffectiveRows, 12)

    match data.Labels with
    | null -> Assert.Fail "no labels"
    | labels -> Assert.Equal<int>([| 0; 1; 0 |], labels.Codes.ToArray())

    (fun () -> readCsv options "a,w,t\n1,-1,p\n")
    |> rejects [ "row 1 (line 2)"; "'w'"; "-1"; "negative" ]

    (fun () -> readCsv options "a,w,t\n1,x,p\n")
    |> rejects [ "row 1 (line 2)"; "'w'"; "'x'" ]

    (fun () -> readCsv options "a,w,t\n1,0,p\n") |> rejects [ "weights are zero" ]
    (fun () -> readCsv options "w,t\n1,p\n") |> rejects [ "no column of data" ]

    (fun () ->
        readCsv
            { options with
                Columns = Some [ "a"; "w" ]
            }
            "a,w,t\n1,1,p\n")
    |> rejects [ "'w'"; "weights" ]

/// Catches cells that are not numbers but pass, or whose message does not say what and where.
[<Theory>]
[<InlineData("a,b\n1,2\n3,\n", "row 2 (line 3)|column 'b'|empty")>]
[<InlineData("a,b\n1,2\n3,\"\"\n", "row 2 (line 3)|column 'b'|empty")>]
[<InlineData("a,b\n1,2\n3,NA\n", "row 2 (line 3)|column 'b'|'NA' is not a number|remove the row")>]
[<InlineData("a,b\n1,NaN\n", "row 1 (line 2)|column 'b'|'NaN' is not a finite number")>]
[<InlineData("a,b\n1,-Infinity\n", "column 'b'|'-Infinity' is not a finite number")>]
[<InlineData("a,b\n1,1e999\n", "column 'b'|'1e999' is not a finite number")>]
[<InlineData("a,b\n1,2\n1,0x10\n", "column 'b'|'0x10' is not a number")>]
[<InlineData("a;b\n1;2,000\n", "column 'b'|'2,000' is not a number|decimal point")>]
[<InlineData("a,b\n1,2\n\"1,234\",5\n", "column 'a'|'1,234' is not a number")>]
[<InlineData("a,b\n1,2\n3\n", "row 2 (line 3)|1 cell,|header has 2")>]
[<InlineData("1,2\n3,4,5\n", "row 2 (line 2)|3 cells|first row has 2")>]
[<InlineData("a,b\n1,\"2\n3,4\n", "line 2|never closed")>]
[<InlineData("", "empty")>]
[<InlineData("\n\n", "empty")>]
[<InlineData("a,b\n", "header but no rows")>]
let ``bad tables are refused`` text (parts: string) =
    (fun () -> read text) |> rejects (List.ofArray (parts.Split '|'))

/// Catches file system errors that reach people raw.
[<Fact>]
let ``missing files and directories are refused`` () =
    (fun () -> Dataset.ofCsv "no/such/file.csv")
    |> rejects [ "no file 'no/such/file.csv'" ]

    (fun () -> Dataset.ofCsv "nosuchfile.csv")
    |> rejects [ "no file 'nosuchfile.csv'" ]

    (fun () -> Dataset.ofCsv "data") |> rejects [ "'data' is a directory" ]

/// Catches digits lost in parsing, and rows lost between tiles and buffers.
[<Fact>]
let ``what is written is read back to the same bits`` () =
    let finite =
        ArbMap.defaults
        |> ArbMap.generate<float>
        |> Gen.map (fun x -> if Double.IsFinite x then x else 0.5)

    let table =
        gen {
            let! columns = Gen.choose (1, 4)
            let! rows = Gen.choose (1, 200)
            return! Gen.arrayOfLength rows (Gen.arrayOfLength columns finite)
        }

    let separators = [| ","; ";"; "\t" |]

    let holds (rows: float[][]) =
        let separator = separators[rows.Length % 3]
        let text = StringBuilder()

        let line (cells: seq<string>) =
            text.Append(String.Join(separator, cells)).Append '\n' |> ignore

        line (Seq.init rows[0].Length (fun c -> $"c{c}"))

        for row in rows do
            line (row |> Seq.map (fun x -> x.ToString("R", CultureInfo.InvariantCulture)))

        let bits = Array.map (Array.map BitConverter.DoubleToInt64Bits)
        bits (rowsOf (read (text.ToString()))) = bits rows

    check (Prop.forAll (Arb.fromGen table) holds)

/// Catches the streaming reader and the whole reader parting ways.
[<Fact>]
let ``a cursor over a file gives what the dataset holds`` () =
    let text = StringBuilder "a,b,w,t\n"

    for i in 1..1000 do
        text.Append($"{i},{i * i},{i % 7 + 1},t{i % 3}\n") |> ignore

    let options =
        { CsvOptions.defaults with
            WeightsColumn = Some "w"
            LabelColumn = Some "t"
        }

    withCsv (text.ToString()) (fun path ->
        let source = RowSource.ofCsv path options
        Assert.Equal<string>([ "a"; "b" ], source.ColumnNames)
        Assert.True source.HasWeights
        Assert.False source.Count.HasValue
        let data = Dataset.FromCsv(path, options)

        for capacity in [ 32; 96; 1024 ] do
            let rows, weights = drain capacity source
            Assert.Equal<float[][]>(rowsOf data, rows)
            Assert.Equal<float>(data.Weights.ToArray(), weights)

        let whole = Dataset.ofSource source
        Assert.Equal<float[][]>(rowsOf data, rowsOf whole)
        Assert.Equal<float>(data.Weights.ToArray(), whole.Weights.ToArray())
        Assert.Equal<string>(data.ColumnNames, whole.ColumnNames)
        let labels = Option.get (Dataset.labels whole)
        Assert.Equal<string>([ "t1"; "t2"; "t0" ], labels.Names)
        Assert.Equal<int>(Array.init 1000 (fun i -> i % 3), labels.Codes.ToArray()))

/// Catches options that lose a setting on their way from C#.
[<Fact>]
let ``options are changed one at a time`` () =
    let options =
        CsvOptions.Default
            .WithHeader(true)
            .WithDelimiter(';')
            .WithColumns("a", "b")
            .WithWeightsColumn("w")
            .WithLabelColumn("t")
            .WithMissing(MissingCells.Keep)
            .WithLevels("u", "3")

    let expected =
        {
            Header = CsvHeader.Present
            Delimiter = Some ';'
            Columns = Some [ "a"; "b" ]
            WeightsColumn = Some "w"
            LabelColumn = Some "t"
            Missing = MissingCells.Keep
            Levels = CsvLevels.Columns [ "u"; "3" ]
        }

    Assert.Equal(expected, options)
    Assert.Equal(CsvLevels.Auto, options.WithTextAsLevels().Levels)

    Assert.Equal(
        CsvLevels.Known [ "v", [ "q" ]; "u", [ "b"; "a" ] ],
        options.WithKnownLevels("u", [ "x" ]).WithKnownLevels("v", [ "q" ]).WithKnownLevels("u", [ "b"; "a" ]).Levels
    )
