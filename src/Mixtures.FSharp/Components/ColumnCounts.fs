namespace Mixtures

/// How much weight counts in each column of each component: K x D numbers, or nothing where every row counts in all of its
/// columns.
[<RequireQualifiedAccess>]
module internal ColumnCounts =

    /// Σ a of the rows of component k that count in a column, given Σ a of each component.
    let at (counts: float[]) (columnCounts: float[]) k column =
        if columnCounts.Length > 0 then
            columnCounts[k * (columnCounts.Length / counts.Length) + column]
        else
            counts[k]

    /// The column counts of two sets of rows together, each given by Σ a of its components and its column counts.
    let merge dimension (counts1: float[], columns1: float[]) (counts2: float[], columns2: float[]) =
        if columns1.Length > 0 || columns2.Length > 0 then
            Array.init (counts1.Length * dimension) (fun i ->
                at counts1 columns1 (i / dimension) (i % dimension)
                + at counts2 columns2 (i / dimension) (i % dimension))
        else
            [||]
