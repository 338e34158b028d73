module Mixtures.Tests.SchemaTests

open System
open Xunit
open Mixtures

let private named (groups: (string list * IComponentFamily) list) =
    groups
    |> List.map (fun (columns, family) -> columns, family.Name, family.Structure)

[<Fact>]
let ``a schema's text names columns and families`` () =
    let groups =
        Schema.parse
            "height=gaussian, smoker=bernoulli,visits=poisson,blood=categorical,a+b=gaussian,c+d=student-t:4,e=binomial:12"

    Assert.Equal<(string list * string * string) list>(
        [
            [ "height" ], "gaussian", "diagonal"
            [ "smoker" ], "bernoulli", "independent"
            [ "visits" ], "poisson", "independent"
            [ "blood" ], "categorical", "independent"
            [ "a"; "b" ], "gaussian", "full"
            [ "c"; "d" ], "student-t", "full"
            [ "e" ], "binomial", "independent"
        ],
        named groups
    )

/// Catches a misspelt schema that is read as something else.
[<Fact>]
let ``what is wrong with a schema's text is told`` () =
    let refused text (part: string) =
        let error = Assert.Throws<ArgumentException>(fun () -> Schema.parse text |> ignore)
        Assert.Contains(part, error.Message)

    refused "" "at least one"
    refused "height" "column=family"
    refused "=gaussian" "column=family"
    refused "height=gausian" "'gausian'"
    refused "height=gaussian:round" "'round'"
    refused "visits=binomial" "binomial:12"
    refused "visits=binomial:0" "'0'"
    refused "a=student-t:-1" "'-1'"
    refused "a=poisson:3" "alone"
    refused "a=poisson,a=gamma" "'a' 2 times"
    refused "a+=gaussian" "each column"

[<Fact>]
let ``a schema is found in the data, with reasons, and fits them`` () =
    let stream = (RandomKey.ofSeed 2).Stream()

    let rows =
        Array.init 600 (fun i ->
            let g = i % 2

            [|
                170.0 + 10.0 * float g + 5.0 * stream.NextNormal()
                float (stream.NextInt32 2)
                Poisson.sample 6.0 stream
                float (stream.NextInt32 4)
                NegativeBinomial.sample 1.5 0.1 stream
                7.0
                float (1900 + stream.NextInt32 100)
            |])

    let data =
        Dataset.FromRows(rows, [| "height"; "smoker"; "visits"; "blood"; "claims"; "seven"; "year" |])

    let choices = Schema.infer data

    Assert.Equal<string list>(
        [
            "gaussian"
            "bernoulli"
            "poisson"
            "categorical"
            "negative-binomial"
            "-"
            "gaussian"
        ],
        choices
        |> Array.map (fun c -> c.Family |> Option.map _.Name |> Option.defaultValue "-")
        |> Array.toList
    )

    Assert.Contains("only 0 and 1", choices[1].Reason)
    Assert.Contains("times the mean", choices[4].Reason)
    Assert.Contains("constant (7)", choices[5].Reason)
    let groups = Schema.ofChoices choices

    let fit =
        Em.fit
            { Em.defaults with Restarts = 2 }
            (Schema.spec groups 2)
            (data.Select(List.toArray (Schema.columns groups)))

    Assert.Equal(6, fit.Mixture.Dimension)
    Assert.True(Double.IsFinite fit.LogLikelihood)
