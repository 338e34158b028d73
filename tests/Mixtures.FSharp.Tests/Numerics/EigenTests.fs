module Mixtures.Tests.EigenTests

open Xunit
open Mixtures
open Mixtures.Tests.RandomModels

/// Catches a wrong rotation, a block that is not split, and matrices that have lost rank or fall apart.
[<Fact>]
let ``eigenvalues equal those found with eigenvectors`` () =
    forSeeds 200 (fun stream ->
        let d = between 1 30 stream
        let rank = between 0 d stream
        let rows = Array2D.init rank d (fun _ _ -> stream.NextNormal())

        let matrix =
            Array.init (d * d) (fun at ->
                let i, j = at / d, at % d

                Seq.sum (seq { for r in 0 .. rank - 1 -> rows[r, i] * rows[r, j] })
                + (if i = j then float (i % 3) else 0.0))

        let struct (values, _) = Eigen.symmetric d matrix
        let expected = Array.sort values
        let actual = Eigen.valuesInPlace d (Array.copy matrix) |> Array.sort
        let size = 1e-300 + Array.max (Array.map abs expected)

        for i in 0 .. d - 1 do
            near 1e-13 (float d * size) expected[i] actual[i] $"eigenvalue {i} of {d}")

/// Catches a division by zero where there is nothing to rotate.
[<Fact>]
let ``a diagonal matrix has its diagonal for eigenvalues`` () =
    let matrix =
        Array.init 25 (fun at -> if at / 5 = at % 5 then float (at % 5) else 0.0)

    Assert.Equal<float>([| 0.0; 1.0; 2.0; 3.0; 4.0 |], Eigen.valuesInPlace 5 matrix |> Array.sort)
    Assert.Equal<float>([| 0.0; 0.0; 0.0 |], Eigen.valuesInPlace 3 (Array.zeroCreate 9))
