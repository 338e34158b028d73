module Mixtures.Tests.PlotValueTests

open System
open System.Text.Json
open Xunit
open FsCheck
open FsCheck.FSharp
open Mixtures

let private check property =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest 300, property)

/// Doubles of every kind, by their bits.
let private anyDouble =
    gen {
        let! high = Gen.choose (Int32.MinValue, Int32.MaxValue)
        let! low = Gen.choose (Int32.MinValue, Int32.MaxValue)
        return BitConverter.Int64BitsToDouble((int64 high <<< 32) ||| (int64 low &&& 0xFFFFFFFFL))
    }

let private sameBits (expected: float) (received: float) =
    BitConverter.DoubleToInt64Bits expected = BitConverter.DoubleToInt64Bits received

/// Catches numbers that lose digits, and numbers that are not finite and break the JSON.
[<Fact>]
let ``numbers read back to the same bits, and what is not finite is null`` () =
    let readsBack (value: float) (element: JsonElement) =
        if Double.IsFinite value then
            sameBits value (element.GetDouble())
        else
            element.ValueKind = JsonValueKind.Null

    check (
        Prop.forAll (Arb.fromGen (Gen.arrayOf anyDouble)) (fun values ->
            let values =
                Array.append values [| -0.0; Double.Epsilon; Double.MaxValue; nan; infinity; 0.1 |]

            use fast = JsonDocument.Parse(PlotValue.toJson (PlotValue.Numbers values))

            use slow =
                JsonDocument.Parse(
                    values
                    |> Array.map PlotValue.Number
                    |> Array.toList
                    |> PlotValue.List
                    |> PlotValue.toJson
                )

            [ fast; slow ]
            |> List.forall (fun json ->
                json.RootElement.GetArrayLength() = values.Length
                && Seq.forall2 readsBack values (json.RootElement.EnumerateArray())))
    )

/// Catches texts and names that are changed, or that break the JSON, or that are unsafe inside an HTML page.
[<Fact>]
let ``texts and names read back and hold no markup`` () =
    check (fun (NonEmptyString text) ->
        let json = PlotValue.toJson (PlotValue.Object [ text, PlotValue.Text text ])
        use parsed = JsonDocument.Parse json
        let field = parsed.RootElement.EnumerateObject() |> Seq.exactlyOne

        not (json.Contains '<')
        && not (json.Contains '&')
        && field.Name = text
        && field.Value.GetString() = text)

    let json = PlotValue.toJson (PlotValue.Text SampleFigures.nasty)
    Assert.DoesNotContain("<", json)
    use parsed = JsonDocument.Parse json
    Assert.Equal(SampleFigures.nasty, parsed.RootElement.GetString())

/// Catches an exception in the midst of writing a file because of a damaged name.
[<Fact>]
let ``half a surrogate pair becomes the replacement character`` () =
    let half = String([| 'a'; Char.ConvertFromUtf32(0x1F600)[0]; 'b' |])
    use parsed = JsonDocument.Parse(PlotValue.toJson (PlotValue.Text half))
    Assert.Equal("a\uFFFDb", parsed.RootElement.GetString())

/// Catches structure that is lost or reordered.
[<Fact>]
let ``every kind of value is written in its place`` () =
    let value =
        PlotValue.Object
            [
                "z", PlotValue.Null
                "flag", PlotValue.Bool true
                "list", PlotValue.List [ PlotValue.Text "a"; PlotValue.Object []; PlotValue.List [] ]
                "whole", PlotValue.integers [ 1; 2 ]
                "texts", PlotValue.texts [ "b" ]
            ]

    let expected =
        """{"z":null,"flag":true,"list":["a",{},[]],"whole":[1,2],"texts":["b"]}"""

    Assert.Equal(expected, PlotValue.toJson value)
    use stream = new IO.MemoryStream()
    PlotValue.writeTo stream value
    Assert.Equal(expected, Text.Encoding.UTF8.GetString(stream.ToArray()))

/// Catches a path that replaces its neighbours, or adds a second value under one name.
[<Fact>]
let ``a path replaces one value and leaves the others`` () =
    let number = PlotValue.Number

    let value =
        PlotValue.Object [ "a", PlotValue.Object [ "b", number 1.0; "c", number 2.0 ]; "d", number 3.0 ]

    let changed =
        value
        |> PlotValue.withPath [ "a"; "b" ] (number 9.0)
        |> PlotValue.withPath [ "e"; "f" ] (number 4.0)

    Assert.Equal("""{"a":{"b":9,"c":2},"d":3,"e":{"f":4}}""", PlotValue.toJson changed)
    Assert.Equal(Some(number 9.0), PlotValue.tryPath [ "a"; "b" ] changed)
    Assert.Equal(None, PlotValue.tryPath [ "d"; "b" ] changed)
