using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>Tensors and derivatives from C#; the functions themselves are tested in the core.</summary>
public class TensorTests
{
    private static readonly Tensor X = Tensors.Of([0.5, -1.5, 2.0]);

    /// <summary>Catches operators that C# does not find, and numbers that are not those of ordinary arithmetic.</summary>
    [Fact]
    public void OperatorsAreArithmetic()
    {
        var y = 2.0 * X + X / 4.0 - 1.0;
        Assert.Equal([0.125, -4.375, 3.5], y.ToArray());
        Assert.Equal([-0.5, 1.5, -2.0], (-X).ToArray());
        Assert.Equal([2.0, 2.0 / -3.0, 0.5], (1.0 / X).ToArray());
        var table = X.Unsqueeze(1) * Tensors.Of([1.0, 10.0]);
        Assert.Equal([3, 2], table.Shape);
        Assert.Equal(-15.0, table.Value(1, 1));
    }

    /// <summary>Catches methods that forward to another function than their name says, or swap arguments.</summary>
    [Fact]
    public void MethodsAreTheFunctionsOfTheirNames()
    {
        void Each(Func<Tensor, Tensor> function, Func<double, double> expected, Tensor at)
        {
            var numbers = at.ToArray();
            var values = function(at).ToArray();

            for (var i = 0; i < numbers.Length; i++)
            {
                Assert.Equal(expected(numbers[i]), values[i], 1e-14);
            }
        }

        var positive = Tensors.Of([0.25, 1.0, 3.0]);
        Each(Tensors.Exp, Math.Exp, X);
        Each(Tensors.Expm1, x => Math.Exp(x) - 1, X);
        Each(Tensors.Log, Math.Log, positive);
        Each(Tensors.Log1p, x => Math.Log(1 + x), positive);
        Each(Tensors.Sqrt, Math.Sqrt, positive);
        Each(Tensors.Square, x => x * x, X);
        Each(Tensors.Reciprocal, x => 1 / x, X);
        Each(Tensors.Abs, Math.Abs, X);
        Each(Tensors.Sign, x => Math.Sign(x), X);
        Each(Tensors.Sigmoid, x => 1 / (1 + Math.Exp(-x)), X);
        Each(Tensors.Softplus, x => Math.Log(1 + Math.Exp(x)), X);
        Each(Tensors.Tanh, Math.Tanh, X);
        Each(Tensors.Sin, Math.Sin, X);
        Each(Tensors.Cos, Math.Cos, X);
        // Abramowitz & Stegun, tables 6.1, 6.2, 7.1 and 9.8, and exact values
        Assert.Equal(0.5204998778130465, Tensors.Scalar(0.5).Erf().ToScalar(), 1e-15);
        Assert.Equal(Math.Log(24), Tensors.Scalar(5).LogGamma().ToScalar(), 1e-14);
        Assert.Equal(-0.5772156649015329, Tensors.Scalar(1).Digamma().ToScalar(), 1e-14);
        Assert.Equal(Math.PI * Math.PI / 6, Tensors.Scalar(1).Polygamma(1).ToScalar(), 1e-14);
        Assert.Equal(Math.Log(0.4657596077), Tensors.Scalar(1).LogScaledBesselI0().ToScalar(), 1e-9);
        Assert.Equal(1 - (0.2079104154 / 0.4657596077), Tensors.Scalar(1).BesselRatioComplement().ToScalar(), 1e-9);
        Each(x => x.Pow(1.5), x => Math.Pow(x, 1.5), positive);
        Each(x => x.Pow(x), x => Math.Pow(x, x), positive);
        Each(x => x.XLogY(x), x => x * Math.Log(x), positive);
        Each(x => x.ExpDifference(Tensors.Scalar(1)), x => Math.Exp(x - 1), X);
        Each(x => x.Maximum(1), x => Math.Max(x, 1), X);
        Each(x => x.Minimum(1), x => Math.Min(x, 1), X);
        Each(x => x.Clamp(-1, 1), x => Math.Clamp(x, -1, 1), X);
        Each(x => x.LessThan(0.5), x => x < 0.5 ? 1 : 0, X);
        Each(x => x.LessOrEqual(0.5), x => x <= 0.5 ? 1 : 0, X);
        Each(x => x.GreaterThan(0.5), x => x > 0.5 ? 1 : 0, X);
        Each(x => x.GreaterOrEqual(0.5), x => x >= 0.5 ? 1 : 0, X);
        Each(x => x.EqualTo(0.5), x => x == 0.5 ? 1 : 0, X);
        Each(x => x.IsNaN(), _ => 0, X);
        Each(x => Tensors.Where(x.GreaterThan(0), x, x * 10.0), x => x > 0 ? x : 10 * x, X);
    }

