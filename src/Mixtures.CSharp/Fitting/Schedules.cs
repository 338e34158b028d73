using Microsoft.FSharp.Core;
using Core = Mixtures;

namespace Mixtures.CSharp;

/// <summary>Learning rates that change from step to step, counted from 0, for <see cref="Gradient.WithSchedule"/>.</summary>
public static class Schedules
{
    /// <summary>rate · factor^⌊step / every⌋: a drop after each so many steps.</summary>
    /// <param name="rate">The first rate, greater than 0.</param>
    /// <param name="factor">What it is multiplied by, greater than 0.</param>
    /// <param name="every">After how many steps, at least 1.</param>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    public static Func<int, double> StepDecay(double rate, double factor, int every) =>
        Core.ScheduleModule.stepDecay(factor, every, rate).Invoke;

    /// <summary>rate · factor^(step / every), without jumps.</summary>
    /// <param name="rate">The first rate, greater than 0.</param>
    /// <param name="factor">What it is multiplied by, greater than 0.</param>
    /// <param name="every">In the course of how many steps, at least 1.</param>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    public static Func<int, double> Exponential(double rate, double factor, int every) =>
        Core.ScheduleModule.exponential(factor, every, rate).Invoke;

    /// <summary>rate / (1 + decay · step), as stochastic approximation asks for (Robbins &amp; Monro 1951).</summary>
    /// <param name="rate">The first rate, greater than 0.</param>
    /// <param name="decay">0 or more.</param>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    public static Func<int, double> InverseTime(double rate, double decay) =>
        Core.ScheduleModule.inverseTime(decay, rate).Invoke;

    /// <summary>Half a cosine from a rate to a last one, which stays (Loshchilov &amp; Hutter 2017).</summary>
    /// <param name="rate">The first rate, greater than 0.</param>
    /// <param name="steps">After how many steps the last is reached, at least 1.</param>
    /// <param name="last">The last rate, 0 or more.</param>
    /// <exception cref="ArgumentException">A number out of range.</exception>
    public static Func<int, double> Cosine(double rate, int steps, double last = 0) =>
        Core.ScheduleModule.cosine(steps, last, rate).Invoke;

    /// <summary>A straight line up to another schedule, which then begins.</summary>
    /// <param name="steps">How many steps the line takes, at least 0.</param>
    /// <param name="schedule">The schedule that follows.</param>
    /// <exception cref="ArgumentException">A negative number of steps.</exception>
    public static Func<int, double> WarmUp(int steps, Func<int, double> schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return Core.ScheduleModule.warmUp(steps, FuncConvert.FromFunc(schedule)).Invoke;
    }
}
