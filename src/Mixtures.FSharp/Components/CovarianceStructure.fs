namespace Mixtures

/// What the components' covariance matrices have in common.
[<RequireQualifiedAccess>]
type CovarianceStructure =
    /// Every component has a covariance matrix of its own: K D(D+1)/2 parameters.
    | Full
    /// All components share one covariance matrix: D(D+1)/2 parameters.
    | Tied
    /// Every component has a variance of its own in each column: K D parameters.
    | Diagonal
    /// Every component has one variance for all columns: K parameters.
    | Spherical
    /// The covariances are given; the M-step and the floor leave them alone: no parameters.
    | Known

/// Names and sizes of covariance structures.
[<RequireQualifiedAccess>]
module CovarianceStructure =
    /// The name in files and on the command line.
    let name structure =
        match structure with
        | CovarianceStructure.Full -> "full"
        | CovarianceStructure.Tied -> "tied"
        | CovarianceStructure.Diagonal -> "diagonal"
        | CovarianceStructure.Spherical -> "spherical"
        | CovarianceStructure.Known -> "known"

    /// The structures that can be fitted, from the most parameters to the fewest.
    let fitted =
        [
            CovarianceStructure.Full
            CovarianceStructure.Tied
            CovarianceStructure.Diagonal
            CovarianceStructure.Spherical
        ]

    /// The structure of a name, if there is one.
    let tryParse text =
        CovarianceStructure.Known :: fitted |> List.tryFind (fun s -> name s = text)

    /// The number of free covariance parameters of K components of D columns.
    let parameters components dimension structure =
        match structure with
        | CovarianceStructure.Full -> components * dimension * (dimension + 1) / 2
        | CovarianceStructure.Tied -> dimension * (dimension + 1) / 2
        | CovarianceStructure.Diagonal -> components * dimension
        | CovarianceStructure.Spherical -> components
        | CovarianceStructure.Known -> 0

    /// The length of the numbers that hold the covariances: K x D x D, D x D, K x D, K or K x D x D.
    let internal storageLength components dimension structure =
        match structure with
        | CovarianceStructure.Full
        | CovarianceStructure.Known -> components * dimension * dimension
        | CovarianceStructure.Tied -> dimension * dimension
        | CovarianceStructure.Diagonal -> components * dimension
        | CovarianceStructure.Spherical -> components
