namespace Mixtures

open System

/// The columns that options ask for, of data whose columns have no names.
type internal PositionedColumns =
    {
        Columns: int[]
        Weights: int option
        Label: int option
    }

    /// Positions from 0 among so many columns of a file.
    static member Of(options: CsvOptions, file: string, count: int) =
        let find (reference: string) =
            match Int32.TryParse reference with
            | true, position when position >= 1 && position <= count -> position - 1
            | _ ->
                raise (
                    DataException
                        $"{file} has no column '{reference}': its columns have no names, so give a position from 1 to {count}."
                )

        let weights = Option.map find options.WeightsColumn
        let label = Option.map find options.LabelColumn

        let chosen =
            match options.Columns with
            | Some references -> references |> Seq.map find |> Seq.toArray
            | None ->
                [| 0 .. count - 1 |]
                |> Array.except (Option.toList weights @ Option.toList label)

        if chosen.Length = 0 then
            raise (DataException $"{file} has no column of data left: choose at least one column.")

        {
            Columns = chosen
            Weights = weights
            Label = label
        }
