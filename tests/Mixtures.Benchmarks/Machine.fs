/// What this machine can do at most: measured in the same run as the kernels, so that shares of it mean something.
module Mixtures.Benchmarks.Machine

open System
open System.Diagnostics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks
open Mixtures

type Limits =
    {
        /// Fused multiply-adds a second (numbers, not vectors).
        Fma: float
        /// Exponentials a second.
        Exp: float
        /// Bytes read from memory a second.
        Bandwidth: float
    }

/// The best time of several, in seconds.
let best repeats (action: unit -> unit) =
    action ()

    Seq.min (
        seq {
            for _ in 1..repeats do
                let start = Stopwatch.GetTimestamp()
                action ()
                Stopwatch.GetElapsedTime(start).TotalSeconds
        }
    )

/// Runs an action on so many threads at once.
let onThreads threads (action: int -> unit) =
    if threads = 1 then
        action 0
    else
        Parallel.For(0, threads, ParallelOptions(MaxDegreeOfParallelism = threads), action)
        |> ignore

[<AbstractClass; Sealed>]
type internal Loops<'O, 'V when 'V: struct and 'O: struct and 'O :> IOps<'V>> =

    /// Multiply-adds in registers: 16 independent sums.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Fma(steps: int) =
        let a = 'O.Splat 0.999999
        let b = 'O.Splat 1e-6
        let mutable q0 = Q<'O, 'V>.Repeat b
        let mutable q1 = Q<'O, 'V>.Repeat b
        let mutable q2 = Q<'O, 'V>.Repeat b
        let mutable q3 = Q<'O, 'V>.Repeat b
        let add = Q<'O, 'V>.Repeat b

        for _ in 1..steps do
            q0 <- Q<'O, 'V>.Fma(a, q0, add)
            q1 <- Q<'O, 'V>.Fma(a, q1, add)
            q2 <- Q<'O, 'V>.Fma(a, q2, add)
            q3 <- Q<'O, 'V>.Fma(a, q3, add)

        'O.Sum(Q<'O, 'V>.SumOfFour(Q<'O, 'V>.Add(Q<'O, 'V>.Add(q0, q1), Q<'O, 'V>.Add(q2, q3))))

    /// Exponentials of a small array, two at a time.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Exp(values: Span<float>) =
        let x = &MemoryMarshal.GetReference values
        let w = unativeint 'O.Width
        let mutable sumA = 'O.Zero
        let mutable sumB = 'O.Zero
        let mutable o = 0un

        while o < unativeint values.Length do
            sumA <- 'O.Add(sumA, Elementary<'O, 'V>.Exp('O.Load(&x, o)))
            sumB <- 'O.Add(sumB, Elementary<'O, 'V>.Exp('O.Load(&x, o + w)))
            o <- o + 2un * w

        'O.Sum('O.Add(sumA, sumB))

let private sink = Array.zeroCreate<float> 64

/// The limits of so many threads.
let measure threads : Limits =
    let steps = 4_000_000

    let fma () =
        onThreads threads (fun thread ->
            sink[thread] <-
                match SimdWidth.best with
                | SimdWidth.Vector512 -> Loops<Ops512, _>.Fma steps
                | SimdWidth.Vector256 -> Loops<Ops256, _>.Fma steps
                | _ -> Loops<OpsScalar, _>.Fma steps)

    let values = Array.init 2048 (fun i -> -float i / 100.0)

    let exp () =
        onThreads threads (fun thread ->
            for _ in 1..1000 do
                sink[thread] <-
                    match SimdWidth.best with
                    | SimdWidth.Vector512 -> Loops<Ops512, _>.Exp(Span values)
                    | SimdWidth.Vector256 -> Loops<Ops256, _>.Exp(Span values)
                    | _ -> Loops<OpsScalar, _>.Exp(Span values))

    // more than the caches hold
    let large = Array.create (1 <<< 25) 1.0
    let part = large.Length / threads

    let read () =
        onThreads threads (fun thread ->
            sink[thread] <- System.Numerics.Tensors.TensorPrimitives.Sum(ReadOnlySpan(large, thread * part, part)))

    {
        Fma = float threads * 16.0 * float (int SimdWidth.best) * float steps / best 5 fma
        Exp = float threads * 1000.0 * float values.Length / best 5 exp
        Bandwidth = 8.0 * float large.Length / best 5 read
    }
