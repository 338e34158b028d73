namespace Mixtures

open System
open System.Globalization

/// What was chosen for a column, and why.
[<NoEquality; NoComparison>]
type SchemaChoice =
    {
        /// The column's name.
        Column: string
        /// The family; nothing for a column that is left out.
        Family: IComponentFamily option
        /// Why, in plain words, such as "only 0 and 1".
        Reason: string
    }

/// Which family each column of mixed data has: as text, such as height=gaussian,smoker=bernoulli,visits=poisson, or found by
/// looking at the data.
[<RequireQualifiedAccess>]
module Schema =

    /// The names of families in a schema's text.
    let families =
        [
            "gaussian"
            "student-t"
            "student-t:DEGREES"
            "bernoulli"
            "categorical"
            "poisson"
            "negative-binomial"
            "zero-inflated-poisson"
            "geometric"
            "binomial"
            "binomial:TRIALS"
            "exponential"
            "gamma"
            "log-normal"
            "weibull"
            "beta"
            "von-mises"
        ]

    let private refuse (reason: string) : 'T = invalidArg "schema" reason

    let private structureOf (text: string) =
        match CovarianceStructure.tryParse text with
        | Some structure when structure <> CovarianceStructure.Known -> structure
        | _ -> refuse $"expected full, tied, diagonal or spherical after 'gaussian:', received '{text}'"

    /// The family of a text such as poisson, binomial:12, gaussian:full, student-t or student-t:4 (with 4 degrees of
    /// freedom; the scale matrix is full). Several columns together are gaussian:full unless the text says otherwise.
    let private familyOf (together: bool) (text: string) : IComponentFamily =
        let name, detail =
            match text.IndexOf ':' with
            | -1 -> text, None
            | at -> text.Substring(0, at).Trim(), Some(text.Substring(at + 1).Trim())

        let plain (family: IComponentFamily) =
            match detail with
            | Some detail -> refuse $"expected '{name}' alone, received '{name}:{detail}'"
            | None -> family

        match name.Trim().ToLowerInvariant() with
        | "gaussian"
        | "normal" ->
            match detail with
            | Some detail -> (Gaussian.spec (structureOf detail) 1).Family
            | None when together -> (Gaussian.spec CovarianceStructure.Full 1).Family
            | None -> Families.gaussian
        | "student-t" ->
            match detail with
            | None -> Families.studentT CovarianceStructure.Full DegreesOfFreedom.Estimated
            | Some detail ->
                match Double.TryParse(detail, NumberStyles.Float, CultureInfo.InvariantCulture) with
                | true, nu when nu > 0.0 && Double.IsFinite nu ->
                    Families.studentT CovarianceStructure.Full (DegreesOfFreedom.Fixed nu)
                | _ -> refuse $"expected positive degrees of freedom after 'student-t:', received '{detail}'"
        | "binomial" ->
            match detail with
            | Some detail ->
                match Int32.TryParse(detail, NumberStyles.None, CultureInfo.InvariantCulture) with
                | true, trials when trials >= 1 -> Families.binomial trials
                | _ -> refuse $"expected a number of trials after 'binomial:', received '{detail}'"
            | None -> Families.binomialOfData
        | "bernoulli" -> plain Families.bernoulli
        | "categorical" -> plain Families.categorical
        | "poisson" -> plain Families.poisson
        | "negative-binomial" -> plain Families.negativeBinomial
        | "zero-inflated-poisson" -> plain Families.zeroInflatedPoisson
        | "geometric" -> plain Families.geometric
        | "exponential" -> plain Families.exponential
        | "gamma" -> plain Families.gamma
        | "log-normal" -> plain Families.logNormal
        | "weibull" -> plain Families.weibull
        | "beta" -> plain Families.beta
        | "von-mises" -> plain Families.vonMises
        | other ->
            let known = String.concat ", " families
            refuse $"expected a family ({known}), received '{other}'"

    /// The family of a text such as poisson, binomial:12, gaussian:full, student-t or student-t:4, for all columns alike. A
    /// Gaussian is diagonal unless the text says otherwise, and a binomial without a number of trials takes the largest
    /// count of the data. Raises ArgumentException for what is none.
    let family (text: string) : IComponentFamily =
        ArgumentNullException.ThrowIfNull(text, nameof text)
        familyOf false (text.Trim())

    /// The groups of columns of a text: comma-separated column=family; several columns that a family has together are joined
    /// by +, as in height+weight=gaussian:full. Raises ArgumentException for what is none.
    let parse (text: string) : (string list * IComponentFamily) list =
        ArgumentNullException.ThrowIfNull(text, nameof text)

        let groups =
            text.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)
            |> Array.map (fun entry ->
                match entry.LastIndexOf '=' with
                | -1
                | 0 -> refuse $"expected column=family, such as visits=poisson, received '{entry}'"
                | at ->
                    let columns =
                        entry.Substring(0, at).Split('+', StringSplitOptions.TrimEntries)
                        |> Array.toList

                    if columns |> List.exists String.IsNullOrEmpty then
                        refuse $"expected the name of each column before '=', received '{entry}'"

                    columns, familyOf (columns.Length > 1) (entry.Substring(at + 1).Trim()))
            |> Array.toList

        if groups.IsEmpty then
            refuse "expected at least one column=family, such as visits=poisson, received none"

        for name, times in groups |> List.collect fst |> List.countBy id do
            if times > 1 then
                refuse $"expected each column once, received '{name}' {times} times"

        groups

    /// What a column of numbers looks like.
    let private choose (values: float[]) : IComponentFamily option * string =
        let distinct = values |> Array.distinct |> Array.truncate 50
        let whole = values |> Array.forall Whole.isCount

        if distinct.Length = 0 then
            None, "no values: left out"
        elif distinct.Length = 1 then
            None, $"constant ({Wording.number distinct[0]}): left out"
        elif distinct |> Array.forall (fun v -> v = 0.0 || v = 1.0) then
            Some Families.bernoulli, "only 0 and 1"
        elif whole && distinct.Length <= 5 && Array.max distinct < 20.0 then
            Some Families.categorical, $"{distinct.Length} whole numbers, taken as levels"
        elif whole then
            let mean = Array.average values
            let variance = values |> Array.averageBy (fun v -> (v - mean) * (v - mean))
            let ratio = Wording.short (variance / mean)

            if mean >= 100.0 then
                Some Families.gaussian, $"whole numbers, but large (mean {Wording.short mean})"
            elif variance > 1.5 * mean then
                Some Families.negativeBinomial, $"counts, of variance {ratio} times the mean"
            else
                Some Families.poisson, $"counts, of variance {ratio} times the mean"
        else
            Some Families.gaussian, "numbers that are not all whole"

    /// Fewer rows than this tell nothing of whether a text is another in each.
    [<Literal>]
    let private FewRows = 10

    /// Whether texts look like names of the rows: at least nine in ten rows have one that no row before has.
    let private areIdentifiers (values: float[]) =
        values.Length >= FewRows
        && 10 * (Array.distinct values).Length >= 9 * values.Length

    /// A choice for each column, by its values (those not missing, of rows with positive weight): columns of levels are
    /// categorical, or left out where nearly every row has its own, as identifiers do; 0 and 1 are Bernoulli; at most five different
    /// small whole numbers are levels; other counts are Poisson, or negative binomial where their variance is more than 1.5
    /// times their mean; anything else is Gaussian. Constant columns are left out.
    let infer (data: Dataset) : SchemaChoice[] =
        let weights = data.Weights

        Array.init data.Dimension (fun c ->
            let values =
                data.Column c
                |> Array.indexed
                |> Array.filter (fun (i, value) ->
                    not (Double.IsNaN value) && (not data.HasWeights || weights.Span[i] > 0.0))
                |> Array.map snd

            let levels = data.Levels c

            let family, reason =
                if levels.Count > 0 && areIdentifiers values then
                    let distinct = (Array.distinct values).Length
                    let name = data.ColumnNames[c]

                    None,
                    $"{distinct} levels in {values.Length} rows, as identifiers have: left out (a written schema with {name}=categorical keeps it)"
                elif levels.Count > 0 && (Array.distinct values).Length > 1 then
                    Some Families.categorical, $"{levels.Count} levels: {ColumnNames.show levels}"
                elif levels.Count > 0 && values.Length > 0 then
                    None, $"only the level '{levels[int values[0]]}': left out"
                else
                    choose values

            {
                Column = data.ColumnNames[c]
                Family = family
                Reason = reason
            })

    /// The groups of columns of a choice, without those left out.
    let ofChoices (choices: SchemaChoice[]) : (string list * IComponentFamily) list =
        [
            for choice in choices do
                match choice.Family with
                | Some family -> [ choice.Column ], family
                | None -> ()
        ]

    /// The columns that groups name, in their order.
    let columns (groups: (string list * IComponentFamily) list) : string list = groups |> List.collect fst

    /// Specifies a mixture of so many components over groups of columns. Fit it to these columns of the data:
    /// data.Select(Schema.columns groups).
    let spec (groups: (string list * IComponentFamily) list) (components: int) : MixtureSpec =
        MixtureSpec.Create(Product.familyOf groups, components)
