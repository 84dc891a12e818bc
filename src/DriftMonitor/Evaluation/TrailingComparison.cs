using DriftMonitor.Divergence;
using DriftMonitor.Windows;

namespace DriftMonitor.Evaluation;

/// <summary>Compares a live window with the one before it; pseudo-events and floor are those of <see cref="DriftEvaluator"/>.</summary>
internal static class TrailingComparison
{
    /// <param name="window">The live window, and its number of events n.</param>
    /// <param name="trailing">The window before it, with m events.</param>
    /// <param name="readiness">Of the live window.</param>
    /// <param name="settings">How windows are compared.</param>
    /// <param name="live">The live window's shares, every cell; left as they are.</param>
    /// <param name="scratch">As long.</param>
    /// <param name="reference">As long.</param>
    public static TrailingDivergence Of(
        LiveWindow window, OtherWindow trailing, Readiness readiness, EvaluationSettings settings, ReadOnlySpan<double> live,
        Span<double> scratch, Span<double> reference)
    {
        if (readiness == Readiness.Ready)
        {
            readiness = !trailing.Complete ? Readiness.Incomplete
                : Math.Min(window.Events, trailing.Events) < settings.MinimumEvents ? Readiness.TooFewEvents
                : Readiness.Ready;
        }

        if (trailing.Events == 0 || window.Events + settings.PseudoEvents == 0)
        {
            return new TrailingDivergence(trailing.Events, readiness, 0, double.NaN, double.NaN, double.NaN);
        }

        MassShares.Of(trailing.Mass, trailing.KeptCells, reference);
        var other = live.Length - 1;
        var cells = live[other] > 0 || reference[other] > 0 ? other + 1 : other;
        var p = scratch[..cells];
        var q = reference[..cells];
        var choices = window.Classes.Choices;
        var classes = cells - q.Count(0.0) - (choices - 1); // one more than there are degrees of freedom
        var floor = double.NaN;
        if (window.Events > 0)
        {
            Variances(trailing, p, q);
            // anew at each slide, so only its first term
            floor = choices * NoiseFloor.Coefficient(q, p) * ((1.0 / window.Events) + (1.0 / trailing.Events));
        }

        live[..cells].CopyTo(p);
        PseudoEvents.SmoothReference(q, trailing.Events, settings.PseudoEvents, q);
        PseudoEvents.SmoothLive(p, window.Events, settings.PseudoEvents, q);
        return new TrailingDivergence(
            trailing.Events, readiness, classes, choices * KullbackLeibler.Divergence(p, q), choices * KullbackLeibler.Divergence(q, p),
            floor);
    }

    /// <summary>The population variance of each cell's probability over the events of a window.</summary>
    public static void Variances(OtherWindow window, Span<double> variances, ReadOnlySpan<double> shares)
    {
        variances.Clear();
        for (var i = 0; i < window.Squares.Length; i++)
        {
            var k = window.KeptCells is { } kept ? kept[i] : i;
            if (k < variances.Length)
            {
                var meanSquare = FixedPoint.ToEvents(window.Squares[i]) / window.Events;
                variances[k] = Math.Max(0, meanSquare - (shares[k] * shares[k]));
            }
        }
    }
}
