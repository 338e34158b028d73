namespace Mixtures

/// What becomes of a cell without a value: NaN, or in CSV files an empty cell or one of NA, N/A, NaN, null, none, ?, - and
/// a point. Infinity is no missing value: it is always refused, and so is a weight that is missing.
[<RequireQualifiedAccess>]
type MissingCells =
    /// It is refused, by row and column.
    | Refuse
    /// It is kept, as NaN.
    | Keep
