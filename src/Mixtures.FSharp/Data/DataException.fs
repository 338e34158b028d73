namespace Mixtures

open System

/// Data or a file that cannot be used. The message names what, where (row, column), what was expected, what was
/// received and the remedy, and is meant to be shown to people as it is.
[<Sealed>]
type DataException(message: string, inner: exn | null) =
    inherit Exception(message, inner)
    new(message) = DataException(message, null)
