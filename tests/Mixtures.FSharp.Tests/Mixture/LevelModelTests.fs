module Mixtures.Tests.LevelModelTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.DataHelpers

let private auto = CsvOptions.defaults.WithTextAsLevels()

let private options =
    { Em.defaults with
        Restarts = 2
        Seed = 3
    }

/// Two groups: small x with mostly A and yes, large x with mostly O and no; one AB.
let private text =
    let row i =
        let group = i % 2

        let blood =
            if i = 7 then "AB"
            elif (i % 5 = 0) = (group = 0) then "O"
            else "A"

        let answer = if group = 0 then "yes" else "no, \"never\""
        let quoted = answer.Replace("\"", "\"\"")
        $"{group * 10 + i % 4},{blood},\"{quoted}\"\n"

    "x,blood,answer\n" + String.Join("", Seq.init 60 row)

let private groups =
    [
        [ "x" ], Families.gaussian
        [ "blood" ], Families.categorical
        [ "answer" ], Families.categorical
    ]

let private fitted () =
    let data = readCsv auto text
    data, (Em.fit options (Schema.spec groups 2) data).Mixture

/// Catches names that get lost between the data, the fit, its file and what is drawn from it.
[<Fact>]
let ``a model remembers its levels`` () =
    let data, mixture = fitted ()
    let blood = [ "A"; "AB"; "O" ]
    let answers = [ "no, \"never\""; "yes" ]

    let check (mixture: Mixture) =
        Assert.Empty(mixture.Levels 0)
        Assert.Equal<string>(blood, mixture.Levels 1)
        Assert.Equal<string>(answers, mixture.Levels 2)

    check mixture
    let json = ModelFile.toJson None mixture
    let loaded = (ModelFile.ofJson json).Mixture
    check loaded
    Assert.Equal(json, ModelFile.toJson None loaded)
    Assert.Equal<int>(Mixture.predict mixture data, Mixture.predict loaded data)
    let drawn = loaded |> Mixture.sample (RandomKey.FromSeed 1) 50
    Assert.Equal<string>(answers, drawn.LevelsOf "answer")
    Assert.Equal(Mixture.score mixture drawn, Mixture.score loaded drawn)
    let marginal = mixture |> Mixture.marginal [ 2; 1 ]
    Assert.Equal<string>(answers, marginal.Levels 0)
    Assert.Equal<string>(blood, marginal.Levels 1)
    let conditional = mixture |> Mixture.conditional [ 0, 1.0 ]
    Assert.Equal<string>(blood, conditional.Levels 0)

    for names, part in Product.parts mixture do
        if Array.contains "blood" names then
            Assert.Equal<string>(blood, part.Levels(Array.IndexOf(names, "blood")))

    let part =
        (Product.parts mixture
         |> Array.find (fun (names, _) -> names[0] = "blood")
         |> snd)

    Assert.Equal<string>([ "probability[A]"; "probability[AB]"; "probability[O]" ], (Families.parameterNames part)[0])

    Assert.Throws<ArgumentException>(fun () -> mixture.Levels 3 |> ignore) |> ignore

/// Catches levels that are taken by code where their names say otherwise.
[<Fact>]
let ``new data are coded by name`` () =
    let data, mixture = fitted ()
    let lines = text.TrimEnd('\n').Split '\n'

    // only some of the levels, which get other codes when read on their own
    let few =
        lines |> Array.filter (fun line -> line.StartsWith "x," || line.Contains ",O,")

    let fewText = String.Join("\n", few) + "\n"
    let own = readCsv auto fewText
    Assert.Equal<string>([ "O" ], own.LevelsOf "blood")

    let rows =
        [
            for i in 1 .. lines.Length - 1 do
                if lines[i].Contains ",O," then
                    i - 1
        ]

    let expected = Mixture.logDensity mixture (data.Take rows)
    Assert.Equal<float>(expected, Mixture.logDensity mixture own)

    let read =
        withCsv fewText (fun path -> ModelData.read CsvOptions.defaults path mixture)

    Assert.Equal<string>(mixture.Levels 1, read.LevelsOf "blood")
    Assert.Equal<float>(expected, Mixture.logDensity mixture read)

/// Catches an unseen level that is given some code, or refused without its name, place and the known ones.
[<Fact>]
let ``an unseen level is refused`` () =
    let _, mixture = fitted ()
    let unseen = "x,blood,answer\n1,A,yes\n2,C,yes\n"

    (fun () -> Mixture.predict mixture (readCsv auto unseen))
    |> rejects [ "Row 2, column 'blood'"; "'C'"; "A, AB, O" ]

    (fun () -> withCsv unseen (fun path -> ModelData.read CsvOptions.defaults path mixture))
    |> rejects [ "row 2 (line 3)"; "'blood'"; "'C'"; "A, AB, O" ]

    (fun () -> withCsv "x,blood,answer\n1,1,yes\n" (fun path -> ModelData.read CsvOptions.defaults path mixture))
    |> rejects [ "the level '1'" ]

