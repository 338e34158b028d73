namespace Mixtures

open System

/// Data files read for a model.
[<RequireQualifiedAccess>]
module ModelData =

    /// The file's columns and their names, as the options choose them.
    let private schemaOf (options: CsvOptions) (path: string) =
        use cursor =
            new CsvCursor(
                path,
                { options with
                    Levels = CsvLevels.Never
                }
            )

        cursor.Schema

    /// The levels of the model's columns, by what these are called in the file: by name where both have names, else in order.
    let private knownLevels (mixture: Mixture) (schema: CsvSchema) =
        let byName = mixture.HasColumnNames && schema.Header.IsSome

        [
            for c in 0 .. mixture.Dimension - 1 do
                let levels = mixture.Levels c

                let column =
                    if byName then
                        Array.tryFind ((=) mixture.ColumnNames[c]) schema.Names
                    else
                        Array.tryItem c schema.Names

                match column with
                | Some column when levels.Count > 0 -> column, List.ofSeq levels
                | _ -> ()
        ]

    /// Reads a file (see Dataset.FromFile) for a model. Where both the file and the model name their columns, only the
    /// model's are read, unless the options choose others, so that other columns may hold anything. Columns of text are read
    /// as the model's levels, unless the options say how: a cell with another text raises DataException.
    let read (options: CsvOptions) (path: string) (mixture: Mixture) : Dataset =
        ArgumentNullException.ThrowIfNull(path, nameof path)

        let isCsv =
            not (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) || IdxFile.isIdx path)

        let hasLevels =
            Seq.exists (fun c -> mixture.Levels(c).Count > 0) (seq { 0 .. mixture.Dimension - 1 })

        let takesColumns = mixture.HasColumnNames && options.Columns.IsNone
        let takesLevels = hasLevels && options.Levels = CsvLevels.Never

        if not (isCsv && (takesColumns || takesLevels)) then
            Dataset.FromFile(path, options)
        else
            let schema = schemaOf options path

            let options, schema =
                if takesColumns && schema.Header.IsSome then
                    let own =
                        { options with
                            Columns = Some(List.ofSeq mixture.ColumnNames)
                        }

                    own, (if takesLevels then schemaOf own path else schema)
                else
                    options, schema

            if takesLevels then
                Dataset.FromFile(
                    path,
                    { options with
                        Levels = CsvLevels.Known(knownLevels mixture schema)
                    }
                )
            else
                Dataset.FromFile(path, options)
