namespace Mixtures

open System
open System.Globalization

/// Data or a file that cannot be used. The message names what, where (row, column), what was expected, what was
/// received and the remedy, and is meant to be shown to people as it is.
[<Sealed>]
type DataException(message: string, inner: exn | null) =
    inherit Exception(message, inner)
    new(message) = DataException(message, null)

/// Wording for messages.
[<RequireQualifiedAccess>]
module internal Wording =
    /// A number as it is written everywhere, whatever the machine's culture (which string interpolation follows).
    let number (value: float) =
        value.ToString(CultureInfo.InvariantCulture)

    /// A number of things: 1 row, 2 rows.
    let count (number: int) (noun: string) =
        if number = 1 then $"1 {noun}" else $"{number} {noun}s"