/// Catches files without names of columns, other columns in the way, and options that are overruled.
[<Fact>]
let ``files for a model are read as the model needs them`` () =
    let data, mixture = fitted ()

    let read options text =
        withCsv text (fun path -> ModelData.read options path mixture)

    let expected = Mixture.logDensity mixture (data.Take [| 0 |])
    let row = text.Split('\n')[1]
    let cells = row.Split ','
    let other = $"note,answer,x,blood\nfree text,yes,{cells[0]},{cells[1]}\n"
    Assert.Equal<float>(expected, Mixture.logDensity mixture (read CsvOptions.defaults other))
    let bare = read (CsvOptions.defaults.WithHeader false) (row + "\n")
    Assert.Equal<float>(expected, Mixture.logDensity mixture bare)

    let labelled =
        read (CsvOptions.defaults.WithHeader(false).WithLabelColumn "1") $"label,{row}\n"

    Assert.Equal<float>(expected, Mixture.logDensity mixture labelled)

    (fun () -> read CsvOptions.defaults "x,blood\n1,A\n")
    |> rejects [ "no column 'answer'" ]

    // codes in an array
    let codes = Dataset.FromRows([ data.Row 0 ], [| "x"; "blood"; "answer" |])
    Assert.Equal<float>(expected, Mixture.logDensity mixture codes)
    Assert.Equal(expected[0], Mixture.logDensityOfRow mixture (data.Row 0))

    (fun () -> Mixture.predict mixture (Dataset.FromRows([ [| 1.0; 3.0; 0.0 |] ], [| "x"; "blood"; "answer" |])))
    |> rejects [ "Row 1, column 'blood'"; "code"; "A, AB, O" ]

/// Catches numbers that are taken for codes where they could be names.
[<Fact>]
let ``levels named like numbers are matched by name only`` () =
    let data = readCsv auto "k,x\n1,1\n2,2\nx,3\n2,5\n1,1\n"

    let spec =
        Schema.spec [ [ "k" ], Families.categorical; [ "x" ], Families.gaussian ] 1

    let mixture = (Em.fit options spec data).Mixture
    Assert.Equal<string>([ "1"; "2"; "x" ], mixture.Levels 0)
    let numbers = "k,x\n1,1\n2,2\n"
    let expected = Mixture.logDensity mixture (data.Take [| 0; 1 |])

    let read =
        withCsv numbers (fun path -> ModelData.read CsvOptions.defaults path mixture)

    Assert.Equal<float>(expected, Mixture.logDensity mixture read)

    (fun () -> Mixture.predict mixture (readCsv CsvOptions.defaults numbers))
    |> rejects [ "'k'"; "names like numbers"; "'1'" ]

/// Catches levels given to a family of numbers, and families that mix up their levels.
[<Fact>]
let ``levels are for categorical columns`` () =
    let data = readCsv auto text

    let refused family =
        let error =
            Assert.Throws<FitException>(fun () -> Em.fit options (MixtureSpec.Create(family, 2)) data |> ignore)

        Assert.Contains("'blood'", error.Message)
        Assert.Contains("A, AB, O", error.Message)
        Assert.Contains("categorical", error.Message)

    for family in
        [
            (Gaussian.spec CovarianceStructure.Full 2).Family
            Families.gaussian
            Families.poisson
            Families.bernoulli
        ] do
        refused family

    let gaussian =
        (Em.fit options (Gaussian.spec CovarianceStructure.Diagonal 1) (Dataset.FromColumn([ 0.0; 1.0; 3.0 ], "blood")))
            .Mixture

    (fun () -> Mixture.predict gaussian data)
    |> rejects [ "'blood'"; "gaussian"; "levels" ]

    // a family of given levels takes the names, if they are as many
    let blood = data.Select [| "blood" |]
    let given = MixtureSpec.Create(Families.categoricalOf [| 3 |], 1)
    Assert.Equal<string>([ "A"; "AB"; "O" ], (Em.fit options given blood).Mixture.Levels 0)

    (fun () -> Em.fit options (MixtureSpec.Create(Families.categoricalOf [| 4 |], 1)) blood)
    |> rejects [ "'blood'"; "3 levels"; "4" ]

    (fun () -> Em.fit options (MixtureSpec.Create(Families.categorical, 1)) (Dataset.ofTexts "t" [ "a"; "a" ]))
    |> rejects [ "'t'"; "only the level 'a'" ]

    // names that a model does not know
    let codes = Dataset.FromRows([ [| 0.0 |]; [| 1.0 |]; [| 2.0 |] ], [| "blood" |])
    let nameless = (Em.fit options given codes).Mixture

    (fun () -> Mixture.predict nameless blood)
    |> rejects [ "'blood'"; "codes only" ]

