namespace Mixtures

open System

/// A block of rows that stays in cache, transposed so that consecutive numbers belong to consecutive rows of one
/// column (SIMD lanes are rows). Column c of row r is Data[c * Capacity + r]. Rows beyond Count repeat the last row,
/// with weight 0, so that kernels can always work on whole vectors. A tile is made once and filled again and again.
[<Sealed>]
type Tile(dimension: int, capacity: int) =
    do
        if dimension < 0 then
            invalidArg (nameof dimension) $"expected a dimension of at least 0, received {dimension}"

        if capacity < 32 || capacity % 32 <> 0 then
            invalidArg (nameof capacity) $"expected a positive multiple of 32 rows, received {capacity}"

    let data = AlignedArray(max 1 dimension * capacity)
    let weights = AlignedArray capacity
    let mutable count = 0
    let mutable children: (Tile | null)[] = [||]
    let mutable selection: Tile | null = null

    /// The number of columns, D.
    member _.Dimension = dimension

    /// The number of rows there is room for; a multiple of 32.
    member _.Capacity = capacity

    /// The number of rows that hold data.
    member _.Count = count

    /// Count rounded up to a multiple of 32: how many rows kernels work on.
    member _.PaddedCount = (count + 31) / 32 * 32

    /// D x Capacity, column by column.
    member _.Data = data.Span

    /// One column: Capacity numbers, of which the first Count are data.
    member _.Column(index: int) = data.Slice(index * capacity, capacity)

    /// The row weights; 0 beyond Count.
    member _.Weights = weights.Span

    /// Declares how many rows were filled and pads the rest.
    member tile.SetCount(rows: int) =
        if rows < 1 || rows > capacity then
            invalidArg (nameof rows) $"expected 1 to {capacity} rows, received {rows}"

        count <- rows

        if rows < capacity then
            for c in 0 .. dimension - 1 do
                let column = tile.Column c
                column.Slice(rows).Fill column[rows - 1]

            tile.Weights.Slice(rows).Clear()

    /// Which pattern of missing cells the rows have, all the same; -1 where none is missing.
    member val internal Pattern = -1 with get, set

    /// The same rows of some columns, in a tile that belongs to this one and is kept until other columns are asked for.
    member internal tile.Selection(columns: int[]) : Tile =
        let part =
            match selection with
            | null -> Tile(columns.Length, capacity)
            | ready when ready.Dimension <> columns.Length -> Tile(columns.Length, capacity)
            | ready -> ready

        selection <- part

        for c in 0 .. columns.Length - 1 do
            tile.Column(columns[c]).Slice(0, count).CopyTo(part.Column c)

        tile.Weights.Slice(0, count).CopyTo part.Weights
        part.SetCount count
        part

    /// A tile of as much room that belongs to this one and is kept: for what a kernel makes of the rows. Nobody else may
    /// use the slot while it does.
    member internal tile.Child(slot: int, columns: int) : Tile =
        if slot >= children.Length then
            let more = Array.zeroCreate (slot + 1)
            children.CopyTo(more, 0)
            children <- more

        match children[slot] with
        | null ->
            let fresh = Tile(columns, capacity)
            children[slot] <- fresh
            fresh
        | ready when ready.Dimension <> columns ->
            let fresh = Tile(columns, capacity)
            children[slot] <- fresh
            fresh
        | ready -> ready
