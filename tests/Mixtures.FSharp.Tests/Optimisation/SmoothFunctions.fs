/// Functions to minimise whose minima are known.
module Mixtures.Tests.SmoothFunctions

open System
open Mixtures
open Mixtures.Tests.RandomModels

/// Rosenbrock's valley, chained (Dixon & Mills 1994): Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)², minimum 0 at ones.
let rosenbrock (x: float[]) =
    let g = Array.zeroCreate x.Length
    let mutable f = 0.0

    for i in 0 .. x.Length - 2 do
        let a = x[i + 1] - x[i] * x[i]
        let b = 1.0 - x[i]
        f <- f + 100.0 * a * a + b * b
        g[i] <- g[i] - 400.0 * a * x[i] - 2.0 * b
        g[i + 1] <- g[i + 1] + 200.0 * a

    struct (f, g)

let rosenbrockHessian (x: float[]) =
    let n = x.Length
    let h = Array.zeroCreate (n * n)
    let add i j value = h[i * n + j] <- h[i * n + j] + value

    for i in 0 .. n - 2 do
        add i i (1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0)
        add i (i + 1) (-400.0 * x[i])
        add (i + 1) i (-400.0 * x[i])
        add (i + 1) (i + 1) 200.0

    h

/// ½ (x - c)ᵀ A (x - c) + offset with A = Q diag(λ) Qᵀ of a random rotation; A row-major, and the minimum c.
let quadratic (spectrum: float[]) offset (stream: RandomStream) =
    let n = spectrum.Length
    let centre = Array.init n (fun _ -> 3.0 * stream.NextNormal())

    let a =
        Array.init (n * n) (fun at -> if at / n = at % n then spectrum[at % n] else 0.0)

    // a few random Householder reflections make the rotation
    for _ in 1..3 do
        let v = Array.init n (fun _ -> stream.NextNormal())
        let norm = v |> Array.sumBy (fun v -> v * v)

        let reflect i j =
            (if i = j then 1.0 else 0.0) - 2.0 * v[i] * v[j] / norm

        let multiply (left: int -> int -> float) (right: int -> int -> float) =
            Array.init (n * n) (fun at -> Seq.sum (seq { for m in 0 .. n - 1 -> left (at / n) m * right m (at % n) }))

        let half = multiply reflect (fun i j -> a[i * n + j])
        let whole = multiply (fun i j -> half[i * n + j]) reflect

        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                a[i * n + j] <- 0.5 * (whole[i * n + j] + whole[j * n + i])

    let objective: Objective =
        fun x ->
            let away = Array.map2 (-) x centre

            let g =
                Array.init n (fun i -> Seq.sum (seq { for j in 0 .. n - 1 -> a[i * n + j] * away[j] }))

            struct (offset + 0.5 * Array.fold2 (fun sum a g -> sum + a * g) 0.0 away g, g)

    struct (objective, a, centre)

/// Σ (c x - b log(x)), defined for x > 0 only (NaN elsewhere); minimum at x = b / c, with value Σ b (1 - log(b / c)).
let barrier (b: float[]) (c: float[]) : Objective =
    fun x ->
        let f =
            Seq.sum (seq { for i in 0 .. x.Length - 1 -> c[i] * x[i] - b[i] * log x[i] })

        struct (f, x |> Array.mapi (fun i x -> c[i] - b[i] / x))

/// Logistic regression with intercept and slopes on drawn rows: value, gradient and Hessian of Σ log(1 + exp(-yᵢ xᵢᵀ w)).
let logistic rows dimension (stream: RandomStream) =
    let x =
        Array.init rows (fun _ -> Array.init dimension (fun j -> if j = 0 then 1.0 else stream.NextNormal()))

    let truth = Array.init dimension (fun _ -> stream.NextNormal())

    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun sum a b -> sum + a * b) 0.0 a b

    let y =
        x
        |> Array.map (fun row ->
            if stream.NextDouble() < 1.0 / (1.0 + exp -(dot row truth)) then
                1.0
            else
                -1.0)

    let objective: Objective =
        fun w ->
            let g = Array.zeroCreate dimension
            let mutable f = 0.0

            for i in 0 .. rows - 1 do
                let margin = y[i] * dot x[i] w
                f <- f + max 0.0 -margin + Double.LogP1(exp -(abs margin))
                let share = -y[i] / (1.0 + exp margin)

                for j in 0 .. dimension - 1 do
                    g[j] <- g[j] + share * x[i][j]

            struct (f, g)

    let hessian (w: float[]) =
        let h = Array.zeroCreate (dimension * dimension)

        for row in x do
            let p = 1.0 / (1.0 + exp -(dot row w))

            for i in 0 .. dimension - 1 do
                for j in 0 .. dimension - 1 do
                    h[i * dimension + j] <- h[i * dimension + j] + p * (1.0 - p) * row[i] * row[j]

        h

    struct (objective, hessian)

/// The error of a gradient's claim: the largest difference from central differences, relative to 1 + |g|.
let gradientError (objective: Objective) (x: float[]) =
    let struct (_, g) = objective x

    x
    |> Array.mapi (fun i xi ->
        let h = 1e-6 * max 1.0 (abs xi)

        let at value =
            (let struct (f, _) = objective (Array.updateAt i value x) in f)

        abs ((at (xi + h) - at (xi - h)) / (2.0 * h) - g[i]) / (1.0 + abs g[i]))
    |> Array.max
