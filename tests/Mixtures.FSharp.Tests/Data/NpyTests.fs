module Mixtures.Tests.NpyTests

open System
open System.IO
open System.Text
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

// an NPY file, as NumPy writes it: magic, version, length of the header, header padded to a multiple of 64, numbers
let private npyWith (version: int) (header: string) (numbers: byte[]) =
    let sizeBytes = if version = 1 then 2 else 4
    let unpadded = 8 + sizeBytes + header.Length + 1
    let header = header + String(' ', (64 - unpadded % 64) % 64) + "\n"
    use stream = new MemoryStream()
    use writer = new BinaryWriter(stream)
    writer.Write [| 0x93uy; yield! "NUMPY"B; byte version; 0uy |]

    if version = 1 then
        writer.Write(uint16 header.Length)
    else
        writer.Write(uint32 header.Length)

    writer.Write(Encoding.UTF8.GetBytes header)
    writer.Write numbers
    writer.Flush()
    stream.ToArray()

let private headerOf dtype fortran shape =
    let order = if fortran then "True" else "False"
    $"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': ({shape}), }}"

let private encode dtype (values: float[]) =
    match dtype with
    | "<f8" -> values |> Array.collect BitConverter.GetBytes
    | "<f4" -> values |> Array.collect (float32 >> BitConverter.GetBytes)
    | _ -> values |> Array.map byte

let private npy version dtype fortran rows columns (value: int -> int -> float) =
    let values =
        if fortran then
            Array.init (rows * columns) (fun i -> value (i % rows) (i / rows))
        else
            Array.init (rows * columns) (fun i -> value (i / columns) (i % columns))

    npyWith version (headerOf dtype fortran $"{rows}, {columns}") (encode dtype values)

let private readNpy bytes =
    withBytes ".npy" bytes (fun path -> Dataset.ofNpy path)

/// Catches any mix-up of number type, order and version; tables span several chunks.
[<Theory>]
[<InlineData("<f8", false, 1)>]
[<InlineData("<f8", true, 1)>]
[<InlineData("<f4", false, 1)>]
[<InlineData("<f4", true, 2)>]
[<InlineData("|u1", false, 3)>]
[<InlineData("|u1", true, 1)>]
[<InlineData("<f8", false, 2)>]
let ``every type and order is read`` dtype fortran version =
    for rows, columns in [ 5, 3; 1, 4; 90000, 5; 2, 300000; 1500000, 1 ] do
        let value r c = float ((r * 31 + c * 7) % 256)
        let data = readNpy (npy version dtype fortran rows columns value)
        Assert.Equal((rows, columns), (data.Count, data.Dimension))
        Assert.False data.HasColumnNames
        Assert.Equal("x1", data.ColumnNames[0])

        for c in [ 0; columns / 2; columns - 1 ] do
            Assert.Equal<float>(Array.init rows (fun r -> value r c), data.Column c)

        Assert.Equal<float>(Array.init columns (value (rows / 2)), data.Row(rows / 2))

/// Catches a column of numbers taken for a single row.
[<Fact>]
let ``one dimension is one column`` () =
    let data =
        readNpy (npyWith 1 (headerOf "<f8" false "4,") (encode "<f8" [| 1.0; 2.0; 3.0; 4.0 |]))

    Assert.Equal((4, 1), (data.Count, data.Dimension))
    Assert.Equal<float>([| 1.0; 2.0; 3.0; 4.0 |], data.Column 0)

/// Catches bytes and float32 that are kept as float64, which takes eight times and twice the memory.
[<Fact>]
let ``bytes stay bytes`` () =
    let bytes = npy 1 "|u1" false 4096 4096 (fun r c -> float ((r + c) % 256))

    withBytes ".npy" bytes (fun path ->
        let before = GC.GetAllocatedBytesForCurrentThread()
        let data = Dataset.ofNpy path
        let tile = Tile(4096, 32)
        data.Fill(0, tile)
        let allocated = GC.GetAllocatedBytesForCurrentThread() - before
        Assert.True(allocated < 24_000_000L, $"{allocated} bytes for {bytes.Length}"))

