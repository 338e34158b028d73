namespace Mixtures

/// A family without a closed form for the M-step: it is done numerically, by tensors.
type internal INumericalFamily = interface end

/// Rows of tiles as tensors, and what log-densities make of them.
[<RequireQualifiedAccess>]
module internal LogDensityRows =

    /// The first rows of a tile: count x D.
    let ofTile (tile: Tile) (count: int) : Tensor =
        let d = tile.Dimension
        let values = Array.zeroCreate<float>(count * d)

        for c in 0 .. d - 1 do
            let column = tile.Column c

            for i in 0 .. count - 1 do
                values[i * d + c] <- column[i]

        Tensor.ofShape [| count; d |] values

    let check (family: string) (rows: int) (values: Tensor) =
        if values.Rank <> 1 || values.Count <> rows then
            Shape.refuse
                $"log-density of family '{family}'"
                $"expected one number for each of {rows} rows, received shape {Shape.text values.Dims}"
