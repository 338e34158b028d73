using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Between the facade's types and the core's.</summary>
internal static class Interop
{
    public static FSharpOption<T>? Option<T>(T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    public static FSharpList<T> List<T>(IEnumerable<T> items) => ListModule.OfSeq(items);

    public static Core.CovarianceStructure ToCore(this CovarianceStructure structure) =>
        structure switch
        {
            CovarianceStructure.Full => Core.CovarianceStructure.Full,
            CovarianceStructure.Tied => Core.CovarianceStructure.Tied,
            CovarianceStructure.Diagonal => Core.CovarianceStructure.Diagonal,
            CovarianceStructure.Spherical => Core.CovarianceStructure.Spherical,
            CovarianceStructure.Known => Core.CovarianceStructure.Known,
            _ => throw NotDefined(nameof(structure), structure),
        };

    public static CovarianceStructure ToFacade(this Core.CovarianceStructure structure) =>
        structure.Tag switch
        {
            Core.CovarianceStructure.Tags.Full => CovarianceStructure.Full,
            Core.CovarianceStructure.Tags.Tied => CovarianceStructure.Tied,
            Core.CovarianceStructure.Tags.Diagonal => CovarianceStructure.Diagonal,
            Core.CovarianceStructure.Tags.Spherical => CovarianceStructure.Spherical,
            _ => CovarianceStructure.Known,
        };

    public static Core.Criterion ToCore(this Criterion criterion) =>
        criterion switch
        {
            Criterion.Bic => Core.Criterion.Bic,
            Criterion.Icl => Core.Criterion.Icl,
            Criterion.Aic => Core.Criterion.Aic,
            _ => throw NotDefined(nameof(criterion), criterion),
        };

    public static Core.CollapsePolicy ToCore(this CollapsePolicy policy) =>
        policy switch
        {
            CollapsePolicy.Floor => Core.CollapsePolicy.HoldAtFloor,
            CollapsePolicy.Reseed => Core.CollapsePolicy.Reseed,
            CollapsePolicy.Prune => Core.CollapsePolicy.Prune,
            CollapsePolicy.Fail => Core.CollapsePolicy.Fail,
            _ => throw NotDefined(nameof(policy), policy),
        };

    public static CollapsePolicy ToFacade(this Core.CollapsePolicy policy) =>
        policy.Tag switch
        {
            Core.CollapsePolicy.Tags.HoldAtFloor => CollapsePolicy.Floor,
            Core.CollapsePolicy.Tags.Reseed => CollapsePolicy.Reseed,
            Core.CollapsePolicy.Tags.Prune => CollapsePolicy.Prune,
            _ => CollapsePolicy.Fail,
        };

    public static Core.DeadComponents ToCore(this DeadComponents dead) =>
        dead switch
        {
            DeadComponents.Report => Core.DeadComponents.ReportDead,
            DeadComponents.Reseed => Core.DeadComponents.ReseedDead,
            _ => throw NotDefined(nameof(dead), dead),
        };

    public static Core.Polish ToCore(this Polish polish) =>
        polish switch
        {
            Polish.None => Core.Polish.NoPolish,
            Polish.Lbfgs => Core.Polish.PolishByQuasiNewton,
            Polish.Em => Core.Polish.PolishByEm,
            _ => throw NotDefined(nameof(polish), polish),
        };

    public static Termination ToFacade(this Core.Termination termination) =>
        termination.Tag switch
        {
            Core.Termination.Tags.Converged => Termination.Converged,
            Core.Termination.Tags.IterationLimit => Termination.IterationLimit,
            _ => Termination.Interrupted,
        };

    public static ArgumentOutOfRangeException NotDefined<T>(string name, T value)
        where T : struct, Enum =>
        new(name, $"expected one of {string.Join(", ", Enum.GetNames<T>())}, received {value}");

    /// <summary>Watches a fit: reports progress and asks the token whether to stop.</summary>
    public static Core.FitMonitor Monitor(Action<FitProgress>? report, CancellationToken cancellationToken)
    {
        void Watch(Core.FitProgress step) =>
            report!(
                new FitProgress(
                    step.Start,
                    step.Starts,
                    step.Final,
                    step.Iteration,
                    step.MaxIterations,
                    step.LogLikelihood,
                    step.Change,
                    step.Elapsed
                )
            );

        var watch = report is null ? Core.FitMonitor.None.Progress : FuncConvert.FromAction<Core.FitProgress>(Watch);
        return new Core.FitMonitor(watch, cancellationToken);
    }

    /// <summary>Runs a fit of the core, its exceptions turned into the facade's.</summary>
    public static T Run<T>(Func<T> fit, CancellationToken cancellationToken)
    {
        try
        {
            return fit();
        }
        catch (Core.FitException exception)
        {
            throw new FitException(FitError.Of(exception.Error), exception);
        }
        catch (OperationCanceledException exception)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    /// <summary>Runs a fit, with what went wrong as a value.</summary>
    public static bool Try<T>(Func<T> fit, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out FitError? error)
        where T : class
    {
        try
        {
            result = fit();
            error = null;
            return true;
        }
        catch (FitException exception)
        {
            result = null;
            error = exception.Error;
            return false;
        }
    }
}
