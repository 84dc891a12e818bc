using DriftMonitor.References;

namespace DriftMonitor.Alarms;

/// <summary>
/// The departure of a mean (cross-entropy, policy KL) upward from its baseline. Cells: how many events, and Σ of the value.
/// </summary>
/// <remarks>
/// Evidence is that of normal means: KL of one from another with the baseline's variance σ² of an event is (μ₁ − μ₀)²/2σ² an event. A mean
/// below the baseline's is none. What was reported varies more than the baseline, so what repairs it is told by a variance of its own: the
/// baseline's, as many times as its mean is that of the baseline. By the baseline's alone a pane of ten labels that happen to be cheap
/// would end an alarm.
/// </remarks>
/// <param name="mean">μ₀, of the baseline.</param>
/// <param name="variance">σ² &gt; 0, of a single event.</param>
/// <param name="referenceEvents">m.</param>
internal sealed class MeanDeparture(double mean, double variance, double referenceEvents) : IDeparture
{
    private const double PseudoEventsOfReports = 10;
    private const double LeastMean = 0.1; // in σ

    /// <summary>That from a baseline. What never varies is given a variance of next to nothing.</summary>
    public static MeanDeparture Create(ValueBaseline baseline)
    {
        var variance = 0.0;
        foreach (var block in baseline.Blocks)
        {
            for (var bin = 0; bin < block.Counts.Length; bin++)
            {
                var away = baseline.BinMeans[bin] - baseline.Mean;
                variance += away * away * block.Counts[bin] / baseline.Events;
            }
        }

        return new MeanDeparture(baseline.Mean, Math.Max(variance, 1e-12), baseline.Events);
    }

    /// <summary>The panes of a window.</summary>
    /// <param name="toMs">The window's end, epoch milliseconds.</param>
    /// <param name="window">The window.</param>
    /// <param name="events">How many events each pane has, the oldest first.</param>
    /// <param name="sums">Σ of the value over each.</param>
    public static PaneRun Panes(long toMs, WindowSpec window, double[] events, double[] sums) =>
        new(toMs - window.LengthMs, window.SlideMs, 2, [.. events.Zip(sums).SelectMany(pane => new[] { pane.First, pane.Second })]);

    public double Events(ReadOnlySpan<double> sums) => sums[0];

    public double Nats(ReadOnlySpan<double> sums) => sums[0] > 0 ? NatsOfThreshold(sums[1] / sums[0]) : 0;

    public double NatsOfThreshold(double threshold)
    {
        var up = Math.Max(0, threshold - mean);
        return up * up / (2 * variance);
    }

    public double NatsOfEffect(double effect) => NatsOfThreshold(mean + effect);

    public double Effect(ReadOnlySpan<double> sums) => sums[0] > 0 ? (sums[1] / sums[0]) - mean : 0;

    public double Repair(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported)
    {
        var alike = Shrunk(reported);
        var (up, midway) = (alike - mean, (alike + mean) / 2);
        return up / VarianceOf(reported) * ((midway * pane[0]) - pane[1]);
    }

    public bool Explains(ReadOnlySpan<double> reported, ReadOnlySpan<double> sums, double evidenceNats)
    {
        var further = Math.Max(0, (sums[1] / sums[0]) - Math.Max(mean, Shrunk(reported)));
        return further * further / (2 * VarianceOf(reported)) <= evidenceNats * ((1 / sums[0]) + (1 / reported[0]));
    }

    public double EvidenceOf(double events, double nats) => nats / ((1 / events) + (1 / referenceEvents));

    /// <summary>
    /// σ² of an event of what was reported: costs vary as their mean does. A mean that is next to nothing beside σ, as k1's of two policies
    /// that are alike, tells nothing of that.
    /// </summary>
    private double VarianceOf(ReadOnlySpan<double> reported) =>
        variance * Math.Max(1, Shrunk(reported) / Math.Max(mean, LeastMean * Math.Sqrt(variance)));

    /// <summary>The mean of what was reported, as if ten events more had been as the baseline.</summary>
    private double Shrunk(ReadOnlySpan<double> reported) =>
        (reported[1] + (PseudoEventsOfReports * mean)) / (reported[0] + PseudoEventsOfReports);
}
