namespace Mixtures

open System

/// Rows as tensors (N x D) that may lack columns: a column that is NaN in the first row is missing in all.
[<RequireQualifiedAccess>]
module internal MissingRows =

    /// The observed columns, or nothing where all are.
    let observed (rows: Tensor) : int[] voption =
        let d = rows.Dims[1]

        if rows.Dims[0] = 0 then
            ValueNone
        else
            let first = (Tensor.slice 0 0 1 rows).ToArray()

            if Array.exists Double.IsNaN first then
                ValueSome([| 0 .. d - 1 |] |> Array.filter (fun c -> not (Double.IsNaN first[c])))
            else
                ValueNone

    /// The observed columns of the rows, and of something that has one number a column (K x D).
    let drop (parameters: Tensor) (rows: Tensor) : struct (Tensor * Tensor) =
        match observed rows with
        | ValueNone -> struct (parameters, rows)
        | ValueSome columns -> struct (Tensor.indexSelect 1 columns parameters, Tensor.indexSelect 1 columns rows)
