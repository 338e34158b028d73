// Draws the digits of data/: 2000 images of 28 x 28 pixels, 200 of each digit, as gzip IDX files like MNIST's.
//
//     dotnet build -c Release && dotnet fsi scripts/make-digits.fsx [FOLDER]
//
// Each digit is a few strokes in the unit square; every image has its own shift, size, slant, turn and pen, all from one
// key, so the files come out the same to the last byte. Without a folder the files in data/ are compared, not written.
// The last line is RESULT and a JSON object; the exit code is 1 where the files differ.

#r "../src/Mixtures.FSharp/bin/Release/net10.0/Mixtures.FSharp.dll"

open System
open System.IO
open System.Text.Json
open Mixtures

let size = 28
let perDigit = 200

/// Points on an ellipse's arc: centre, radii, and from one angle to another (degrees, clockwise from the right, y down).
let arc (cx, cy) (rx, ry) (first: float) (last: float) =
    [
        for i in 0..16 ->
            let angle = (first + (last - first) * float i / 16.0) * Math.PI / 180.0
            cx + rx * cos angle, cy + ry * sin angle
    ]

/// The strokes of each digit, x to the right and y down.
let strokes: (float * float) list list[] =
    [|
        [ arc (0.5, 0.5) (0.27, 0.38) 0.0 360.0 ]
        [ [ 0.35, 0.28; 0.54, 0.12; 0.54, 0.88 ] ]
        [ arc (0.5, 0.34) (0.24, 0.22) 190.0 390.0 @ [ 0.27, 0.87; 0.76, 0.87 ] ]
        [
            arc (0.47, 0.31) (0.24, 0.19) 200.0 450.0
            arc (0.47, 0.68) (0.27, 0.2) 270.0 520.0
        ]
        [ [ 0.62, 0.88; 0.62, 0.12; 0.24, 0.62; 0.78, 0.62 ] ]
        [
            [ 0.72, 0.13; 0.33, 0.13; 0.3, 0.47 ]
            @ arc (0.48, 0.65) (0.25, 0.23) 230.0 510.0
        ]
        [ [ 0.64, 0.11; 0.36, 0.42 ] @ arc (0.5, 0.66) (0.24, 0.22) 190.0 560.0 ]
        [ [ 0.25, 0.14; 0.76, 0.14; 0.42, 0.88 ] ]
        [
            arc (0.5, 0.31) (0.2, 0.19) 90.0 450.0
            arc (0.5, 0.69) (0.24, 0.2) -90.0 270.0
        ]
        [ arc (0.5, 0.34) (0.23, 0.22) 0.0 360.0 @ [ 0.73, 0.36; 0.6, 0.88 ] ]
    |]

/// The distance of a point to a segment.
let distance (px, py) (ax, ay) (bx, by) =
    let dx, dy = bx - ax, by - ay
    let length = dx * dx + dy * dy

    let t =
        if length = 0.0 then
            0.0
        else
            max 0.0 (min 1.0 (((px - ax) * dx + (py - ay) * dy) / length))

    let ex, ey = px - ax - t * dx, py - ay - t * dy
    sqrt (ex * ex + ey * ey)

/// One image: 784 bytes, row by row.
let draw digit (stream: RandomStream) =
    let uniform low high =
        low + (high - low) * stream.NextDouble()

    let scale = uniform 17.0 22.0
    let stretch = uniform 0.85 1.1
    let slant = uniform -0.25 0.25
    let turn = uniform -0.15 0.15
    let shiftX, shiftY = uniform -1.8 1.8, uniform -1.8 1.8
    let pen = uniform 0.9 1.7

    let place (x, y) =
        let x, y = (x - 0.5) * stretch - slant * (y - 0.5), y - 0.5
        let x, y = x * cos turn - y * sin turn, x * sin turn + y * cos turn
        x * scale + float size / 2.0 + shiftX, y * scale + float size / 2.0 + shiftY

    let segments =
        [|
            for stroke in strokes[digit] do
                yield! stroke |> List.map place |> List.pairwise
        |]

    Array.init (size * size) (fun at ->
        let pixel = float (at % size) + 0.5, float (at / size) + 0.5

        let nearest =
            segments |> Array.fold (fun d (a, b) -> min d (distance pixel a b)) 1e9
        // full ink under the pen, none a pixel beyond it
        byte (Math.Round(255.0 * max 0.0 (min 1.0 (pen + 0.5 - nearest)))))

let count = 10 * perDigit
let key = RandomKey.ofSeed 28
let images = Array.init count (fun i -> draw (i % 10) ((key.Child i).Stream()))
let labels = Array.init count (fun i -> byte (i % 10))
let root = Path.Combine(__SOURCE_DIRECTORY__, "..")
let imageFile = "digits-images-idx3-ubyte.gz"
let labelFile = "digits-labels-idx1-ubyte.gz"

let same =
    match fsi.CommandLineArgs with
    | [| _; folder |] ->
        Directory.CreateDirectory folder |> ignore
        IdxFile.write (Path.Combine(folder, imageFile)) [| count; size; size |] (Array.concat images)
        IdxFile.write (Path.Combine(folder, labelFile)) [| count |] labels
        printfn "wrote %d images to %s" count folder
        true
    | _ ->
        let read name =
            IdxFile.read (Path.Combine(root, "data", name))

        let struct (shape, pixels) = read imageFile
        let struct (_, codes) = read labelFile

        let same =
            shape = [| count; size; size |]
            && pixels = Array.concat images
            && codes = labels

        printfn "data/ holds %s" (if same then "these very images" else "OTHER images")
        same

printfn "RESULT %s" (JsonSerializer.Serialize {| images = count; same = same |})
exit (if same then 0 else 1)
