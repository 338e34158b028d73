using Core = Mixtures.TensorModule;

namespace Mixtures.CSharp;

/// <content>Matrices.</content>
public static partial class Tensors
{
    /// <summary>The matrix product over the last two axes; those before broadcast. A vector is a row on the left and a column on the right.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="other">The right factor.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor MatMul(this Tensor x, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(other);
        return Core.matmul(x, other);
    }

    /// <summary>The lower Cholesky factor of symmetric positive definite matrices. The derivative is symmetric (Murray 2016).</summary>
    /// <param name="x">The tensor.</param>
    /// <exception cref="ArgumentException">A matrix is not positive definite.</exception>
    public static Tensor Cholesky(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.cholesky(x);
    }

    /// <summary>Y of X Y = B for lower triangular X (only its lower triangle is read).</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="right">B, a matrix or a vector.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor SolveLower(this Tensor x, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(right);
        return Core.solveLower(x, right);
    }

    /// <summary>Y of Xᵀ Y = B for lower triangular X.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="right">B, a matrix or a vector.</param>
    /// <exception cref="ArgumentException">The shapes do not go together.</exception>
    public static Tensor SolveLowerTransposed(this Tensor x, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(right);
        return Core.solveLowerTransposed(x, right);
    }

    /// <summary>The log-determinant of symmetric positive definite matrices.</summary>
    /// <param name="x">The tensor.</param>
    /// <exception cref="ArgumentException">A matrix is not positive definite.</exception>
    public static Tensor LogDet(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.logdet(x);
    }

    /// <summary>The diagonals of the last two axes.</summary>
    /// <param name="x">The tensor.</param>
    /// <exception cref="ArgumentException">It has fewer than two axes.</exception>
    public static Tensor Diagonal(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.diagonal(x);
    }

    /// <summary>Diagonal matrices of the last axis.</summary>
    /// <param name="x">The tensor.</param>
    /// <exception cref="ArgumentException">It has no axis.</exception>
    public static Tensor DiagonalMatrix(this Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.diagonalMatrix(x);
    }

    /// <summary>The lower triangles up to a diagonal, zeros above.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="diagonal">The last diagonal that is kept: 0 the main one, -1 that below.</param>
    /// <exception cref="ArgumentException">It has fewer than two axes.</exception>
    public static Tensor LowerTriangle(this Tensor x, int diagonal = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Core.tril(diagonal, x);
    }
}
