namespace Mixtures

open System

/// Autocovariances of a sequence, by the fast Fourier transform.
[<RequireQualifiedAccess>]
module internal Autocovariance =

    /// The discrete Fourier transform in place, of a power of two of complex numbers (Cooley & Tukey 1965).
    let private transform (real: float[]) (imaginary: float[]) =
        let n = real.Length
        let mutable j = 0

        // bits of the indices in reverse order
        for i in 1 .. n - 1 do
            let mutable bit = n >>> 1

            while j &&& bit <> 0 do
                j <- j ^^^ bit
                bit <- bit >>> 1

            j <- j ^^^ bit

            if i < j then
                let a = real[i]
                real[i] <- real[j]
                real[j] <- a
                let b = imaginary[i]
                imaginary[i] <- imaginary[j]
                imaginary[j] <- b

        // the roots of unity once, each by its own sine and cosine
        let half = n / 2
        let cosines = Array.init half (fun k -> cos (Math.Tau * float k / float n))
        let sines = Array.init half (fun k -> -sin(Math.Tau * float k / float n))
        let mutable length = 2

        while length <= n do
            let step = n / length
            let middle = length / 2
            let mutable start = 0

            while start < n do
                for k in 0 .. middle - 1 do
                    let c = cosines[k * step]
                    let s = sines[k * step]
                    let low = start + k
                    let high = low + middle
                    let re = real[high] * c - imaginary[high] * s
                    let im = real[high] * s + imaginary[high] * c
                    real[high] <- real[low] - re
                    imaginary[high] <- imaginary[low] - im
                    real[low] <- real[low] + re
                    imaginary[low] <- imaginary[low] + im

                start <- start + length

            length <- 2 * length

    /// The mean of the values.
    let mean (values: float[]) =
        Sums.sum (ReadOnlySpan values) / float values.Length

    /// 1/n Σ (x_i - m)(x_{i+t} - m) for every lag t from 0 to n - 1, with m the mean: the biased estimates.
    let ofValues (values: float[]) : float[] =
        let n = values.Length
        let centre = mean values
        let mutable size = 1

        // twice as long with zeros, so that the ends do not meet
        while size < 2 * n do
            size <- 2 * size

        let real = Array.zeroCreate size
        let imaginary = Array.zeroCreate size

        for i in 0 .. n - 1 do
            real[i] <- values[i] - centre

        transform real imaginary

        for i in 0 .. size - 1 do
            real[i] <- real[i] * real[i] + imaginary[i] * imaginary[i]
            imaginary[i] <- 0.0

        // the power is real and even, so the transform back is the transform
        transform real imaginary
        Array.init n (fun t -> real[t] / (float size * float n))
