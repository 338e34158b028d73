namespace Mixtures

open System
open System.Text.Json

/// Reads components of every family from JSON.
[<RequireQualifiedAccess>]
module internal FamilyReader =

    open JsonElements

    let private gaussian (root: JsonElement) (names: string[] option) (count: int) =
        let structureName = required "covariance" root |> text "covariance"

        let structure =
            match CovarianceStructure.tryParse structureName with
            | Some structure -> structure
            | None ->
                fail $"Expected full, tied, diagonal, spherical or known in 'covariance', received '{structureName}'."

        let means =
            required "means" root
            |> items "means"
            |> sized "means" count "means, one a weight,"
            |> Array.map (numbers "means")

        let d =
            match names with
            | Some names -> names.Length
            | None -> means[0].Length

        if d < 1 then
            fail "Expected at least one column in 'means', received none."

        let means = means |> Array.map (sized "means" d "numbers a mean")
        let covariances = required "covariances" root

        let matrix (element: JsonElement) =
            items "covariances" element
            |> sized "covariances" d "rows a matrix"
            |> Array.map (numbers "covariances" >> sized "covariances" d "numbers a row")

        let check k (rows: float[][]) =
            Gaussian.checkCovariance k (Array2D.init d d (fun i j -> rows[i][j]))
            Array.concat rows

        let stored =
            match structure with
            | CovarianceStructure.Full
            | CovarianceStructure.Known ->
                items "covariances" covariances
                |> sized "covariances" count "matrices, one a component,"
                |> Array.mapi (fun k m -> check k (matrix m))
                |> Array.concat
            | CovarianceStructure.Tied -> check 0 (matrix covariances)
            | CovarianceStructure.Diagonal ->
                items "covariances" covariances
                |> sized "covariances" count "lists of variances, one a component,"
                |> Array.map (numbers "covariances" >> sized "covariances" d "variances a component")
                |> Array.concat
            | CovarianceStructure.Spherical ->
                numbers "covariances" covariances
                |> sized "covariances" count "variances, one a component,"

        let constants =
            match tryGet "constant_columns" root with
            | None -> [||]
            | Some element ->
                let known =
                    names |> Option.defaultWith (fun () -> Array.init d (fun i -> $"x{i + 1}"))

                if structure <> CovarianceStructure.Spherical then
                    fail
                        "Expected no 'constant_columns' but for spherical covariance: others show them by a variance of 0."

                items "constant_columns" element
                |> Array.map (fun item ->
                    let name = text "constant_columns" item

                    match Array.IndexOf(known, name) with
                    | -1 -> fail $"There is no column '{name}', which 'constant_columns' names."
                    | i -> i)

        Gaussian.components structure constants count d (Array.concat means) stored

    let private logDensity (family: IComponentFamily) (root: JsonElement) (names: string[] option) (count: int) =
        let dimension = required "dimension" root |> integer "dimension"

        match names with
        | Some names ->
            names
            |> sized "columns" dimension "names, as many as the 'dimension',"
            |> ignore
        | None -> ()

        required "parameters" root
        |> items "parameters"
        |> sized "parameters" count "lists, one a weight,"
        |> Array.map (numbers "parameters")
        |> Component.create family dimension

    /// K lists of D numbers.
    let private table where count (element: JsonElement) =
        items where element
        |> sized where count "lists, one a component,"
        |> Array.map (numbers where)

    let private widthOf (names: string[] option) (rows: 'T[][]) where =
        let d =
            match names with
            | Some names -> names.Length
            | None -> rows[0].Length

        rows |> Array.iter (sized where d "numbers, one a column," >> ignore)
        d

    let private bernoulli (root: JsonElement) (names: string[] option) count : IComponents =
        let parameters = required "parameters" root
        let where = "parameters.log_odds"
        let rows = required "log_odds" parameters |> table where count
        let d = widthOf names rows where
        BernoulliFamily().OfLogits(count, d, Array.concat rows)

    let private logNormal (root: JsonElement) (names: string[] option) count : IComponents =
        let parameters = required "parameters" root

        let read name =
            required name parameters |> table ("parameters." + name) count

        let locations = read "location"
        let d = widthOf names locations "parameters.location"
        let variances = read "variance"
        widthOf (Some(Array.create d "")) variances "parameters.variance" |> ignore

        for v in Array.concat variances do
            if not (v > 0.0) then
                fail $"Expected positive numbers in 'parameters.variance', received {Wording.number v}."

        LogNormalFamily().OfVariances(count, d, Array.concat locations, Array.concat variances)

    let private independentOf
        (name: string)
        (columnAt: int -> ColumnFamily)
        (root: JsonElement)
        (names: string[] option)
        count
        =
        let parameters = required "parameters" root
        let stated = (columnAt 0).Parameters

        let tables =
            stated
            |> Array.map (fun p -> required p parameters |> table ("parameters." + p) count)

        for at in 0 .. tables.Length - 1 do
            widthOf names tables[at] ("parameters." + stated[at]) |> ignore

        let d = tables[0].[0].Length

        if d < 1 then
            fail "Expected at least one column in 'parameters', received none."

        let family = IndependentFamily.Of(name, Array.init d columnAt) :?> IndependentFamily

        family.Create(count, d, Array.init (count * d) (fun at -> tables |> Array.map (fun t -> t[at / d].[at % d])))

    /// The names of the levels, by the names of their columns.
    let private levelsOf (columns: string[]) (element: JsonElement) : Map<string, string[]> =
        if element.ValueKind <> JsonValueKind.Object then
            fail $"Expected an object in 'levels', received {kind element}."

        Map.ofList
            [
                for property in element.EnumerateObject() do
                    if not (Array.contains property.Name columns) then
                        fail $"There is no column '{property.Name}', which 'levels' names."

                    let where = $"levels.{property.Name}"
                    property.Name, items where property.Value |> Array.map (text where) |> LevelNames.check
            ]

    let private independent (name: string) (column: ColumnFamily) = independentOf name (fun _ -> column)

    /// With one number of trials for all columns, or one for each.
    let private binomial (root: JsonElement) (names: string[] option) count =
        let element = required "trials" root

        let trials =
            if element.ValueKind = JsonValueKind.Array then
                items "trials" element |> Array.map (integer "trials")
            else
                [| integer "trials" element |]

        if trials.Length = 0 then
            fail "Expected at least one number in 'trials', received none."

        for n in trials do
            if n < 1 then
                fail $"Expected at least 1 in 'trials', received {n}."

        let width =
            required "parameters" root
            |> required "probability"
            |> items "parameters.probability"
            |> Array.tryHead
            |> Option.map (fun first -> (items "parameters.probability" first).Length)

        match width with
        | Some d when trials.Length <> 1 && trials.Length <> d ->
            fail $"Expected 1 number of trials or one a column, {d}, in 'trials', received {trials.Length}."
        | _ -> ()

        independentOf "binomial" (fun c -> BinomialColumn(trials[min c (trials.Length - 1)])) root names count

    let private categorical (root: JsonElement) (names: string[] option) count : IComponents =
        let where = "parameters.probabilities"

        let tables =
            required "parameters" root
            |> required "probabilities"
            |> items where
            |> sized where count "lists, one a component,"
            |> Array.map (items where >> Array.map (numbers where))

        let d =
            match names with
            | Some names -> names.Length
            | None -> tables[0].Length

        for own in tables do
            own |> sized where d "lists, one a column," |> ignore

            own
            |> Array.iteri (fun c levels -> levels |> sized where tables[0].[c].Length "levels" |> ignore)

        let known =
            names |> Option.defaultWith (fun () -> ColumnNames.generate tables[0].Length)

        let levels = tryGet "levels" root |> Option.map (levelsOf known)

        let columns =
            tables[0]
            |> Array.mapi (fun c probabilities ->
                match levels |> Option.bind (Map.tryFind known[c]) with
                | Some names ->
                    let names =
                        names
                        |> sized $"levels.{known[c]}" probabilities.Length "names, one a probability,"

                    CategoricalColumn(names.Length, names) :> ColumnFamily
                | None -> CategoricalColumn probabilities.Length)

        let family = IndependentFamily.Of("categorical", columns) :?> IndependentFamily
        family.Create(count, d, Array.concat tables)

    let private studentT (root: JsonElement) (names: string[] option) count : IComponents =
        let structureName = required "covariance" root |> text "covariance"

        let structure =
            match CovarianceStructure.tryParse structureName with
            | Some CovarianceStructure.Full -> CovarianceStructure.Full
            | Some CovarianceStructure.Diagonal -> CovarianceStructure.Diagonal
            | _ -> fail $"Expected full or diagonal in 'covariance', received '{structureName}'."

        let degrees =
            required "degrees_of_freedom" root
            |> numbers "degrees_of_freedom"
            |> sized "degrees_of_freedom" count "numbers"

        for nu in degrees do
            if not (nu > 0.0) then
                fail $"Expected positive numbers in 'degrees_of_freedom', received {Wording.number nu}."

        let choice =
            match tryGet "degrees_estimated" root with
            | Some flag when flag.ValueKind = JsonValueKind.False -> DegreesOfFreedom.Fixed degrees[0]
            | _ -> DegreesOfFreedom.Estimated

        StudentTFamily(structure, choice).Wrap(gaussian root names count, degrees)

    let rec private readAs (family: string) (root: JsonElement) (names: string[] option) (count: int) : IComponents =
        match family with
        | "gaussian" -> gaussian root names count
        | "bernoulli" -> bernoulli root names count
        | "log-normal" -> logNormal root names count
        | "student-t" -> studentT root names count
        | "categorical" -> categorical root names count
        | "poisson" -> independent family (PoissonColumn()) root names count
        | "geometric" -> independent family (GeometricColumn()) root names count
        | "zero-inflated-poisson" -> independent family (ZeroInflatedPoissonColumn()) root names count
        | "negative-binomial" -> independent family (NegativeBinomialColumn()) root names count
        | "exponential" -> independent family (ExponentialColumn()) root names count
        | "gamma" -> independent family (GammaColumn()) root names count
        | "weibull" -> independent family (WeibullColumn()) root names count
        | "beta" -> independent family (BetaColumn()) root names count
        | "von-mises" -> independent family (VonMisesColumn()) root names count
        | "binomial" -> binomial root names count
        | "product" -> product root names count
        | _ ->
            fail
                $"The model's family '{family}' is not built in (gaussian, student-t, bernoulli, categorical, poisson and others are): a program that defines it can read the file, giving the family (ModelFile.loadWith in F#, Mixture.Load in C#)."

    /// The parts of a product, each over some of the columns, which are named.
    and private product (root: JsonElement) (names: string[] option) count : IComponents =
        let parts = required "parts" root |> items "parts"

        let columns =
            parts
            |> Array.map (fun part -> required "columns" part |> items "columns" |> Array.map (text "columns"))

        let all =
            match names with
            | Some names -> names
            | None -> ColumnNames.generate (Array.sumBy Array.length columns)

        if Array.sort (Array.concat columns) <> Array.sort all then
            fail "Expected every column in one of the 'parts', and none in two."

        let made =
            Array.map2
                (fun part own -> readAs (required "family" part |> text "family") part (Some own) count)
                parts
                columns

        let bound =
            Array.map2
                (fun (own: string[]) (components: IComponents) ->
                    {
                        Columns = own |> Array.map (fun name -> Array.IndexOf(all, name))
                        Family = components.Family
                    })
                columns
                made

        (ProductFamily.Of(bound, ValueNone) :?> ProductFamily).Create made

    /// The components that are read for one weight less, and noise over the box of 'noise'.
    let private withNoise (root: JsonElement) (count: int) (others: int -> IComponents) : IComponents =
        if count < 2 then
            fail "Expected at least 2 weights, as the last is the noise's, received 1."

        let components = others (count - 1)
        let noise = required "noise" root

        let read name =
            required name noise
            |> numbers ("noise." + name)
            |> sized ("noise." + name) components.Dimension "numbers, one a column,"

        let lower, upper = read "lower", read "upper"

        for c in 0 .. lower.Length - 1 do
            if upper[c] < lower[c] then
                fail
                    $"Expected numbers in 'noise.upper' that are not below 'noise.lower', received {Wording.number upper[c]} below {Wording.number lower[c]}."

        NoiseFamily.WrapIn(
            components,
            {
                Lower = lower
                Upper = upper
                Whole = Array.init lower.Length (NoiseBox.isWhole components.Family)
            }
        )

    /// The components of an object, of a built-in family or of the given one.
    let read (given: IComponentFamily option) (root: JsonElement) (names: string[] option) (count: int) : IComponents =
        let name = required "family" root |> text "family"
        let noisy = name.EndsWith(NoiseFamily.Suffix, StringComparison.Ordinal)

        let own =
            if noisy then
                name.Substring(0, name.Length - NoiseFamily.Suffix.Length)
            else
                name

        let others count =
            match given with
            | Some(:? NoiseFamily as given) -> logDensity given.Inner root names count
            | Some given -> logDensity given root names count
            | None -> readAs own root names count

        if noisy then withNoise root count others else others count
