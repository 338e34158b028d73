using Functions = Mixtures.MixtureModule;

namespace Mixtures.CSharp;

/// <content>Densities, responsibilities and predictions of rows.</content>
public sealed partial class MixtureModel
{
    /// <summary>log p(x) of every row, in nats: N numbers.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] LogDensity(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.logDensity(Mixture, data);
    }

    /// <summary>log p(x) of every row, in nats: N numbers.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] LogDensity(double[,] rows) => LogDensity(Table(rows));

    /// <summary>log p(x) of one row, in nats.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double LogDensity(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.logDensityOfRow(Mixture, row);
    }

    /// <summary>log p_k(x) of every row under every component, without the weights, in nats: N x K.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] ComponentLogDensities(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.componentLogDensities(Mixture, data);
    }

    /// <summary>log p_k(x) of every row under every component, without the weights, in nats: N x K.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] ComponentLogDensities(double[,] rows) => ComponentLogDensities(Table(rows));

    /// <summary>log p_k(x) of one row under every component, without the weights, in nats: K numbers.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] ComponentLogDensities(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.componentLogDensitiesOfRow(Mixture, row);
    }

    /// <summary>The probability that each component made each row: N x K, every row sums to one.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] Responsibilities(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.responsibilities(Mixture, data);
    }

    /// <summary>The probability that each component made each row: N x K, every row sums to one.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] Responsibilities(double[,] rows) => Responsibilities(Table(rows));

    /// <summary>The probability that each component made the row: K numbers that sum to one.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] Responsibilities(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.responsibilitiesOfRow(Mixture, row);
    }

    /// <summary>The logarithms of the responsibilities, exact also where these underflow: N x K.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] LogResponsibilities(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.logResponsibilities(Mixture, data);
    }

    /// <summary>The logarithms of the responsibilities, exact also where these underflow: N x K.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[,] LogResponsibilities(double[,] rows) => LogResponsibilities(Table(rows));

    /// <summary>The logarithms of the row's responsibilities, exact also where these underflow: K numbers.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] LogResponsibilities(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.logResponsibilitiesOfRow(Mixture, row);
    }

    /// <summary>The most probable component of each row, from 0; the first of equals: N numbers.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public int[] Predict(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.predict(Mixture, data);
    }

    /// <summary>The most probable component of each row, from 0; the first of equals: N numbers.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public int[] Predict(double[,] rows) => Predict(Table(rows));

    /// <summary>The most probable component of one row, from 0; the first of equals.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public int Predict(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.predictRow(Mixture, row);
    }

    /// <summary>One minus the largest responsibility of each row; 0 is certain: N numbers.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] Uncertainty(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.uncertainty(Mixture, data);
    }

    /// <summary>One minus the largest responsibility of each row; 0 is certain: N numbers.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double[] Uncertainty(double[,] rows) => Uncertainty(Table(rows));

    /// <summary>One minus the largest responsibility of one row; 0 is certain.</summary>
    /// <param name="row">D numbers, in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Uncertainty(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Functions.uncertaintyOfRow(Mixture, row);
    }

    /// <summary>The log-likelihood Σ w log p(x), in nats, summed over rows.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Score(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.score(Mixture, data);
    }

    /// <summary>The log-likelihood Σ w log p(x), in nats, summed over rows.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Score(double[,] rows) => Score(Table(rows));

    /// <summary>The weighted mean of -log p(x), in nats a row.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double MeanNegativeLogLikelihood(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Loss.meanNegativeLogLikelihood(Mixture, data);
    }

    /// <summary>The weighted mean of -log p(x), in nats a row.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double MeanNegativeLogLikelihood(double[,] rows) => MeanNegativeLogLikelihood(Table(rows));

    /// <summary>Akaike's information criterion 2k - 2L on the data; smaller is better.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Aic(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.aic(Mixture, data);
    }

    /// <summary>Akaike's information criterion 2k - 2L on the data; smaller is better.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Aic(double[,] rows) => Aic(Table(rows));

    /// <summary>The Bayesian information criterion k ln n - 2L on the data, with n the total weight; smaller is better.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Bic(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.bic(Mixture, data);
    }

    /// <summary>The Bayesian information criterion k ln n - 2L on the data, with n the total weight; smaller is better.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Bic(double[,] rows) => Bic(Table(rows));

    /// <summary>The integrated completed likelihood bic - 2 Σ w log max r on the data; smaller is better.</summary>
    /// <param name="data">The rows. Columns are matched by name where both have names.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Icl(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Functions.icl(Mixture, data);
    }

    /// <summary>The integrated completed likelihood bic - 2 Σ w log max r on the data; smaller is better.</summary>
    /// <param name="rows">N x D, one row per observation, columns in the model's order.</param>
    /// <exception cref="DataException">The columns do not match the model's, or a number is not finite.</exception>
    public double Icl(double[,] rows) => Icl(Table(rows));

    /// <summary>
    /// The expected complete log-likelihood per row, Σ_i w_i Σ_k r_ik (log π_k + log p_k(x_i)) / Σ w, without the
    /// responsibilities' entropy: EM's Q (Dempster, Laird &amp; Rubin 1977).
    /// </summary>
    /// <param name="responsibilities">N x K, one row per observation.</param>
    /// <param name="data">The rows, with their weights.</param>
    /// <exception cref="ArgumentException">The shapes disagree.</exception>
    public double ExpectedCompleteLogLikelihood(double[,] responsibilities, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(responsibilities);
        ArgumentNullException.ThrowIfNull(data);
        return Loss.expectedCompleteLogLikelihood(responsibilities, Mixture, data);
    }

    private static Dataset Table(double[,] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Dataset.FromRows(rows);
    }
}
