namespace Mixtures

/// Texts that stand for a value that is not there.
[<RequireQualifiedAccess>]
module internal MissingText =

    /// Whether the text stands for a value that is missing.
    let isMissing (text: string) =
        match text.Trim().ToUpperInvariant() with
        | ""
        | "NA"
        | "N/A"
        | "NAN"
        | "+NAN"
        | "-NAN"
        | "NULL"
        | "NONE"
        | "?"
        | "-"
        | "." -> true
        | _ -> false
