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
            "height=gaussian, smoker=bernoulli,visits=poisson,blood=categorical,a+b=gaussian,c+d=student-t:4,e=binomial:12,f=binomial"

    Assert.Equal<(string list * string * string) list>(
        [
            [ "height" ], "gaussian", "diagonal"
            [ "smoker" ], "bernoulli", "independent"
            [ "visits" ], "poisson", "independent"
            [ "blood" ], "categorical", "independent"
            [ "a"; "b" ], "gaussian", "full"
            [ "c"; "d" ], "student-t", "full"
            [ "e" ], "binomial", "independent"
            [ "f" ], "binomial", "independent"
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

/// Catches a number of trials that is not the largest count of a column, or that rows of no weight change.
[<Fact>]
let ``binomial counts find their numbers of trials in the data`` () =
    let stream = (RandomKey.ofSeed 4).Stream()

    let rows =
        Array.init 900 (fun i ->
            let p = if i % 2 = 0 then 0.2 else 0.7
            [| Binomial.sample 9 p stream; Binomial.sample 30 p stream; float (i % 7) |])

    rows[5] <- [| 9.0; 30.0; 1.0 |]
    let named = Dataset.FromRows(rows, [| "a"; "b"; "c" |])

    let fit (family: IComponentFamily) (data: Dataset) =
        Em.fit { Em.defaults with Restarts = 2 } (MixtureSpec.Create(family, 2)) data

    let data = named.Select [| "a"; "b" |]
    let found = fit (Schema.family "binomial") data

    let trials (mixture: Mixture) =
        ParameterTable.ofMixture mixture
        |> List.filter (fun p -> p.Name = "trials" && p.Component = 0)
        |> List.map _.Value

    Assert.Equal<float list>([ 9.0; 30.0 ], trials found.Mixture)
    let again = (ModelFile.ofJson (ModelFile.toJson None found.Mixture)).Mixture
    Assert.Equal<float list>([ 9.0; 30.0 ], trials again)
    Assert.Equal<float[]>(Mixture.logDensity found.Mixture data, Mixture.logDensity again data)

    // each column of a product has its own
    let product = Schema.spec (Schema.parse "a=binomial,b=binomial") 2
    let ofProduct = Em.fit { Em.defaults with Restarts = 2 } product data
    Assert.Equal(found.LogLikelihood, ofProduct.LogLikelihood, 1e-6)
    Assert.Equal<float list>([ 9.0; 30.0 ], trials ofProduct.Mixture)

    let given = fit (Families.binomial 9) (named.Select [| "a" |])
    let one = fit Families.binomialOfData (named.Select [| "a" |])
    Assert.Equal(given.LogLikelihood, one.LogLikelihood, 1e-9)

    let withWeights =
        let extra = Array.append rows [| [| 25.0; 40.0; 0.0 |] |]
        let weights = Array.append (Array.create rows.Length 1.0) [| 0.0 |]
        Dataset.FromRows(extra, [| "a"; "b"; "c" |]).WithWeights(weights).Select [| "a" |]

    let unweighted = fit Families.binomialOfData withWeights
    Assert.Equal<float list>([ 9.0 ], trials unweighted.Mixture)
    let wide = fit Families.binomialOfData (named.Select [| "a" |])
    Assert.Equal(wide.LogLikelihood, unweighted.LogLikelihood, 1e-9)

    // 9 trials tell 5 components apart, not 6
    let many =
        Em.fit
            { Em.defaults with
                Restarts = 1
                MaxIterations = 5
            }
            (MixtureSpec.Create(Families.binomialOfData, 6))
            (named.Select [| "a" |])

    Assert.Contains(many.Warnings, fun w -> w.Contains "at least 11 trials")
