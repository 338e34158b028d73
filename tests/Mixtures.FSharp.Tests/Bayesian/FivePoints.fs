/// The model of data/pyro_gmm.json: a mixture of two normal components of one scale on five points, with priors.
module Mixtures.Tests.FivePoints

open Mixtures

let reference = lazy (ReferenceFile.json "pyro_gmm.json")

let points = [| 0.0; 1.0; 10.0; 11.0; 12.0 |]
let private s (x: float) = Tensor.scalar x

let program =
    bayesian {
        let! weights = latent "weights" (Dirichlet.distribution (Tensor.full [| 2 |] 0.5))
        let! scale = latent "scale" (LogNormal.distribution (s 0.0) (s 2.0))
        let! locs = latent "locs" (Normal.distribution (Tensor.zeros [| 2 |]) (s 10.0))
        do! observeMixture "x" weights (Normal.distribution locs scale) (Tensor.ofArray points)
    }

/// Means at two different rows, equal weights, half the data's variance: the tutorial's starts.
let starts (stream: RandomStream) =
    let first = stream.NextInt32 5
    let second = (first + 1 + stream.NextInt32 4) % 5
    let mean = Array.average points
    let variance = (points |> Array.sumBy (fun x -> (x - mean) * (x - mean))) / 4.0

    [
        "weights", Tensor.full [| 2 |] 0.5
        "scale", s (sqrt (variance / 2.0))
        "locs", Tensor.ofArray [| points[first]; points[second] |]
    ]

let model = ProgramModel.startingFrom starts program

/// The same as a specification with priors.
let spec =
    (Gaussian.spec CovarianceStructure.Tied 2
     |> MixtureSpec.withWeightsPrior 0.5
     |> MixtureSpec.withPrior "means" (Prior.normal 0.0 10.0)
     |> MixtureSpec.withPrior "scales" (Prior.logNormal 0.0 2.0))

let data = Dataset.ofArray2D (array2D [ for x in points -> [ x ] ])
