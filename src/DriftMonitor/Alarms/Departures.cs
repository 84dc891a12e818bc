using System.Runtime.CompilerServices;
using DriftMonitor.Divergence;
using DriftMonitor.Evaluation;
using DriftMonitor.References;

namespace DriftMonitor.Alarms;

/// <summary>What tells drifts from the references in use, each worked out once. Thread-safe.</summary>
/// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
internal sealed class Departures(double pseudoEvents)
{
    private readonly ConditionalWeakTable<ReferenceDistribution, DistributionDeparture> _outputs = [];
    private readonly ConditionalWeakTable<ValueBaseline, IDeparture> _means = [];

    /// <summary>Of the outputs of a report's series; null where nothing is compared.</summary>
    public IDeparture? Of(DriftReport report)
    {
        if (report.Window.Rest is { } rest)
        {
            return report.Divergences is null || rest.Panes is null ? null : RestDeparture.Of(report.Window, rest, pseudoEvents);
        }

        var distribution = report.Divergences is null
            ? null
            : report.Reference?.DistributionOf(report.Window.Series, report.Window.Classes.SpaceId);
        return distribution is null ? null : _outputs.GetValue(distribution, Create);
    }

    /// <summary>Of the mean of a value: of one that is 0 or 1, as of errors, exactly.</summary>
    /// <param name="baseline">What it was in the reference.</param>
    /// <param name="smallestEffect">The least effect that matters: always the same for a baseline.</param>
    public IDeparture Of(ValueBaseline baseline, double smallestEffect) => _means.GetValue(
        baseline, of => of.BinMeans is [0, 1] ? ErrorDeparture.Create(of, smallestEffect) : MeanDeparture.Create(of));

    private DistributionDeparture Create(ReferenceDistribution distribution)
    {
        var smoothed = new double[distribution.Shares.Length];
        PseudoEvents.SmoothReference(distribution.Shares, distribution.Events, Math.Max(pseudoEvents, double.Epsilon), smoothed);
        for (var k = 0; k < smoothed.Length; k++)
        {
            smoothed[k] = Math.Max(smoothed[k], 1e-12); // without pseudo-events a class may be missing
        }

        return new DistributionDeparture(
            smoothed, distribution.Events, pseudoEvents,
            events => distribution.NoiseFloorNats(events, pseudoEvents), distribution.Choices);
    }
}
