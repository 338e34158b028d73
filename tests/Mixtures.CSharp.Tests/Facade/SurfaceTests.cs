using System.Reflection;
using Mixtures.CSharp;

namespace MixturesTests.Facade;

/// <summary>The facade's public surface as a whole.</summary>
public class SurfaceTests
{
    private static readonly Type[] CoreTypes =
    [
        typeof(Dataset),
        typeof(CsvOptions),
        typeof(RandomKey),
        typeof(RandomStream),
        typeof(Tensor),
        typeof(Labels),
        typeof(DataException),
    ];

    private static readonly Type[] Surface = typeof(Mixture).Assembly.GetExportedTypes();

    private static readonly (string Where, Type Type)[] Signatures = [.. Surface.SelectMany(InSignatures)];

    /// <summary>Catches an option, list, tuple, function, union or record of F# that leaks to C# users.</summary>
    [Fact]
    public void NoFSharpTypeIsPublic()
    {
        Assert.NotEmpty(Signatures);
        var leaks = Signatures
            .Where(signature => !IsForCSharp(signature.Type))
            .Select(signature => $"{signature.Where}: {signature.Type}");
        Assert.Empty(leaks.Distinct());
    }

    /// <summary>
    /// Catches public classes that can be inherited from elsewhere (abstract ones have a member that only the library can
    /// give), or changed after they are made.
    /// </summary>
    [Fact]
    public void ClassesAreSealedAndImmutable()
    {
        var classes = Surface.Where(type => type.IsClass);
        Assert.DoesNotContain(classes, type => !type.IsSealed && !IsClosed(type));
        var settable =
            from type in Surface
            from property in type.GetProperties()
            where property.DeclaringType!.Assembly == type.Assembly
            where property.SetMethod is { IsPublic: true } set && !IsInit(set)
            select $"{type.Name}.{property.Name}";
        Assert.Empty(settable);
        Assert.DoesNotContain(Surface.SelectMany(type => type.GetFields()), field => !IsConstant(field));
    }

