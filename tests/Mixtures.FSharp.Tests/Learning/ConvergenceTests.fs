module Mixtures.Tests.ConvergenceTests

open System
open Xunit
open Mixtures
open Mixtures.Tests.RandomModels
open Mixtures.Tests.FamilyCases

/// How many falls are seen where the log-likelihood of rows, in units of the reference, falls by so much.
let private falls totalWeight reference magnification value fall =
    let convergence = Convergence(1e-8, totalWeight, reference, true)
    convergence.Add(value, (fun () -> magnification))
    convergence.Add(value - fall, (fun () -> magnification))
    convergence.Violations

/// Catches rounding judged by a sum that is near zero, of rows whose log-densities are not.
[<Fact>]
let ``rounding is judged in the units whose terms are larger`` () =
    // 169 rows, whose log-likelihood is -4 in units of the reference and -1162 in the data's
    let reference = Array.create 3 (exp (1158.0 / 169.0 / 3.0))
    Assert.Equal(0, falls 169.0 reference 1.0 -4.16 2.3e-12)
    Assert.Equal(0, falls 169.0 (Array.map (fun unit -> 1.0 / unit) reference) 1.0 -4.16 2.3e-12)
    Assert.Equal(1, falls 169.0 reference 1.0 -4.16 2.3e-11)

/// Catches a bound that takes falls for rounding: an M-step that is wrong by little must be told.
[<Fact>]
let ``a fall of a ten thousand millionth of the log-likelihood is seen in every family`` () =
    for case in all do
        forSeeds 10 (fun stream ->
            let k = between 1 3 stream
            let truth = randomMixture case k (dimension case stream) stream
            let data = draw (between 60 200 stream) stream truth
            let score = Mixture.score truth data

            let reference =
                Array.init data.Dimension (fun c ->
                    let column = Array.init data.Count (fun i -> data.Row(i)[c])
                    let mean = Array.average column
                    sqrt (column |> Array.averageBy (fun x -> (x - mean) * (x - mean))))
                |> Array.map (fun unit -> if unit > 0.0 then unit else 1.0)

            let scaled = score + float data.Count * Array.sumBy log reference
            let magnification = truth.Components.Magnification reference
            let seen = falls (float data.Count) reference magnification scaled

            Assert.True(
                (seen (1e-10 * (100.0 + abs score)) = 1),
                $"{case.Family.Name}: magnification {magnification:g3}"
            )

            Assert.Equal(0, seen (1e-17 * abs score)))

/// Catches falls that are counted where the log-likelihood is not what the M-step raises.
[<Fact>]
let ``falls count where the log-likelihood cannot fall, and there alone`` () =
    let counted monotone =
        let convergence = Convergence(1e-8, 100.0, [| 1.0; 1.0 |], monotone)

        for value in [ -300.0; -290.0; -291.0; -280.0; -280.5 ] do
            convergence.Add(value, (fun () -> 1.0))

        convergence.Violations

    Assert.Equal(2, counted true)
    Assert.Equal(0, counted false)
