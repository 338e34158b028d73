namespace Mixtures

open System

/// The numbers of columns of levels: codes 0 … L - 1, NaN where a cell is missing.
[<RequireQualifiedAccess>]
module internal LevelCodes =

    /// The codes of a column's texts, NaN for blank ones, and its levels, sorted by their characters.
    let ofTexts (texts: seq<string | null>) : struct (float[] * string[]) =
        ArgumentNullException.ThrowIfNull(texts, nameof texts)
        let index = LevelIndex [||]

        let codes =
            texts
            |> Seq.map (fun text ->
                match text with
                | null -> Double.NaN
                | text when String.IsNullOrWhiteSpace text -> Double.NaN
                | text ->
                    let text = text.Trim()

                    match index.Find(text.AsSpan()) with
                    | -1 when index.IsFull -> raise (DataException(LevelNames.tooMany "The column"))
                    | -1 -> float (index.Add text)
                    | code -> float code)
            |> Seq.toArray

        if index.Names.Length = 0 then
            raise (DataException "There is no text that is not blank: give at least one level.")

        let struct (levels, places) = LevelNames.sort index.Names

        struct (codes
                |> Array.map (fun code -> if Double.IsNaN code then code else places[int code]),
                levels)

    /// Raises DataException for the first number of a column that is no code of so many levels.
    let check (column: string) (levels: string[]) (values: float[]) =
        for i in 0 .. values.Length - 1 do
            let value = values[i]

            if
                not (Double.IsNaN value)
                && not (value >= 0.0 && value < float levels.Length && Double.IsInteger value)
            then
                raise (
                    DataException
                        $"Row {i + 1}, column '{column}' is {Wording.number value}: expected the code of one of {levels.Length} levels, a whole number from 0 to {levels.Length - 1}."
                )

    /// The codes of a column in another list of levels; DataException names the row of a level that is not in it.
    let translate (column: string) (from: string[]) (levels: string[]) (values: float[]) : float[] =
        let codes = from |> Array.map (fun level -> Array.IndexOf(levels, level))

        values
        |> Array.mapi (fun i value ->
            if Double.IsNaN value then
                value
            else
                match codes[int value] with
                | -1 ->
                    let reason = LevelNames.unseen from[int value] levels

                    raise (
                        DataException
                            $"Row {i + 1}, column '{column}': {reason}. Remove the row, or fit the model again with this level."
                    )
                | code -> float code)
