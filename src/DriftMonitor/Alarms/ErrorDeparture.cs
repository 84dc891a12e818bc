using DriftMonitor.References;

namespace DriftMonitor.Alarms;

/// <summary>
/// The departure of a share of errors upward from its baseline, as of single events that are right or wrong. Cells: how many events, and
/// how many of them are wrong.
/// </summary>
/// <remarks>
/// Evidence is that of the events themselves: KL of one share from another, and what makes a pane likelier. The normal means of
/// <see cref="MeanDeparture"/> would have the baseline's variance, 0.05 where errors are one in twenty: beside half of them wrong a pane of
/// ten with two would be as good as repaired. A share below the baseline's is no departure. What repairs is likelier by half the smallest
/// effect above the baseline, at most midway to what was reported, as it is of means: by a baseline of hardly any errors a single one
/// would outweigh a thousand events without, and no alarm would end before there are none.
/// </remarks>
/// <param name="share">p₀ of the baseline, above 0 and below 1.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="smallestEffect">The least effect that matters.</param>
internal sealed class ErrorDeparture(double share, double referenceEvents, double smallestEffect) : IDeparture
{
    private const double PseudoEventsOfReports = 10;
    private const double Least = 1e-9; // of either outcome

    /// <summary>That from a baseline.</summary>
    public static ErrorDeparture Create(ValueBaseline baseline, double smallestEffect) =>
        new(Clamped(baseline.Mean), baseline.Events, smallestEffect);

    public double Events(ReadOnlySpan<double> sums) => sums[0];

    public double Nats(ReadOnlySpan<double> sums) => sums[0] > 0 ? NatsOfThreshold(sums[1] / sums[0]) : 0;

    public double NatsOfThreshold(double threshold) => Above(threshold, share);

    public double NatsOfEffect(double effect) => NatsOfThreshold(share + effect);

    public double Effect(ReadOnlySpan<double> sums) => sums[0] > 0 ? (sums[1] / sums[0]) - share : 0;

    public double Repair(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported)
    {
        var alike = Shrunk(reported);
        var healthy = share + (Math.Min(smallestEffect, alike - share) / 2);
        return (pane[1] * Math.Log(healthy / alike)) + ((pane[0] - pane[1]) * Math.Log((1 - healthy) / (1 - alike)));
    }

    public bool Explains(ReadOnlySpan<double> reported, ReadOnlySpan<double> sums, double evidenceNats) =>
        Above(sums[1] / sums[0], Math.Max(share, Shrunk(reported))) <= evidenceNats * ((1 / sums[0]) + (1 / reported[0]));

    public double EvidenceOf(double events, double nats) => nats / ((1 / events) + (1 / referenceEvents));

    /// <summary>KL of a share from another that it is above; 0 if it is not.</summary>
    private static double Above(double of, double from)
    {
        var part = Clamped(of);
        return part > from ? (part * Math.Log(part / from)) + ((1 - part) * Math.Log((1 - part) / (1 - from))) : 0;
    }

    private static double Clamped(double part) => Math.Clamp(part, Least, 1 - Least);

    /// <summary>The share of what was reported, as if ten events more had been as the baseline.</summary>
    private double Shrunk(ReadOnlySpan<double> reported) =>
        Clamped((reported[1] + (PseudoEventsOfReports * share)) / (reported[0] + PseudoEventsOfReports));
}
