module Mixtures.Tests.ParameterTableTests

open System
open Xunit
open Mixtures
open Mixtures.Tests
open Mixtures.Tests.RandomModels

/// Every free parameter that standard errors name is in the table under that name, with that value.
let private agrees (spec: MixtureSpec) (data: Dataset) =
    let fit = Em.fit { Em.defaults with Restarts = 1 } spec data

    let table =
        ParameterTable.ofMixture fit.Mixture
        |> List.map (fun p -> p.Label, p.Value)
        |> Map.ofList

    let named =
        StandardErrors.ofMixture spec data fit.Mixture
        |> Seq.filter (fun estimate -> not (estimate.Name.StartsWith "weight["))
        |> Seq.toArray

    Assert.NotEmpty named

    for estimate in named do
        Assert.True(Map.containsKey estimate.Name table, $"{spec.Family.Name}: no {estimate.Name}")
        let value = table[estimate.Name]
        Assert.InRange(estimate.Value, value - 1e-9 * (1.0 + abs value), value + 1e-9 * (1.0 + abs value))

    let columns = ParameterTable.columnFamilies fit.Mixture
    Assert.Equal(data.Dimension, columns.Length)

/// Catches a parameter that the table leaves out, names otherwise than standard errors do, or gets wrong.
[<Fact>]
let ``the table has what standard errors name`` () =
    for case in FamilyCases.all do
        let stream = (RandomKey.ofSeed 12).Stream()
        let d = if case.Family.Name = "categorical" then 3 else 2
        let mixture = FamilyCases.randomMixture case 2 d stream
        agrees (MixtureSpec.Create(case.Family, 2)) (FamilyCases.draw 3000 stream mixture)

[<Fact>]
let ``the table has what standard errors name of families over columns together`` () =
    let stream = (RandomKey.ofSeed 3).Stream()

    let data =
        Array.init 2000 (fun i ->
            let shift = if i % 3 = 0 then 6.0 else 0.0
            [| shift + stream.NextNormal(); 2.0 * stream.NextNormal() - shift |])
        |> Dataset.FromRows

    for structure in [ CovarianceStructure.Full; CovarianceStructure.Diagonal ] do
        agrees (Gaussian.spec structure 2) data
        let family = Families.studentT structure (DegreesOfFreedom.Fixed 8.0)
        agrees (MixtureSpec.Create(family, 2)) data

    let bits =
        Array.init 2000 (fun i ->
            let p = if i % 3 = 0 then 0.8 else 0.2
            Array.init 4 (fun _ -> if stream.NextDouble() < p then 1.0 else 0.0))
        |> Dataset.FromRows

    agrees (BernoulliMixture.spec 2) bits

/// Catches a product whose parts' parameters are under other columns' names.
[<Fact>]
let ``products have their parts' parameters under the columns' names`` () =
    let stream = (RandomKey.ofSeed 8).Stream()

    let rows =
        Array.init 1500 (fun i ->
            let g = float (i % 2)

            [|
                Poisson.sample (2.0 + 9.0 * g) stream
                5.0 * g + stream.NextNormal()
                g + 0.5 * stream.NextNormal()
            |])

    let data = Dataset.FromRows(rows, [| "visits"; "a"; "b" |])
    let spec = Schema.spec (Schema.parse "a+b=gaussian,visits=poisson") 2
    agrees spec (data.Select [| "a"; "b"; "visits" |])
    let fit = Em.fit { Em.defaults with Restarts = 2 } spec data
    let table = ParameterTable.ofMixture fit.Mixture
    Assert.Equal<string[]>([| "poisson"; "gaussian"; "gaussian" |], ParameterTable.columnFamilies fit.Mixture)

    let labels =
        table |> List.filter (fun p -> p.Component = 1) |> List.map _.Label |> List.sort

    Assert.Equal<string list>(
        [
            "covariance[2][a][a]"
            "covariance[2][b][a]"
            "covariance[2][b][b]"
            "mean[2][a]"
            "mean[2][b]"
            "rate[2][visits]"
        ],
        labels
    )

/// Catches components of one's own whose parameters have no names, and Gaussians of other structures that are wrong.
[<Fact>]
let ``what is given, tied or one's own is in the table too`` () =
    let data =
        Dataset.FromRows
            [|
                for i in 0..99 -> [| float (i % 10) + 0.1 * float (i % 7); float (i * i % 13) |]
            |]

    let values spec name =
        let fit = Em.fit { Em.defaults with Restarts = 1 } spec data

        fit.Mixture,
        ParameterTable.ofMixture fit.Mixture
        |> List.filter (fun p -> p.Name = name)
        |> List.map _.Value

    let spherical, sd = values (Gaussian.spec CovarianceStructure.Spherical 2) "sd"
    Assert.Equal<float list>([ for k in 0..1 -> sqrt (spherical.Components.Covariance k).[0, 0] ], sd)
    let tied, entries = values (Gaussian.spec CovarianceStructure.Tied 2) "covariance"
    let matrix = tied.Components.Covariance 1
    Assert.Equal<float list>([ matrix[0, 0]; matrix[1, 0]; matrix[1, 1] ], entries |> List.skip 3)

    let fixedDegrees =
        MixtureSpec.Create(Families.studentT CovarianceStructure.Full (DegreesOfFreedom.Fixed 5.0), 2)

    Assert.Equal<float list>([ 5.0; 5.0 ], snd (values fixedDegrees "degrees_of_freedom"))

    let own =
        Component.ofLogDensity "own" [ "m", 2; "s", 1 ] (fun point _ -> [| point[0]; point[1]; 0.0 |]) (fun _ rows ->
            Tensor.select 1 0 rows * 0.0)

    let mixture =
        Mixture.create None [| 0.5; 0.5 |] (Component.create own 2 [| [| 1.0; 2.0; 3.0 |]; [| 4.0; 5.0; 6.0 |] |])

    Assert.Equal<(string * float) list>(
        [
            "m[1][1]", 1.0
            "m[2][1]", 2.0
            "s[1]", 3.0
            "m[1][2]", 4.0
            "m[2][2]", 5.0
            "s[2]", 6.0
        ],
        ParameterTable.ofMixture mixture |> List.map (fun p -> p.Label, p.Value)
    )

/// Catches a family of one's own under a built-in name, which a model file would be read as.
[<Fact>]
let ``names of built-in families are taken`` () =
    for name in [ "poisson"; "student-t"; "product"; "von-mises" ] do
        Assert.Throws<ArgumentException>(fun () ->
            Component.ofLogDensity name [ "m", 1 ] (fun point _ -> point) (fun _ rows -> Tensor.select 1 0 rows)
            |> ignore)
        |> ignore
