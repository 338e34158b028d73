namespace Mixtures

/// When the mass matrix is learnt during warm-up, in Stan's windows: a beginning for the step size alone, windows that double
/// for the metric, an end for the step size alone.
[<RequireQualifiedAccess>]
module internal WarmupWindows =

    /// The transitions (from 0) at which a window begins, and those after which windows end, ascending. Fewer than 20 transitions
    /// have no windows; fewer than 150 are cut 15 %, 75 %, 10 %.
    let ends (warmup: int) : struct (int * int[]) =
        if warmup < 20 then
            struct (warmup, [||])
        else
            let first, last, width =
                if warmup < 150 then
                    let first = int (0.15 * float warmup)
                    let last = int (0.1 * float warmup)
                    first, last, warmup - first - last
                else
                    75, 50, 25

            let limit = warmup - last

            let rec windows start width =
                // a window that the next one, twice as wide, would overtake goes to the end
                let stop = start + width

                if stop + 2 * width > limit then
                    [ limit - 1 ]
                else
                    (stop - 1) :: windows stop (2 * width)

            struct (first, List.toArray (windows first width))
