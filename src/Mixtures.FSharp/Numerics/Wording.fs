namespace Mixtures

open System
open System.Globalization

/// Wording for messages.
[<RequireQualifiedAccess>]
module internal Wording =
    /// A number as it is written everywhere, whatever the machine's culture (which string interpolation follows).
    let number (value: float) =
        value.ToString(CultureInfo.InvariantCulture)

    /// A number to four digits.
    let short (value: float) =
        value.ToString("g4", CultureInfo.InvariantCulture)

    /// A number of things: 1 row, 2 rows.
    let count (number: int) (noun: string) =
        if number = 1 then $"1 {noun}" else $"{number} {noun}s"

    /// The message of an argument check as the start of a sentence, without the parameter's name and the full stop.
    let sentence (error: ArgumentException) =
        let cut = error.Message.LastIndexOf " (Parameter"

        let text =
            if cut > 0 then
                error.Message.Substring(0, cut)
            else
                error.Message

        String.Concat(string (Char.ToUpperInvariant text[0]), text.Substring(1).TrimEnd '.')
