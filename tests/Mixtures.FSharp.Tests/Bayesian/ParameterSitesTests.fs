/// The families' named parameters against their vectors of free numbers.
module Mixtures.Tests.ParameterSitesTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

let private scaleOf (data: Dataset) : DataScale =
    let columns = Array.init data.Dimension data.Column

    {
        Means = columns |> Array.map Array.average
        Variances =
            columns
            |> Array.map (fun c ->
                let m = Array.average c
                1e-3 + Array.averageBy (fun x -> (x - m) * (x - m)) c)
        Scatter = [||]
        TotalWeight = float data.Count
        EffectiveRows = float data.Count
    }

/// The vector comes back from the sites' values, which have the shapes and supports that the sites say.
let private roundTrip (mixture: Mixture) (data: Dataset) (wanted: string list) =
    let scale = scaleOf data
    let components = mixture.Components
    let vector = components.Family.ToVector(components, scale)

    let sites =
        ParameterSites.ofComponents components scale (Seq.toArray mixture.ColumnNames) wanted

    let values = sites.OfVector(Tensor.ofArray vector)

    for site, value in Array.zip sites.Sites values do
        Assert.Equal<int[]>(site.Dims, value.Dims)
        let size = Support.size site.Support
        let numbers = value.ToArray()

        for i in 0 .. numbers.Length / size - 1 do
            Assert.Equal(ValueNone, Support.violation site.Support (ReadOnlySpan(numbers, i * size, size)))

    let again = (sites.ToVector values).ToArray()
    Assert.Equal(vector.Length, again.Length)

    Array.iter2
        (fun (a: float) b ->
            Assert.True(abs (a - b) <= 1e-7 * max 1.0 (abs a), $"{mixture.Family.Name}: {a} came back as {b}"))
        vector
        again

    values

[<Fact>]
let ``named parameters go to the vector and back, for every family of columns`` () =
    forSeeds 8 (fun stream ->
        for case in FamilyCases.all do
            let d = FamilyCases.dimension case stream
            let mixture = FamilyCases.randomMixture case (between 1 3 stream) d stream
            let data = FamilyCases.draw 30 stream mixture
            roundTrip mixture data [] |> ignore)

[<Fact>]
let ``Gaussian parameters go to the vector and back, however the spread is stated`` () =
    forSeeds 10 (fun stream ->
        for structure in structures do
            let d = between 1 4 stream
            let mixture = randomMixture structure (between 1 3 stream) d 3.0 4.0 2.0 stream
            let data = draw 30 stream mixture

            let ways =
                match structure with
                | CovarianceStructure.Full -> [ "covariances"; "precision_matrices"; "components" ]
                | CovarianceStructure.Tied -> [ "covariances"; "precision_matrices" ]
                | CovarianceStructure.Known -> [ "means" ]
                | _ -> [ "scales"; "variances"; "precisions" ]

            for way in ways do
                roundTrip mixture data [ way ] |> ignore)

/// Catches a statement of the spread that is another one's.
[<Fact>]
let ``ways to state one spread agree`` () =
    let mixture =
        Gaussian.create CovarianceStructure.Full [| 1.0 |] [| [| 2.0 |] |] [| Array2D.create 1 1 4.0 |]

    let data = Dataset.ofArray2D (array2D [ [ 1.0 ]; [ 3.0 ]; [ 4.0 ] ])

    let value way =
        ((roundTrip mixture data [ way ])[1]).ToArray()[0]

    Assert.Equal(2.0, value "scales", 1e-12)
    Assert.Equal(4.0, value "variances", 1e-12)
    Assert.Equal(0.25, value "precisions", 1e-12)
    Assert.Equal(4.0, value "covariances", 1e-12)
    Assert.Equal(0.25, value "precision_matrices", 1e-12)

[<Fact>]
let ``a parameter that a family lacks is refused with those that it has`` () =
    let data = Dataset.ofArray2D (array2D [ [ 1.0 ]; [ 3.0 ]; [ 4.0 ]; [ 9.0 ] ])

    let refused spec expected =
        let e =
            Assert.Throws<ArgumentException>(fun () -> SpecModel.ofSpec spec data |> ignore)

        Assert.Contains(expected, e.Message)

    refused
        (MixtureSpec.Create(Families.poisson, 2)
         |> MixtureSpec.withPrior "means" (Prior.normal 0.0 1.0))
        "expected a parameter of the poisson family (rates), received a prior of means"

    refused
        (Gaussian.spec CovarianceStructure.Diagonal 2
         |> MixtureSpec.withPrior "covariances" (Prior.inverseWishart 4.0 (array2D [ [ 1.0 ] ])))
        "received a prior of covariances"

    refused
        (Gaussian.spec CovarianceStructure.Diagonal 2
         |> MixtureSpec.withPrior "scales" (Prior.normal 0.0 1.0))
        "expected a prior of scales over a finite number above 0, received a normal distribution"

/// Catches a refusal in the name of the family that another is made of, or with that one's names.
[<Fact>]
let ``a parameter that a family made of others lacks is refused with the names of its own`` () =
    let rows = array2D [ [ 1.0; 2.0 ]; [ 3.0; 1.0 ]; [ 4.0; 5.0 ]; [ 9.0; 3.0 ] ]
    let data = Dataset.FromRows(rows, [| "height"; "visits" |])

    let refused (wanted: string) expected spec =
        let spec = spec |> MixtureSpec.withPrior wanted (Prior.normal 0.0 1.0)

        let e =
            Assert.Throws<ArgumentException>(fun () -> SpecModel.ofSpec spec data |> ignore)

        Assert.StartsWith($"expected a parameter of the {expected}, received a prior of {wanted}", e.Message)

    let studentT structure degrees =
        MixtureSpec.Create(Families.studentT structure degrees, 2)

    let full =
        "student-t family (locations, scale_matrices, precision_matrices, components"

    let estimated = studentT CovarianceStructure.Full DegreesOfFreedom.Estimated
    estimated |> refused "rates" $"{full}, degrees_of_freedom)"
    // the Gaussian's names are not its own
    estimated |> refused "means" $"{full}, degrees_of_freedom)"
    estimated |> refused "covariances" $"{full}, degrees_of_freedom)"

    let fixedDegrees = studentT CovarianceStructure.Full (DegreesOfFreedom.Fixed 4.0)
    fixedDegrees |> refused "degrees_of_freedom" $"{full})"

    studentT CovarianceStructure.Diagonal DegreesOfFreedom.Estimated
    |> refused "rates" "student-t family (locations, scales, variances, precisions, components, degrees_of_freedom)"

    let logNormal = MixtureSpec.Create(Families.logNormal, 2)
    let own = "log-normal family (locations, scales, variances, precisions, components)"
    logNormal |> refused "rates" own
    logNormal |> refused "means" own

    let product =
        Product.spec [ "height", Families.gaussian; "visits", Families.poisson ] 2

    let both = "product family (height.means, height.scales, visits.rates)"
    product |> refused "shapes" both
    product |> refused "height.rates" both
    product |> refused "visits.means" both
