namespace Mixtures

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Text
open System.Text.RegularExpressions

/// Reads NumPy's NPY files (format versions 1 to 3; NumPy Enhancement Proposal 1): little-endian float64 and float32
/// and bytes, in C or Fortran order, with one dimension (a column) or two (rows x columns). Numbers keep their own type;
/// NaN is kept where missing cells are.
[<RequireQualifiedAccess>]
module internal NpyFile =
    [<Literal>]
    let private ChunkBytes = 1048576

    let private magic = [| 0x93uy; yield! "NUMPY"B |]

    let private fail file what = raise (DataException $"{file}: {what}")

    let private cutShort file (expected: int64) (found: int64) =
        fail file $"the file is cut short: it should have {expected} bytes, but has {found}. Save it again."

    // the text of the header and the offset of the numbers
    let private header file (stream: Stream) =
        let prefix = Array.zeroCreate<byte> 12
        let read = stream.ReadAtLeast(prefix.AsSpan(0, 10), 10, false)

        if read < 6 || not (prefix.AsSpan(0, 6).SequenceEqual(ReadOnlySpan magic)) then
            fail file "this is not an NPY file (it does not start with \\x93NUMPY). Save the array with numpy.save."

        if read < 10 then
            cutShort file 10L (int64 read)

        let version = int prefix[6]

        let start, length =
            match version with
            | 1 -> 10, int64 (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(prefix, 8, 2)))
            | 2
            | 3 ->
                let more = stream.ReadAtLeast(prefix.AsSpan(10, 2), 2, false)

                if more < 2 then
                    cutShort file 12L (int64 (10 + more))

                12, int64 (BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(prefix, 8, 4)))
            | _ -> fail file $"NPY format version {version} is not supported: expected 1, 2 or 3."

        if length > 1048576L then
            fail file $"the header claims {length} bytes, which no plain array needs. Save the array with numpy.save."

        let text = Array.zeroCreate<byte>(int length)
        let read = stream.ReadAtLeast(text.AsSpan(), text.Length, false)

        if read < text.Length then
            cutShort file (int64 (start + text.Length)) (int64 (start + read))

        Encoding.UTF8.GetString text, int64 start + length

    let private field file text pattern =
        let found = Regex.Match(text, pattern, RegexOptions.CultureInvariant)

        if found.Success then
            found.Groups[1].Value
        else
            fail
                file
                $"the header is not that of a plain array: {text.Trim()}. Expected float64, float32 or uint8 numbers."

    // rows and columns, as stated in the header
    let private shape file (text: string) =
        let sizes =
            text.Split(',', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)
            |> Array.map (fun size ->
                match Int64.TryParse(size.TrimEnd 'L') with
                | true, size when size >= 0L -> size
                | _ -> fail file $"the shape ({text}) is not understood: expected (rows,) or (rows, columns).")

        let rows, columns =
            match sizes with
            | [| rows |] -> rows, 1L
            | [| rows; columns |] -> rows, columns
            | _ ->
                fail
                    file
                    $"the array has {sizes.Length} dimensions, shape ({text}): expected (rows,) or (rows, columns). Reshape it first."

        if rows = 0L || columns = 0L then
            fail file $"the array is empty, shape ({text}): expected at least one row and one column."

        if rows > int64 Array.MaxLength || columns > int64 Array.MaxLength then
            fail file $"the shape ({text}) is too large: expected at most {Array.MaxLength} rows and as many columns."

        int rows, int columns

    // fills an array with the file's next numbers and checks that they are finite or, if kept, missing; `place` gives an element's row and
    // column
    let private readChunk<'T when 'T: struct and 'T :> INumberBase<'T> and 'T: (new: unit -> 'T) and 'T :> ValueType>
        file
        (missing: MissingCells)
        (stream: Stream)
        (offset: int64)
        (expected: int64)
        (place: int -> struct (int * int))
        length
        =
        let chunk = GC.AllocateUninitializedArray<'T> length
        let size = sizeof<'T>
        let mutable from = 0

        // spans are counted in int32, so an array beyond 2 GiB is read in parts
        while from < length do
            let part = min (length - from) (ChunkBytes / size)
            let bytes = MemoryMarshal.AsBytes(Span<'T>(chunk, from, part))
            let read = stream.ReadAtLeast(bytes, bytes.Length, false)

            if read < bytes.Length then
                cutShort file expected (offset + int64 from * int64 size + int64 read)

            let values = ReadOnlySpan<'T>(chunk, from, part)

            if not (TensorPrimitives.IsFiniteAll<'T> values) then
                let mutable i = from

                while i < from + part
                      && ('T.IsFinite chunk[i] || (missing.IsKeep && 'T.IsNaN chunk[i])) do
                    i <- i + 1

                if i < from + part then
                    let struct (row, column) = place i

                    let remedy =
                        if 'T.IsNaN chunk[i] then
                            $"Replace it, remove the row or {CsvNumber.KeepMissing}."
                        else
                            "Replace it or remove the row."

                    fail
                        file
                        $"row {row + 1}, column {column + 1}: {Wording.number (Double.CreateTruncating chunk[i])} is not a finite number. {remedy}"

            from <- from + part

        chunk

    let private numbers<'T when 'T: struct and 'T :> INumberBase<'T> and 'T: (new: unit -> 'T) and 'T :> ValueType>
        file
        missing
        (stream: Stream)
        start
        rows
        columns
        fortran
        : Storage =
        let size = int64 sizeof<'T>

        // at most 2⁶², since neither factor exceeds 2³¹; times the size it may overflow
        let elements = int64 rows * int64 columns

        let expected =
            if elements > (Int64.MaxValue - start) / size then
                Int64.MaxValue
            else
                start + elements * size

        if stream.CanSeek && stream.Length < expected then
            cutShort file expected stream.Length

        if fortran && columns > 1 then
            let place column i = struct (i, column)

            let columnOf c =
                readChunk<'T> file missing stream (start + int64 c * int64 rows * size) expected (place c) rows

            ColumnMajorStorage<'T>(Array.init columns columnOf, rows)
        else
            let rowsPerChunk = min rows (max 1 (ChunkBytes / sizeof<'T> / columns))
            let chunks = List<'T[]>()
            let mutable first = 0

            while first < rows do
                let count = min rowsPerChunk (rows - first)
                let before = first

                let place i =
                    struct (before + i / columns, i % columns)

                let offset = start + int64 first * int64 columns * size
                chunks.Add(readChunk<'T> file missing stream offset expected place (count * columns))
                first <- first + count

            RowMajorStorage<'T>(chunks, rowsPerChunk, rows, columns)

    /// Reads a file.
    let read (missing: MissingCells) (path: string) =
        let file = DataFile.name path
        use stream = DataFile.openRead path

        DataFile.guard path (fun () ->
            let text, start = header file stream
            let dtype = field file text "'descr'\\s*:\\s*'([^']*)'"
            let fortran = field file text "'fortran_order'\\s*:\\s*(True|False)" = "True"
            let rows, columns = field file text "'shape'\\s*:\\s*\\(([^)]*)\\)" |> shape file

            match dtype with
            | "<f8" -> numbers<float> file missing stream start rows columns fortran
            | "<f4" -> numbers<float32> file missing stream start rows columns fortran
            | "|u1"
            | "<u1"
            | "u1" -> numbers<byte> file missing stream start rows columns fortran
            | _ ->
                fail
                    file
                    $"numbers of type '{dtype}' are not supported: expected '<f8', '<f4' or '|u1'. Convert with array.astype('<f8').")
