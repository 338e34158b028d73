namespace Mixtures.Tests

open Mixtures

/// A distribution of numbers with its parameters in an array, so that tests can go through all of them.
type Univariate =
    {
        Name: string
        /// How many parameters there are.
        Parameters: int
        LogDensity: float[] -> float -> float
        Cdf: float[] -> float -> float
        Quantile: float[] -> float -> float
        Mean: float[] -> float
        Variance: float[] -> float
        Sample: float[] -> RandomStream -> float
        /// Ordinary and extreme parameters.
        Cases: float[] list
    }

module Univariate =
    let private noCdf (_: float[]) (_: float) : float = invalidOp "no closed form"

    let normal =
        {
            Name = "Normal"
            Parameters = 2
            LogDensity = fun p -> Normal.logDensity p[0] p[1]
            Cdf = fun p -> Normal.cdf p[0] p[1]
            Quantile = fun p -> Normal.quantile p[0] p[1]
            Mean = fun p -> Normal.mean p[0] p[1]
            Variance = fun p -> Normal.variance p[0] p[1]
            Sample = fun p -> Normal.sample p[0] p[1]
            Cases = [ [| 0.0; 1.0 |]; [| -1e6; 1e-3 |] ]
        }

    let halfNormal =
        {
            Name = "HalfNormal"
            Parameters = 1
            LogDensity = fun p -> HalfNormal.logDensity p[0]
            Cdf = fun p -> HalfNormal.cdf p[0]
            Quantile = fun p -> HalfNormal.quantile p[0]
            Mean = fun p -> HalfNormal.mean p[0]
            Variance = fun p -> HalfNormal.variance p[0]
            Sample = fun p -> HalfNormal.sample p[0]
            Cases = [ [| 1.0 |]; [| 1e-100 |] ]
        }

    let logNormal =
        {
            Name = "LogNormal"
            Parameters = 2
            LogDensity = fun p -> LogNormal.logDensity p[0] p[1]
            Cdf = fun p -> LogNormal.cdf p[0] p[1]
            Quantile = fun p -> LogNormal.quantile p[0] p[1]
            Mean = fun p -> LogNormal.mean p[0] p[1]
            Variance = fun p -> LogNormal.variance p[0] p[1]
            Sample = fun p -> LogNormal.sample p[0] p[1]
            Cases = [ [| 0.0; 0.5 |]; [| 10.0; 1e-3 |] ]
        }

    let gamma =
        {
            Name = "Gamma"
            Parameters = 2
            LogDensity = fun p -> Gamma.logDensity p[0] p[1]
            Cdf = fun p -> Gamma.cdf p[0] p[1]
            Quantile = fun p -> Gamma.quantile p[0] p[1]
            Mean = fun p -> Gamma.mean p[0] p[1]
            Variance = fun p -> Gamma.variance p[0] p[1]
            Sample = fun p -> Gamma.sample p[0] p[1]
            Cases =
                [
                    [| 2.5; 3.0 |]
                    [| 0.4; 0.5 |]
                    [| 1.0; 1.0 |]
                    [| 1e-3; 1.0 |]
                    [| 1e6; 1e3 |]
                ]
        }

    let inverseGamma =
        {
            Name = "InverseGamma"
            Parameters = 2
            LogDensity = fun p -> InverseGamma.logDensity p[0] p[1]
            Cdf = fun p -> InverseGamma.cdf p[0] p[1]
            Quantile = fun p -> InverseGamma.quantile p[0] p[1]
            Mean = fun p -> InverseGamma.mean p[0] p[1]
            Variance = fun p -> InverseGamma.variance p[0] p[1]
            Sample = fun p -> InverseGamma.sample p[0] p[1]
            Cases = [ [| 9.0; 3.0 |]; [| 0.4; 0.5 |]; [| 1e-3; 1.0 |]; [| 1e6; 1e3 |] ]
        }

    let exponential =
        {
            Name = "Exponential"
            Parameters = 1
            LogDensity = fun p -> Exponential.logDensity p[0]
            Cdf = fun p -> Exponential.cdf p[0]
            Quantile = fun p -> Exponential.quantile p[0]
            Mean = fun p -> Exponential.mean p[0]
            Variance = fun p -> Exponential.variance p[0]
            Sample = fun p -> Exponential.sample p[0]
            Cases = [ [| 1.0 |]; [| 1e-100 |] ]
        }

    let weibull =
        {
            Name = "Weibull"
            Parameters = 2
            LogDensity = fun p -> Weibull.logDensity p[0] p[1]
            Cdf = fun p -> Weibull.cdf p[0] p[1]
            Quantile = fun p -> Weibull.quantile p[0] p[1]
            Mean = fun p -> Weibull.mean p[0] p[1]
            Variance = fun p -> Weibull.variance p[0] p[1]
            Sample = fun p -> Weibull.sample p[0] p[1]
            Cases = [ [| 1.5; 3.0 |]; [| 0.7; 0.01 |]; [| 1e4; 1.0 |] ]
        }

    let halfCauchy =
        {
            Name = "HalfCauchy"
            Parameters = 1
            LogDensity = fun p -> HalfCauchy.logDensity p[0]
            Cdf = fun p -> HalfCauchy.cdf p[0]
            Quantile = fun p -> HalfCauchy.quantile p[0]
            Mean = fun p -> HalfCauchy.mean p[0]
            Variance = fun p -> HalfCauchy.variance p[0]
            Sample = fun p -> HalfCauchy.sample p[0]
            Cases = [ [| 1.0 |]; [| 1e100 |] ]
        }

    let studentT =
        {
            Name = "StudentT"
            Parameters = 3
            LogDensity = fun p -> StudentT.logDensity p[0] p[1] p[2]
            Cdf = fun p -> StudentT.cdf p[0] p[1] p[2]
            Quantile = fun p -> StudentT.quantile p[0] p[1] p[2]
            Mean = fun p -> StudentT.mean p[0] p[1] p[2]
            Variance = fun p -> StudentT.variance p[0] p[1] p[2]
            Sample = fun p -> StudentT.sample p[0] p[1] p[2]
            Cases =
                [
                    [| 9.0; -1.0; 2.0 |]
                    [| 1.0; 0.0; 1.0 |]
                    [| 0.05; 3.0; 1.0 |]
                    [| 1e7; 0.0; 1.0 |]
                ]
        }

    let beta =
        {
            Name = "Beta"
            Parameters = 2
            LogDensity = fun p -> Beta.logDensity p[0] p[1]
            Cdf = fun p -> Beta.cdf p[0] p[1]
            Quantile = fun p -> Beta.quantile p[0] p[1]
            Mean = fun p -> Beta.mean p[0] p[1]
            Variance = fun p -> Beta.variance p[0] p[1]
            Sample = fun p -> Beta.sample p[0] p[1]
            Cases =
                [
                    [| 2.0; 5.0 |]
                    [| 0.3; 0.4 |]
                    [| 1e-3; 1.0 |]
                    [| 1e6; 1e5 |]
                    [| 4.0; 1e8 |]
                ]
        }

    let uniform =
        {
            Name = "Uniform"
            Parameters = 2
            LogDensity = fun p -> Uniform.logDensity p[0] p[1]
            Cdf = fun p -> Uniform.cdf p[0] p[1]
            Quantile = fun p -> Uniform.quantile p[0] p[1]
            Mean = fun p -> Uniform.mean p[0] p[1]
            Variance = fun p -> Uniform.variance p[0] p[1]
            Sample = fun p -> Uniform.sample p[0] p[1]
            Cases = [ [| -3.0; 5.0 |]; [| 1e-100; 2e-100 |] ]
        }

    let vonMises =
        {
            Name = "VonMises"
            Parameters = 2
            LogDensity = fun p -> VonMises.logDensity p[0] p[1]
            Cdf = noCdf
            Quantile = noCdf
            Mean = fun p -> VonMises.mean p[0] p[1]
            Variance = fun p -> VonMises.variance p[0] p[1]
            Sample = fun p -> VonMises.sample p[0] p[1]
            Cases =
                [
                    [| 1.0; 2.0 |]
                    [| 0.0; 0.0 |]
                    [| 0.0; 1e-9 |]
                    [| 3.0; 50.0 |]
                    [| 0.0; 1e8 |]
                ]
        }

    let bernoulli =
        {
            Name = "Bernoulli"
            Parameters = 1
            LogDensity = fun p -> Bernoulli.logDensity p[0]
            Cdf = fun p -> Bernoulli.cdf p[0]
            Quantile = noCdf
            Mean = fun p -> Bernoulli.mean p[0]
            Variance = fun p -> Bernoulli.variance p[0]
            Sample = fun p -> Bernoulli.sample p[0]
            Cases = [ [| 0.3 |]; [| 0.0 |]; [| 1.0 |]; [| 1e-300 |] ]
        }

    let binomial =
        {
            Name = "Binomial"
            Parameters = 2
            LogDensity = fun p -> Binomial.logDensity (int p[0]) p[1]
            Cdf = fun p -> Binomial.cdf (int p[0]) p[1]
            Quantile = fun p -> Binomial.quantile (int p[0]) p[1]
            Mean = fun p -> Binomial.mean (int p[0]) p[1]
            Variance = fun p -> Binomial.variance (int p[0]) p[1]
            Sample = fun p -> Binomial.sample (int p[0]) p[1]
            Cases =
                [
                    [| 12.0; 0.3 |]
                    [| 40.0; 0.5 |]
                    [| 100.0; 0.93 |]
                    [| 1e9; 3e-9 |]
                    [| 1e6; 0.2 |]
                    [| 0.0; 0.5 |]
                    [| 7.0; 0.0 |]
                    [| 7.0; 1.0 |]
                    [| 10.0; 1e-300 |]
                ]
        }

    let geometric =
        {
            Name = "Geometric"
            Parameters = 1
            LogDensity = fun p -> Geometric.logDensity p[0]
            Cdf = fun p -> Geometric.cdf p[0]
            Quantile = fun p -> Geometric.quantile p[0]
            Mean = fun p -> Geometric.mean p[0]
            Variance = fun p -> Geometric.variance p[0]
            Sample = fun p -> Geometric.sample p[0]
            Cases = [ [| 0.3 |]; [| 0.9 |]; [| 0.002 |]; [| 1.0 |] ]
        }

    let negativeBinomial =
        {
            Name = "NegativeBinomial"
            Parameters = 2
            LogDensity = fun p -> NegativeBinomial.logDensity p[0] p[1]
            Cdf = fun p -> NegativeBinomial.cdf p[0] p[1]
            Quantile = fun p -> NegativeBinomial.quantile p[0] p[1]
            Mean = fun p -> NegativeBinomial.mean p[0] p[1]
            Variance = fun p -> NegativeBinomial.variance p[0] p[1]
            Sample = fun p -> NegativeBinomial.sample p[0] p[1]
            Cases =
                [
                    [| 3.0; 0.4 |]
                    [| 0.3; 0.1 |]
                    [| 40.0; 0.2 |]
                    [| 1e-3; 0.5 |]
                    [| 1e6; 0.999 |]
                    [| 2.0; 1.0 |]
                ]
        }

    let poisson =
        {
            Name = "Poisson"
            Parameters = 1
            LogDensity = fun p -> Poisson.logDensity p[0]
            Cdf = fun p -> Poisson.cdf p[0]
            Quantile = fun p -> Poisson.quantile p[0]
            Mean = fun p -> Poisson.mean p[0]
            Variance = fun p -> Poisson.variance p[0]
            Sample = fun p -> Poisson.sample p[0]
            Cases =
                [
                    [| 3.0 |]
                    [| 9.9 |]
                    [| 12.0 |]
                    [| 300.0 |]
                    [| 1e6 |]
                    [| 1e-300 |]
                    [| 0.0 |]
                ]
        }

    let continuous =
        [
            normal
            halfNormal
            logNormal
            gamma
            inverseGamma
            exponential
            weibull
            halfCauchy
            studentT
            beta
            uniform
        ]

    let discrete = [ binomial; geometric; negativeBinomial; poisson ]
    let all = continuous @ [ vonMises; bernoulli ] @ discrete

    let describe (distribution: Univariate) (parameters: float[]) =
        let values = System.String.Join(", ", parameters)
        $"{distribution.Name}({values})"
