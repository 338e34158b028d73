namespace Mixtures

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression

/// Reads and writes IDX files of unsigned bytes, plain or gzip, as the MNIST database has them: two zero bytes, the type
/// (8 for unsigned bytes), the number of axes, their sizes as big-endian 32-bit integers, then the numbers.
[<RequireQualifiedAccess>]
module IdxFile =

    /// An IDX file is much smaller than this; a larger claim is a damaged header.
    [<Literal>]
    let private MostBytes = 4294967296L

    let private fail (file: string) what = raise (DataException $"{file}: {what}")

    let private openRead (path: string) : Stream =
        let file = DataFile.openRead path

        let isGzip =
            let first, second = file.ReadByte(), file.ReadByte()
            file.Position <- 0L
            first = 0x1f && second = 0x8b

        if isGzip then
            new GZipStream(file, CompressionMode.Decompress)
        else
            file

    let private readFully (file: string) (stream: Stream) (buffer: Span<byte>) (expected: int64) (before: int64) =
        let read =
            try
                stream.ReadAtLeast(buffer, buffer.Length, false)
            with :? InvalidDataException ->
                fail file "the gzip data are damaged. Copy the file again."

        if read < buffer.Length then
            fail
                file
                $"the file is cut short: it should have {expected} bytes, but has {before + int64 read}. Copy it again."

    /// Whether a file name is that of an IDX file, such as train-images-idx3-ubyte.gz.
    let isIdx (path: string) =
        let name = (DataFile.name path).ToLowerInvariant()

        let name =
            if name.EndsWith(".gz", StringComparison.Ordinal) then
                name.Substring(0, name.Length - 3)
            else
                name

        name.EndsWith("ubyte", StringComparison.Ordinal)
        || name.EndsWith(".idx", StringComparison.Ordinal)

    /// The sizes of the axes, and the numbers, last axis innermost. DataException says what is wrong with a file.
    let read (path: string) : struct (int[] * byte[]) =
        let file = DataFile.name path
        use stream = openRead path
        let head = Array.zeroCreate<byte> 4
        readFully file stream (Span head) 4L 0L

        if head[0] <> 0uy || head[1] <> 0uy || head[3] < 1uy || head[3] > 4uy then
            fail
                file
                $"this is not an IDX file: it starts with the bytes {head[0]} {head[1]} {head[2]} {head[3]}, expected 0 0 8 and the number of axes."

        if head[2] <> 8uy then
            fail file $"its numbers have type {head[2]}: expected 8, unsigned bytes."

        let axes = int head[3]
        let sizes = Array.zeroCreate<byte>(4 * axes)
        readFully file stream (Span sizes) (int64 (4 + 4 * axes)) 4L

        let shape =
            Array.init axes (fun i -> BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(sizes, 4 * i, 4)))

        let shown = String.Join(" x ", shape)

        if shape |> Array.contains 0u then
            fail file $"it has no numbers: its shape is {shown}."

        // four axes may claim more than 64 bits count
        let claimed = shape |> Array.fold (fun product n -> product * float n) 1.0

        if claimed > float (min MostBytes (int64 Array.MaxLength)) then
            fail file $"its header claims {shown} numbers, more than can be read. Copy the file again."

        let total = int64 claimed

        let header = int64 (4 + 4 * axes)
        let values = Array.zeroCreate<byte>(int total)
        readFully file stream (Span values) (header + total) header

        if stream.ReadByte() >= 0 then
            fail file $"it has more bytes than its shape {shown} needs. Copy it again."

        struct (Array.map int shape, values)

    /// Writes unsigned bytes with the sizes of their axes; gzip where the name ends in .gz. The file appears whole or not at
    /// all.
    let write (path: string) (shape: int[]) (values: byte[]) =
        if
            shape.Length < 1
            || shape.Length > 4
            || Array.fold (fun p n -> p * int64 n) 1L shape <> int64 values.Length
        then
            invalidArg
                (nameof shape)
                $"""expected 1 to 4 axes for {values.Length} numbers, received {String.Join(" x ", shape)}"""

        let head = Array.zeroCreate<byte>(4 + 4 * shape.Length)
        head[2] <- 8uy
        head[3] <- byte shape.Length

        for i in 0 .. shape.Length - 1 do
            BinaryPrimitives.WriteInt32BigEndian(Span(head, 4 + 4 * i, 4), shape[i])

        AtomicFile.Write(
            path,
            fun stream ->
                if path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
                    use zip = new GZipStream(stream, CompressionLevel.SmallestSize, true)
                    zip.Write(head)
                    zip.Write(values)
                else
                    stream.Write(head)
                    stream.Write(values)
        )

    /// The labels of so many images: a byte each.
    let readLabels (path: string) (images: int) : byte[] =
        let struct (_, codes) = read path

        if codes.Length <> images then
            raise (
                DataException
                    $"{DataFile.name path}: {codes.Length} labels for {images} images: give the labels of the same images."
            )

        codes
