namespace Mixtures

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks

/// How a pass over the data is run. None of this changes a result by a single bit, but BlockRows and Width, which
/// change the order of sums.
[<Struct>]
type internal Execution =
    {
        /// The number of threads; 0 for one a core.
        Threads: int
        /// The rows of a tile; 0 for as many as suit the cache.
        BlockRows: int
        Width: SimdWidth
    }

    static member Default =
        {
            Threads = 0
            BlockRows = 0
            Width = SimdWidth.best
        }

    member execution.ThreadCount =
        if execution.Threads > 0 then
            execution.Threads
        else
            Environment.ProcessorCount

/// Runs numbered tasks on a few workers. Which worker runs a task never matters to the result: tasks write to places of
/// their own, which the caller merges in order.
[<RequireQualifiedAccess>]
module internal ParallelFold =

    let run (threads: int) (tasks: int) (body: int -> int -> unit) =
        let workers = min threads tasks

        if workers <= 1 then
            for task in 0 .. tasks - 1 do
                body 0 task
        else
            let next = ref -1

            let work worker =
                let mutable task = Interlocked.Increment &next.contents

                while task < tasks do
                    body worker task
                    task <- Interlocked.Increment &next.contents

            try
                Parallel.For(0, workers, ParallelOptions(MaxDegreeOfParallelism = workers), work)
                |> ignore
            with :? AggregateException as e when not (isNull e.InnerException) ->
                ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0])
