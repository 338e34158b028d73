namespace Mixtures

/// Covariances that are given: a D x D matrix for each component or one for all; where every one is diagonal, only their
/// diagonals.
[<NoEquality; NoComparison>]
type internal KnownCovariances =
    {
        Dimension: int
        /// How many there are: one for all components, or one each.
        Count: int
        /// Count x D x D, or Count x D where all are diagonal.
        Values: float[]
    }

    /// Whether only diagonals are held.
    member known.IsDiagonal = known.Values.Length = known.Count * known.Dimension

    /// Those of so many components, one after the other.
    member known.ForComponents(components: int) =
        if known.Count = components then
            known.Values
        else
            Array.init components (fun _ -> known.Values) |> Array.concat

/// Making known covariances.
[<RequireQualifiedAccess>]
module internal KnownCovariances =

    /// The diagonals of D x D matrices, one after the other, if all of them are diagonal; else the matrices.
    let compress dimension count (values: float[]) =
        let square = dimension * dimension

        let isDiagonal =
            values.Length = count * square
            && values
               |> Seq.indexed
               |> Seq.forall (fun (at, v) -> v = 0.0 || at % square / dimension = at % square % dimension)

        if isDiagonal then
            Array.init (count * dimension) (fun at ->
                values[at / dimension * square + at % dimension * (dimension + 1)])
        else
            values

    let ofMatrices (matrices: float[,][]) =
        let d = matrices[0].GetLength 0

        {
            Dimension = d
            Count = matrices.Length
            Values =
                matrices
                |> Array.collect (fun m -> Array.init (d * d) (fun at -> m[at / d, at % d]))
                |> compress d matrices.Length
        }

    /// The same variance in every column, for every component.
    let ofVariance dimension (variance: float) =
        {
            Dimension = dimension
            Count = 1
            Values = Array.create dimension variance
        }