    /// <summary>Catches functions of the core's tensors that C# users do not get.</summary>
    [Fact]
    public void EveryFunctionOfTheCoreIsThere()
    {
        var renamed = new Dictionary<string, string>
        {
            ["ofArray"] = "Of",
            ["ofArray2D"] = "Of",
            ["ofShape"] = "Of",
            ["arange"] = "Range",
            ["power"] = "Pow",
            ["lgamma"] = "LogGamma",
            ["lt"] = "LessThan",
            ["le"] = "LessOrEqual",
            ["gt"] = "GreaterThan",
            ["ge"] = "GreaterOrEqual",
            ["eq"] = "EqualTo",
            ["tril"] = "LowerTriangle",
            ["grad"] = "Gradient",
            ["valueAndGrad"] = "ValueAndGradient",
            ["valueAndGrads"] = "ValueAndGradients",
            // by operators, or members of the tensor itself
            ["add"] = "op_Addition",
            ["sub"] = "op_Subtraction",
            ["mul"] = "op_Multiply",
            ["div"] = "op_Division",
            ["neg"] = "op_UnaryNegation",
            ["shape"] = "get_Shape",
            // DiffSharp's name of valueAndGrad
            ["fgrad"] = "ValueAndGradient",
        };
        var facade = new[] { typeof(Tensors), typeof(Differentiate), typeof(Tensor) }
            .SelectMany(type => type.GetMethods())
            .Select(method => method.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = typeof(Mixtures.TensorModule)
            .GetMethods()
            .Where(method => method.DeclaringType == typeof(Mixtures.TensorModule))
            .Select(method => renamed.GetValueOrDefault(method.Name, method.Name))
            .Select(name => name.EndsWith("Over", StringComparison.Ordinal) ? name[..^4] : name)
            .Where(name => !facade.Contains(name));
        Assert.Empty(missing);
    }

    /// <summary>Catches reductions over the wrong axes.</summary>
    [Fact]
    public void ReductionsGoOverTheirAxes()
    {
        var table = Tensors.Of(
            new[,]
            {
                { 1.0, 2.0, 4.0 },
                { 8.0, 16.0, 32.0 },
            }
        );
        Assert.Equal(63.0, table.Sum().ToScalar());
        Assert.Equal([7.0, 56.0], table.Sum(1).ToArray());
        Assert.Equal([1, 3], table.Sum(0, keepDim: true).Shape);
        Assert.Equal(63.0, table.Sum([0, 1]).ToScalar());
        Assert.Equal([4.5, 9.0, 18.0], table.Mean(0).ToArray());
        Assert.Equal([4.0, 32.0], table.Max(-1).ToArray());
        Assert.Equal(1.0, table.Min().ToScalar());
        Assert.Equal(Math.Log(Math.Exp(1) + Math.Exp(8)), table.LogSumExp(0).Value(0), 1e-14);
        Assert.Equal(table.LogSumExp([0, 1]).ToScalar(), table.LogSumExp().ToScalar());
        Assert.Equal([1.0, 1.0], table.Softmax(1).Sum(1).ToArray().Select(v => Math.Round(v, 14)));
        Assert.Equal(table.Softmax(1).Log().Value(0, 1), table.LogSoftmax(1).Value(0, 1), 1e-14);
        var error = Assert.Throws<ArgumentException>(() => table.Sum(2));
        Assert.Contains("axis 2", error.Message);
    }

    /// <summary>Catches shapes that are not those asked for, and elements in other places.</summary>
    [Fact]
    public void ShapesAndPlaces()
    {
        var range = Tensors.Range(6);
        var table = range.Reshape(2, -1);
        Assert.Equal([2, 3], table.Shape);
        Assert.Equal([0.0, 3, 1, 4, 2, 5], table.Transpose().ToArray());
        Assert.Equal(table.Transpose().ToArray(), table.Permute(1, 0).ToArray());
        Assert.Equal([1.0, 2, 4, 5], table.Slice(1, 1, 2).ToArray());
        Assert.Equal([3.0, 4, 5], table.Select(0, 1).ToArray());
        Assert.Equal([2.0, 2, 0, 5, 5, 3], table.IndexSelect(1, [2, 2, 0]).ToArray());
        Assert.Equal([1.0, 3], table.Gather(1, Tensors.Of([1.0, 0.0], 2, 1)).ToArray());
        var added = Tensors.Zeros(3).ScatterAdd(0, Tensors.Of([1.0, 1.0]), Tensors.Of([2.0, 5.0]));
        Assert.Equal([0.0, 7, 0], added.ToArray());
        Assert.Equal([2, 1, 3], table.Unsqueeze(1).Shape);
        Assert.Equal([2, 3], table.Unsqueeze(1).Squeeze(1).Shape);
        Assert.Equal([2, 2, 3], table.Expand(2, 2, 3).Shape);
        Assert.Equal(9, Tensors.Concatenate(0, range, Tensors.Ones(3)).Count);
        Assert.Equal([3, 2], Tensors.Stack(1, Tensors.Zeros(3), Tensors.Full(2.0, 3)).Shape);
        Assert.Equal([1.0, 0, 0, 1], Tensors.Eye(2).ToArray());
        Assert.Equal([2, 3], Tensors.ZerosLike(table).Shape);
        var error = Assert.Throws<ArgumentException>(() => table.MatMul(table));
        Assert.Contains("2 x 3", error.Message);
    }

    /// <summary>Catches factors and solutions that are not those of the matrix.</summary>
    [Fact]
    public void LinearAlgebra()
    {
        var a = Tensors.Of([4.0, 2, 2, 5], 2, 2);
        var l = a.Cholesky();
        Assert.Equal([2.0, 0, 1, 2], l.ToArray());
        Assert.Equal(a.ToArray(), l.MatMul(l.Transpose()).ToArray());
        Assert.Equal(Math.Log(16), a.LogDet().ToScalar(), 1e-14);
        var b = Tensors.Of([2.0, 5.0]);
        Assert.Equal([1.0, 2], l.SolveLower(b).ToArray());
        Assert.Equal(b.ToArray(), l.Transpose().MatMul(l.SolveLowerTransposed(b)).ToArray());
        Assert.Equal([4.0, 5], a.Diagonal().ToArray());
        Assert.Equal([4.0, 0, 0, 5], a.Diagonal().DiagonalMatrix().ToArray());
        Assert.Equal([4.0, 0, 2, 5], a.LowerTriangle().ToArray());
        Assert.Equal([0.0, 0, 2, 0], a.LowerTriangle(-1).ToArray());
    }

    /// <summary>Catches derivatives that are not those of the polynomial.</summary>
    [Fact]
    public void Derivatives()
    {
        static Tensor Cubes(Tensor x) => (x * x * x).Sum();
        var numbers = X.ToArray();
        Assert.Equal(numbers.Select(x => 3 * x * x), Differentiate.Gradient(Cubes, X).ToArray());
        var (value, gradient) = Differentiate.ValueAndGradient(Cubes, X);
        Assert.Equal(numbers.Sum(x => x * x * x), value.ToScalar(), 1e-14);
        Assert.Equal([3], gradient.Shape);
        var hessian = Differentiate.Hessian(Cubes, X);
        Assert.Equal([3.0, 0, 0, 0, -9, 0, 0, 0, 12], hessian.ToArray());
        var direction = Tensors.Of([1.0, 2, 3]);
        Assert.Equal(hessian.MatMul(direction).ToArray(), Differentiate.HessianVector(Cubes, X, direction).ToArray());
        Assert.Equal([3, 3], Differentiate.Jacobian(x => x.Exp(), X).Shape);
        var (_, gradients) = Differentiate.ValueAndGradients(p => (p[0] * p[1]).Sum(), X, direction);
        Assert.Equal(direction.ToArray(), gradients[0].ToArray());
        Assert.Equal(numbers, gradients[1].ToArray());
        // nested: the gradient of a gradient's square
        var nested = Differentiate.Gradient(x => Differentiate.Gradient(Cubes, x).Square().Sum(), X);
        Assert.Equal(numbers.Select(x => 36 * x * x * x), nested.ToArray().Select(v => Math.Round(v, 12)));
        var error = Assert.Throws<ArgumentException>(() => Differentiate.Gradient(x => x * 2.0, X));
        Assert.Contains("one number", error.Message);
        // what is detached is a constant
        Assert.Equal(numbers, Differentiate.Gradient(x => (x.Detach() * x).Sum(), X).ToArray());
    }

    /// <summary>Catches a kernel of one's own that is not used, or not replaced where it cannot serve.</summary>
    [Fact]
    public void FusedFunctions()
    {
        var calls = 0;

        Tensor Norm(Tensor x) =>
            Differentiate.Fused(
                inputs => inputs[0].Square().Sum(),
                inputs =>
                {
                    calls++;
                    return (inputs[0].Square().Sum(), [inputs[0] * 2.0]);
                },
                inputs => inputs[0].Square().Sum(),
                x
            );

        Assert.Equal(X.ToArray().Select(x => 2 * x), Differentiate.Gradient(Norm, X).ToArray());
        Assert.Equal(1, calls);
        Assert.Equal([2.0, 0, 0, 0, 2, 0, 0, 0, 2], Differentiate.Hessian(Norm, X).ToArray());
    }
}