/// Catches a mixture of levels that differs from one of their codes.
[<Fact>]
let ``a fit to levels is the fit to their codes`` () =
    let data, mixture = fitted ()

    let codes = Dataset.FromRows(rowsOf data, [| "x"; "blood"; "answer" |])

    let plain = (Em.fit options (Schema.spec groups 2) codes).Mixture
    Assert.Equal<float>(plain.Weights, mixture.Weights)
    Assert.Equal(Mixture.score plain codes, Mixture.score mixture data)

/// Catches a schema that takes levels for counts, or does not name them.
[<Fact>]
let ``a schema takes levels as categorical`` () =
    let choices =
        readCsv auto "x,blood,same\n1.5,O,u\n2,A,u\n3,AB,u\n4,B,u\n" |> Schema.infer

    Assert.Equal("4 levels: A, AB, B, O", choices[1].Reason)
    Assert.Equal("categorical", choices[1].Family.Value.Name)
    Assert.Equal("only the level 'u': left out", choices[2].Reason)
    Assert.True choices[2].Family.IsNone

/// Catches model files with levels that do not fit, and older ones that are refused.
[<Fact>]
let ``levels in model files are checked`` () =
    let model (levels: string) =
        $"""{{"format":"mixtures-model","version":1,"family":"categorical","columns":["k"],"weights":[1],{levels}"parameters":{{"probabilities":[[[0.25,0.75]]]}}}}"""

    let load levels =
        (ModelFile.ofJson (model levels)).Mixture

    Assert.Empty((load "").Levels 0)
    Assert.Empty((load "\"levels\":{},").Levels 0)
    Assert.Equal<string>([ "no"; "yes" ], (load "\"levels\":{\"k\":[\"no\",\"yes\"]},").Levels 0)

    (fun () -> load "\"levels\":{\"k\":[\"no\"]},")
    |> rejects [ "levels.k"; "2 names"; "received 1" ]

    (fun () -> load "\"levels\":{\"z\":[\"no\",\"yes\"]},")
    |> rejects [ "no column 'z'" ]

    (fun () -> load "\"levels\":{\"k\":[\"no\",\"no\"]},")
    |> rejects [ "'no' twice" ]

    (fun () -> load "\"levels\":[[\"no\",\"yes\"]],")
    |> rejects [ "object in 'levels'" ]

    (fun () -> load "\"levels\":{\"k\":[0,1]},") |> rejects [ "text in 'levels.k'" ]

/// Catches a gap among levels that is taken for a level, or gets lost when levels are matched.
[<Fact>]
let ``a gap among levels is marginalised`` () =
    let _, mixture = fitted ()
    let gap = "x,blood,answer\n1,,yes\n11,O,\n"
    let keep = CsvOptions.defaults.WithMissing MissingCells.Keep
    let read = withCsv gap (fun path -> ModelData.read keep path mixture)
    let own = readCsv (auto.WithMissing MissingCells.Keep) gap
    let densities = Mixture.logDensity mixture read
    Assert.Equal<float>(densities, Mixture.logDensity mixture own)
    let without = mixture |> Mixture.marginal [ 0; 2 ]
    let there = Mixture.logDensity without (read.Select [| "x"; "answer" |])
    Assert.Equal(there[0], densities[0], 12)

    let refitted =
        (Em.fit options (Schema.spec groups 1) (readCsv (auto.WithMissing MissingCells.Keep) (text + "1,,yes\n")))
            .Mixture

    Assert.Equal<string>([ "A"; "AB"; "O" ], refitted.Levels 1)

/// Catches levels that get lost behind noise: in the fit, its file, what is drawn from it, and data coded otherwise.
[<Fact>]
let ``a model with noise remembers its levels`` () =
    let data = readCsv auto text
    let spec = MixtureSpec.withNoise (Schema.spec groups 2)
    let mixture = (Em.fit options spec data).Mixture
    let loaded = (ModelFile.ofJson (ModelFile.toJson None mixture)).Mixture

    for known in [ mixture; loaded ] do
        Assert.Equal<string>([ "A"; "AB"; "O" ], known.Levels 1)
        Assert.Equal<float>(Mixture.logDensity mixture data, Mixture.logDensity known data)
        let drawn = known |> Mixture.sample (RandomKey.FromSeed 1) 50
        Assert.Equal<string>([ "A"; "AB"; "O" ], drawn.LevelsOf "blood")

        // fewer levels, so other codes
        let other = data.Take [| 0; 1; 2 |] |> Mixture.logDensity known
        let few = readCsv auto (String.Join("\n", text.Split('\n')[..3]))
        Assert.Equal<float>(other, Mixture.logDensity known few)
        let unseen = readCsv auto "x,blood,answer\n1,B,yes\n"

        let refused =
            Assert.Throws<DataException>(fun () -> Mixture.predict known unseen |> ignore)

        Assert.Contains("'B'", refused.Message)
