namespace Mixtures

/// Responsibilities that are given, not computed.
[<RequireQualifiedAccess>]
module internal Responsibilities =

    /// What is wrong with N x K responsibilities, as a sentence; nothing where each row has numbers from 0 to 1 that sum to
    /// one.
    let fault (rows: int) (count: int) (given: float[,]) : string voption =
        if given.GetLength 0 <> rows || given.GetLength 1 <> count then
            ValueSome
                $"The given responsibilities are {given.GetLength 0} x {given.GetLength 1}, but {rows} rows and {count} components need {rows} x {count}."
        else
            let mutable found = ValueNone
            let mutable i = 0

            while i < rows && found.IsNone do
                let mutable sum = 0.0

                for k in 0 .. count - 1 do
                    let r = given[i, k]

                    if found.IsNone && not (r >= 0.0) then
                        found <-
                            ValueSome
                                $"The given responsibility of row {i + 1} in component {k + 1} is {Wording.number r}: expected a number from 0 to 1."

                    sum <- sum + r

                if found.IsNone && not (abs (sum - 1.0) <= 1e-6) then
                    found <-
                        ValueSome $"The given responsibilities of row {i + 1} sum to {Wording.number sum}: expected 1."

                i <- i + 1

            found
