namespace Mixtures

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// A buffer of doubles that starts on a cache line (64 bytes), so that no vector load straddles two lines. Zeroed.
[<Sealed>]
type internal AlignedArray(length: int) =
    let array = GC.AllocateArray<float>(length + 8, pinned = true)

    // pinned: the address never changes
    let offset =
        let address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0).ToInt64()

        int ((64L - address % 64L) % 64L) / 8

    member _.Length = length
    member _.Span = Span<float>(array, offset, length)

    member _.Slice(start, count) =
        Span<float>(array, offset + start, count)