    /// <summary>Catches entries that let null through to fail somewhere else.</summary>
    [Fact]
    public void NullIsRefusedAtEveryEntry()
    {
        var model = Mixture.CreateGaussian(
            [1.0],
            [
                [0.0],
            ],
            [
                new double[,]
                {
                    { 1.0 },
                },
            ]
        );
        var targets = new object[]
        {
            Em.Default,
            Gradient.Adam(0.1),
            Mixture.Gaussian(1),
            LogDensityTests.Laplace,
            Mixture.Poisson(1),
            Mixture.StudentT(1),
            Schema.Parse("a=poisson"),
            model,
            Selection.Gaussians(1, 1),
            Priors.None,
            ModeSearch.Default,
            Prior.Normal(0, 1),
            BayesianProgram.Create(p => p.Latent("a", Prior.Normal(0, 1))),
        };
        var checkedCount = 0;

        foreach (var type in Surface.Where(type => type.IsClass))
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance))
            {
                if (
                    method.IsSpecialName
                    || method.DeclaringType != type
                    || method.Name is "Equals" or "GetHashCode" or "ToString" or "GetType" or "Deconstruct"
                )
                {
                    continue;
                }

                var target = method.IsStatic ? null : targets.FirstOrDefault(type.IsInstanceOfType);
                var parameters = method.GetParameters();

                if (
                    (target is null && !method.IsStatic)
                    || parameters.Length == 0
                    || parameters[0].ParameterType.IsValueType
                    || parameters[0].HasDefaultValue
                )
                {
                    continue;
                }

                // of generic ones, such as extensions of every specification, one is tried
                var called = method.IsGenericMethodDefinition
                    ? method.MakeGenericMethod(method.GetGenericArguments()[0].GetGenericParameterConstraints()[0])
                    : method;
                var arguments = parameters.Select(p => p.HasDefaultValue ? p.DefaultValue : null).ToArray();
                var thrown = Assert.Throws<TargetInvocationException>(() => called.Invoke(target, arguments));
                Assert.IsType<ArgumentNullException>(thrown.InnerException);
                checkedCount++;
            }
        }

        Assert.True(checkedCount > 140, $"only {checkedCount} entries were tried");
    }

    /// <summary>Catches public members without documentation (the compiler's check, switched off by mistake).</summary>
    [Fact]
    public void EveryPublicMemberIsDocumented()
    {
        var file = Path.ChangeExtension(typeof(Mixture).Assembly.Location, ".xml");
        Assert.True(File.Exists(file), "the facade's documentation is not beside it");
        var text = File.ReadAllText(file);

        foreach (var type in Surface)
        {
            Assert.Contains($"T:{type.FullName}\"", text);
        }
    }

    /// <summary>Catches With… verbs that change what they are called on, or check nothing.</summary>
    [Fact]
    public void OptionsAreImmutableAndChecked()
    {
        var changed = Em
            .Default.WithRestarts(3)
            .WithSeed(5)
            .WithMaxIterations(9)
            .WithTolerance(1e-3)
            .WithRelativeFloor(1e-4)
            .WithAbsoluteFloor(1e-5)
            .WithCollapse(CollapsePolicy.Prune)
            .WithThreads(2)
            .WithBlockRows(64)
            .WithAttempts(4)
            .WithStart(Start.RandomRows);
        Assert.Equal((3, 5, 9, 1e-3), (changed.Restarts, changed.Seed, changed.MaxIterations, changed.Tolerance));
        Assert.Equal(
            (1e-4, 1e-5, 2, 64),
            (changed.RelativeFloor, changed.AbsoluteFloor, changed.Threads, changed.BlockRows)
        );
        Assert.Equal(CollapsePolicy.Prune, changed.Collapse);
        Assert.Equal(4, changed.Attempts);
        Assert.Equal("random rows", changed.Start.ToString());
        Assert.Equal(
            (10, 0, 2000, 1e-8),
            (Em.Default.Restarts, Em.Default.Seed, Em.Default.MaxIterations, Em.Default.Tolerance)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithRestarts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithAttempts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithMaxIterations(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithTolerance(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithRelativeFloor(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithAbsoluteFloor(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithThreads(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithBlockRows(2000));
        Assert.Throws<ArgumentOutOfRangeException>(() => Em.Default.WithCollapse((CollapsePolicy)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Gaussian(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Gaussian(1).WithComponents(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Gaussian(1).WithKnownStandardDeviation(0));
        Assert.Throws<ArgumentException>(() => Mixture.Gaussian(1).WithCovariance(CovarianceStructure.Known));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Gaussian(1).WithWeightsPrior(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mixture.Gaussian(1).WithWeightsPrior([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => Mixture.Gaussian(1).WithWeightsPrior([]));
        var spec = Mixture.Gaussian(2);
        Assert.Equal(5, spec.WithComponents(5).Components);
        Assert.Equal(2, spec.Components);
    }

    private static bool IsForCSharp(Type type)
    {
        if (type.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true)
        {
            return false;
        }

        if (type.FullName?.StartsWith("System.Tuple`", StringComparison.Ordinal) == true)
        {
            return false;
        }

        return type.Namespace != "Mixtures" || CoreTypes.Contains(type);
    }

    private static IEnumerable<(string, Type)> InSignatures(Type type)
    {
        const BindingFlags Visible =
            BindingFlags.Public
            | BindingFlags.NonPublic
            | BindingFlags.Static
            | BindingFlags.Instance
            | BindingFlags.DeclaredOnly;
        var bases = type.GetInterfaces().Append(type.BaseType).OfType<Type>();
        var members = type.GetMembers(Visible)
            .Where(member =>
                member switch
                {
                    MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
                    FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
                    _ => false,
                }
            )
            .SelectMany(member =>
                member switch
                {
                    MethodInfo method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType),
                    MethodBase method => method.GetParameters().Select(p => p.ParameterType),
                    FieldInfo field => [field.FieldType],
                    _ => [],
                }
            );
        return bases.Concat(members).SelectMany(Parts).Select(part => (type.Name, part));
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    private static bool IsClosed(Type type) =>
        type.IsAbstract
        && type.GetMethods(BindingFlags.Instance | BindingFlags.NonPublic)
            .Any(method => method.IsAbstract && method.IsFamilyAndAssembly);

    private static bool IsInit(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit");

    private static bool IsConstant(FieldInfo field) => field.IsLiteral || field.Name == "value__";
}
