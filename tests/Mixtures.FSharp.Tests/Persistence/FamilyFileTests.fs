module Mixtures.Tests.FamilyFileTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let private again (mixture: Mixture) =
    (ModelFile.ofJson (ModelFile.toJson None mixture)).Mixture

let private sameBits (mixture: Mixture) (data: Dataset) =
    let other = again mixture
    Assert.Equal(mixture.Family.Name, other.Family.Name)
    Assert.Equal(mixture.FreeParameters, other.FreeParameters)
    Assert.Equal<float>(mixture.Weights, other.Weights)
    Assert.Equal<float[,]>(Mixture.componentLogDensities mixture data, Mixture.componentLogDensities other data)
    Assert.Equal(ModelFile.toJson None mixture, ModelFile.toJson None other)

/// Catches a bit lost on the way to the file and back.
[<Fact>]
let ``models of every family over independent columns come back to the same bits`` () =
    for case in FamilyCases.all do
        forSeeds 5 (fun stream ->
            let mixture =
                FamilyCases.randomMixture case (between 1 4 stream) (FamilyCases.dimension case stream) stream

            sameBits mixture (FamilyCases.draw 40 stream mixture)
            Assert.Equal<float>(FamilyCases.numbers mixture, FamilyCases.numbers (again mixture)))

[<Fact>]
let ``Bernoulli and Student-t models come back to the same bits`` () =
    forSeeds 10 (fun stream ->
        let k, d = between 1 3 stream, between 1 4 stream

        let bernoulli =
            BernoulliMixture.create
                (randomWeights k stream)
                (Array.init k (fun _ -> Array.init d (fun _ -> stream.NextDouble())))

        sameBits bernoulli (FamilyCases.draw 40 stream bernoulli)

        for structure in [ CovarianceStructure.Full; CovarianceStructure.Diagonal ] do
            for degrees in [ DegreesOfFreedom.Estimated; DegreesOfFreedom.Fixed 4.0 ] do
                let mixture =
                    Families.studentTMixture
                        (Families.studentT structure degrees)
                        (randomWeights k stream)
                        (Array.init k (fun _ -> Array.init d (fun _ -> stream.NextNormal())))
                        (randomCovariances structure k d 1.0 stream)
                        (Array.create k 4.0)

                sameBits mixture (FamilyCases.draw 40 stream mixture))

/// Catches parts that come back on other columns.
[<Fact>]
let ``products come back to the same bits, with columns by name`` () =
    let stream = (RandomKey.ofSeed 5).Stream()

    let rows =
        Array.init 200 (fun i ->
            let g = float (i % 2)

            [|
                g + stream.NextNormal()
                float (stream.NextInt32 2)
                Poisson.sample (2.0 + 5.0 * g) stream
                float (stream.NextInt32 3)
                exp (stream.NextNormal())
                stream.NextNormal()
            |])

    let data = Dataset.FromRows(rows, [| "a"; "b"; "c"; "d"; "e"; "f" |])

    let family =
        Product.familyOf
            [
                [ "d" ], Families.categorical
                [ "b" ], Families.bernoulli
                [ "f"; "a" ], Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated
                [ "c" ], Families.poisson
                [ "e" ], Families.logNormal
            ]

    let fit =
        Em.fit
            { Em.defaults with
                Restarts = 2
                MaxIterations = 20
            }
            (MixtureSpec.Create(family, 2))
            data

    sameBits fit.Mixture data
    Assert.Equal(fit.LogLikelihood, Mixture.score (again fit.Mixture) data, 1e-9)
    // a level that the model has not seen
    let unseen =
        Dataset.FromRows([ [| 0.0; 1.0; 2.0; 3.0; 1.0; 0.0 |] ], [| "a"; "b"; "c"; "d"; "e"; "f" |])

    let error =
        Assert.Throws<DataException>(fun () -> Mixture.predict (again fit.Mixture) unseen |> ignore)

    Assert.Contains("Row 1, column 'd' is 3", error.Message)
    Assert.Contains("level from 0 to 2", error.Message)

/// Catches a reader that takes what no component can be.
[<Fact>]
let ``what is wrong with a family's parameters is told by property`` () =
    let read family rest =
        let json =
            $"""{{"format": "mixtures-model", "version": 1, "family": "{family}", "weights": [0.5, 0.5], {rest}}}"""

        (Assert.Throws<DataException>(fun () -> ModelFile.ofJson json |> ignore)).Message

    Assert.Contains("'parameters.rate'", read "poisson" """ "parameters": {"rate": [[1, 2]]} """)
    Assert.Contains("positive", read "poisson" """ "parameters": {"rate": [[1], [-2]]} """)
    Assert.Contains("has no 'rate'", read "gamma" """ "parameters": {"shape": [[1], [2]]} """)

    Assert.Contains(
        "sum to one",
        read "categorical" """ "parameters": {"probabilities": [[[0.5, 0.4]], [[0.5, 0.5]]]} """
    )

    Assert.Contains("no 'trials'", read "binomial" """ "parameters": {"probability": [[0.5], [0.5]]} """)
    Assert.Contains("not built in", read "cauchy" """ "parameters": {} """)

    Assert.Contains(
        "one of the 'parts'",
        read
            "product"
            """ "columns": ["a", "b"], "parts": [{"columns": ["a"], "family": "poisson", "parameters": {"rate": [[1], [2]]}}] """
    )
