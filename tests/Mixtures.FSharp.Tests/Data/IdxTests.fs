module Mixtures.Tests.IdxTests

open System
open System.IO
open System.IO.Compression
open Xunit
open Mixtures

let private inFolder (body: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("idx").FullName

    try
        body folder
    finally
        Directory.Delete(folder, true)

let private header (axes: int list) =
    [|
        yield! [ 0uy; 0uy; 8uy; byte axes.Length ]

        for n in axes do
            yield! [ byte (n >>> 24); byte (n >>> 16); byte (n >>> 8); byte n ]
    |]

[<Fact>]
let ``Images and labels are read as MNIST writes them, plain and gzip`` () =
    inFolder (fun folder ->
        let pixels = Array.init 12 (fun i -> byte (20 * i))
        let bytes = Array.append (header [ 3; 2; 2 ]) pixels
        let plain = Path.Combine(folder, "t10k-images-idx3-ubyte")
        File.WriteAllBytes(plain, bytes)
        let zipped = plain + ".gz"

        (use zip = new GZipStream(File.Create zipped, CompressionLevel.Fastest)
         zip.Write(bytes))

        let labels = Path.Combine(folder, "t10k-labels-idx1-ubyte")
        File.WriteAllBytes(labels, Array.append (header [ 3 ]) [| 7uy; 2uy; 7uy |])

        for path in [ plain; zipped ] do
            let data = Dataset.ofIdxWithLabels path labels
            Assert.Equal(3, data.Count)
            Assert.Equal(4, data.Dimension)
            Assert.Equal<float[]>([| 80.0; 100.0; 120.0; 140.0 |], data.Row 1)
            let labels = (Dataset.labels data).Value
            Assert.Equal<string seq>([ "7"; "2" ], labels.Names)
            // by its name, as the command line reads it
            Assert.Equal(3, (Dataset.ofFile path CsvOptions.defaults).Count)

        let binary = Dataset.ofIdx plain |> Dataset.binarise 100.0
        Assert.Equal<float[]>([| 0.0; 1.0; 1.0; 1.0 |], binary.Row 1)
        let scaled = Dataset.ofIdx plain |> Dataset.scale 0.5
        Assert.Equal<float[]>([| 40.0; 50.0; 60.0; 70.0 |], scaled.Row 1))

[<Fact>]
let ``What is written is read again`` () =
    inFolder (fun folder ->
        for name in [ "a-ubyte"; "a-ubyte.gz" ] do
            let path = Path.Combine(folder, name)
            let values = Array.init 24 byte
            IdxFile.write path [| 2; 3; 4 |] values
            let struct (shape, read) = IdxFile.read path
            Assert.Equal<int[]>([| 2; 3; 4 |], shape)
            Assert.Equal<byte[]>(values, read))

[<Fact>]
let ``Damaged files are refused with what is wrong`` () =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "x-ubyte")

        let refused (expected: string) (bytes: byte[]) =
            File.WriteAllBytes(path, bytes)
            let error = Assert.Throws<DataException>(fun () -> Dataset.ofIdx path |> ignore)
            Assert.Contains(expected, error.Message)
            Assert.Contains("x-ubyte", error.Message)

        let good = Array.append (header [ 3; 2; 2 ]) (Array.zeroCreate 12)
        refused "cut short: it should have 28 bytes, but has 27" good[..26]
        refused "cut short: it should have 16 bytes, but has 9" good[..8]
        refused "cut short" [| 0uy |]
        refused "not an IDX file: it starts with the bytes 80 75 3 4" [| 80uy; 75uy; 3uy; 4uy; 0uy |]
        refused "type 13" (Array.append [| 0uy; 0uy; 13uy; 1uy |] good[4..])
        refused "more bytes than its shape 3 x 2 x 2" (Array.append good [| 1uy |])
        refused "no numbers: its shape is 0" (header [ 0 ])
        refused "claims 2000000000 x 2000000000 numbers" (header [ 2000000000; 2000000000 ])
        // sizes have no sign, and their product more than 64 bits
        refused "claims 4294967295 x 2 numbers" (header [ -1; 2 ])
        refused "claims 65536 x 65536 x 65536 x 65536 numbers" (header [ 65536; 65536; 65536; 65536 ])
        refused "cut short" [| 0x1fuy; 0x8buy; 8uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 3uy |]
        let missing = Path.Combine(folder, "none-ubyte")
        let error = Assert.Throws<DataException>(fun () -> Dataset.ofIdx missing |> ignore)
        Assert.Contains("There is no file", error.Message))

[<Fact>]
let ``Labels of other images are refused`` () =
    inFolder (fun folder ->
        let images = Path.Combine(folder, "i-ubyte")
        let labels = Path.Combine(folder, "l-ubyte")
        IdxFile.write images [| 3; 2; 2 |] (Array.zeroCreate 12)
        IdxFile.write labels [| 2 |] (Array.zeroCreate 2)

        let error =
            Assert.Throws<DataException>(fun () -> Dataset.ofIdxWithLabels images labels |> ignore)

        Assert.Contains("2 labels for 3 images", error.Message))