/// Catches files that cannot be read but are, and messages that do not say why.
[<Fact>]
let ``bad files are refused`` () =
    let good = npy 1 "<f8" false 10 3 (fun r c -> float (r + c))

    let refuse parts bytes =
        (fun () -> readNpy bytes) |> rejects parts

    refuse [ "not an NPY file" ] "a,b\n1,2\n3,4\n"B
    refuse [ "not an NPY file" ] [||]
    refuse [ "cut short" ] good[..7]
    refuse [ "cut short" ] good[..40]
    refuse [ "cut short"; $"{good.Length} bytes"; $"{good.Length - 1}" ] good[.. good.Length - 2]
    refuse [ "version 4"; "1, 2 or 3" ] (npyWith 4 (headerOf "<f8" false "1, 1") (encode "<f8" [| 1.0 |]))

    for dtype in [ ">f8"; "<i8"; "<f2"; "|b1"; "<c16"; "|O"; "<U3" ] do
        refuse [ $"'{dtype}'"; "'<f8', '<f4' or '|u1'" ] (npyWith 1 (headerOf dtype false "1, 1") (Array.zeroCreate 16))

    let refuseShape parts shape =
        refuse parts (npyWith 1 (headerOf "<f8" false shape) (Array.zeroCreate 64))

    refuseShape [ "3 dimensions"; "2, 2, 2" ] "2, 2, 2"
    refuseShape [ "0 dimensions" ] ""
    refuseShape [ "empty"; "0, 3" ] "0, 3"
    refuseShape [ "empty"; "3, 0" ] "3, 0"
    refuseShape [ "too large" ] "99999999999, 1"
    refuseShape [ "cut short" ] "2000000000, 2000000000"
    refuseShape [ "not understood" ] "two, 3"

    let fields = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }"
    refuse [ "plain array" ] (npyWith 1 fields (encode "<f8" [| 1.0 |]))

/// Catches NaN and infinities that get into a fit, and rows or columns that are named wrongly in either order.
[<Theory>]
[<InlineData("<f8", false)>]
[<InlineData("<f8", true)>]
[<InlineData("<f4", false)>]
[<InlineData("<f4", true)>]
let ``numbers that are not finite are refused by row and column`` dtype fortran =
    for bad in [ nan; infinity; -infinity ] do
        (fun () -> readNpy (npy 1 dtype fortran 100000 3 (fun r c -> if r = 98765 && c = 1 then bad else 1.0)))
        |> rejects [ "row 98766, column 2"; string bad; "not a finite number" ]

/// Catches a reader that is chosen wrongly by the file's name, and options that do nothing for NPY files.
[<Fact>]
let ``a file is read by its extension`` () =
    let bytes = npy 1 "<f8" false 3 3 (fun r c -> float (10 * r + c))

    withBytes ".NPY" bytes (fun path ->
        Assert.Equal<float>([| 10.0; 11.0; 12.0 |], (Dataset.FromFile path).Row 1)

        let options =
            { CsvOptions.defaults with
                Columns = Some [ "3" ]
                WeightsColumn = Some "2"
                LabelColumn = Some "1"
            }

        let data = Dataset.ofFile path options
        Assert.Equal<float[][]>([| [| 2.0 |]; [| 12.0 |]; [| 22.0 |] |], rowsOf data)
        Assert.Equal<float>([| 1.0; 11.0; 21.0 |], data.Weights.ToArray())
        Assert.Equal<string>([ "0"; "10"; "20" ], (Option.get (Dataset.labels data)).Names)

        (fun () ->
            Dataset.ofFile
                path
                { options with
                    WeightsColumn = Some "w"
                })
        |> rejects [ "no column 'w'"; "from 1 to 3" ])

    withCsv "a\n1\n" (fun path -> Assert.Equal("a", (Dataset.FromFile path).ColumnNames[0]))

/// Catches NaN that is refused though asked for, infinity that is let through with it, and a choice that options lose.
[<Theory>]
[<InlineData("<f8", false)>]
[<InlineData("<f8", true)>]
[<InlineData("<f4", false)>]
[<InlineData("<f4", true)>]
let ``missing cells are kept where asked`` dtype fortran =
    let keep = CsvOptions.defaults.WithMissing MissingCells.Keep

    let file worst =
        npy 1 dtype fortran 3 2 (fun r c ->
            if r = 1 && c = 1 then nan
            elif r = 2 && c = 0 then worst
            else 1.0)

    withBytes ".npy" (file 2.0) (fun path ->
        for data in [ Dataset.FromNpy(path, MissingCells.Keep); Dataset.FromFile(path, keep) ] do
            Assert.Equal<int[]>([| 0; 1 |], Array.init 2 data.MissingCount)
            let row = data.Row 1
            Assert.Equal((1.0, true), (row[0], Double.IsNaN row[1]))

        (fun () -> Dataset.ofNpy path)
        |> rejects [ "row 2, column 2"; "NaN"; "--missing marginalise" ])

    withBytes ".npy" (file infinity) (fun path ->
        (fun () -> Dataset.FromFile(path, keep))
        |> rejects [ "row 3, column 1"; "Infinity" ])
