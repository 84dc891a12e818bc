using DriftMonitor.Divergence;
using DriftMonitor.Windows;

namespace DriftMonitor.Alarms;

/// <summary>
/// The departure of a segment from the rest of its model's live traffic, by KL(segment‖rest). Cells are those of the segment's classes,
/// then those of the rest's: what moves both is no departure.
/// </summary>
/// <param name="noise">½ Σ V/q of the rest: n' times what KL shows where both are alike, 1/n' = 1/n + 1/m.</param>
/// <param name="restPerEvent">m/n: how many events the rest has for each of the segment.</param>
/// <param name="pseudoEvents">ε ≥ 0.</param>
/// <param name="choices">How many choices an output makes: nats are the sum over them.</param>
internal sealed class RestDeparture(double noise, double restPerEvent, double pseudoEvents, int choices = 1) : IDeparture
{
    private const double PseudoEventsOfReports = 10; // as of DistributionDeparture
    private const int Parts = 9;

    /// <summary>Of a window, by its own noise.</summary>
    public static RestDeparture Of(LiveWindow window, OtherWindow rest, double pseudoEvents)
    {
        var (events, shares, variances) = (rest.Events, new double[window.Cells], new double[window.Cells]);
        for (var i = 0; i < rest.Mass.Length; i++)
        {
            var k = rest.KeptCells is { } kept ? kept[i] : i;
            shares[k] = FixedPoint.ToEvents(rest.Mass[i]) / events;
            variances[k] = Math.Max(0, (FixedPoint.ToEvents(rest.Squares[i]) / events) - (shares[k] * shares[k]));
        }

        var choices = window.Classes.Choices;
        return new RestDeparture(
            choices * NoiseFloor.Coefficient(shares, variances), (double)events / window.Events, pseudoEvents, choices);
    }

    /// <summary>The panes of a window and of the rest, side by side; null where they are not kept.</summary>
    public static PaneRun? Panes(LiveWindow window)
    {
        if (window is not { Complete: true, Panes: { } own, Rest: { Complete: true, Panes: { } others } })
        {
            return null;
        }

        var (cells, sums) = (own.Cells, new double[own.Mass.Length + others.Mass.Length]);
        for (var pane = 0; pane < own.Events.Length; pane++)
        {
            own.MassOf(pane).CopyTo(sums.AsSpan(2 * pane * cells));
            others.MassOf(pane).CopyTo(sums.AsSpan(((2 * pane) + 1) * cells));
        }

        return new PaneRun(window.FromMs, window.Window.SlideMs, 2 * cells, sums);
    }

    /// <summary>Those of the segment; none where the rest has none, since nothing is compared then.</summary>
    public double Events(ReadOnlySpan<double> sums) => TensorPrimitives.Sum(Rest(sums)) > 0 ? TensorPrimitives.Sum(Segment(sums)) : 0;

    public double Nats(ReadOnlySpan<double> sums)
    {
        var rest = Rest(sums);
        return Events(sums) == 0
            ? 0
            : Divergence(Segment(sums), Expected(rest, reported: default, size: 0));
    }

    public double Effect(ReadOnlySpan<double> sums) =>
        Events(sums) is > 0 and var events ? Nats(sums) - (noise * ((1 / events) + (1 / TensorPrimitives.Sum(Rest(sums))))) : 0;

    public double Repair(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported)
    {
        var live = Segment(pane);
        var nats = 0.0;
        var (alike, apart) = (Around(pane, reported, size: 0), Around(pane, reported, size: 1));
        for (var k = 0; k < live.Length; k++)
        {
            nats += live[k] > 0 ? live[k] * Math.Log(alike[k] / apart[k]) : 0;
        }

        return choices * nats;
    }

    public bool Explains(ReadOnlySpan<double> reported, ReadOnlySpan<double> sums, double evidenceNats)
    {
        var live = Segment(sums);
        var rest = Rest(sums);
        var most = evidenceNats * ((1 / Events(sums)) + (1 / Events(reported)));
        for (var part = 0; part < Parts; part++)
        {
            if (Divergence(live, Expected(rest, reported, Math.Pow(2, -part / 2.0))) <= most)
            {
                return true;
            }
        }

        return false;
    }

    public double NatsOfThreshold(double threshold) => threshold;

    public double NatsOfEffect(double effect) => effect;

    public double EvidenceOf(double events, double nats) => nats * events / (1 + (1 / restPerEvent));

    private static ReadOnlySpan<double> Segment(ReadOnlySpan<double> sums) => sums[..(sums.Length / 2)];

    private static ReadOnlySpan<double> Rest(ReadOnlySpan<double> sums) => sums[(sums.Length / 2)..];

    private double Divergence(ReadOnlySpan<double> live, double[] expected)
    {
        var (events, nats) = (TensorPrimitives.Sum(live), 0.0);
        for (var k = 0; k < live.Length; k++)
        {
            var share = (live[k] + (pseudoEvents * expected[k])) / (events + pseudoEvents);
            nats += share > 0 ? share * Math.Log(share / expected[k]) : 0;
        }

        return choices * nats;
    }

    /// <summary>A pane of the rest has few events: it leans on what it was while the alarm was reported.</summary>
    private double[] Around(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported, double size)
    {
        var rest = Rest(pane);
        var before = Rest(reported);
        var leaning = new double[rest.Length];
        var total = Math.Max(TensorPrimitives.Sum(before), double.Epsilon);
        for (var k = 0; k < leaning.Length; k++)
        {
            leaning[k] = rest[k] + (PseudoEventsOfReports * before[k] / total);
        }

        return Expected(leaning, reported, size);
    }

    /// <summary>
    /// What a segment would be beside such a rest if it departed as much as was reported: class by class as many times its share. A size of
    /// 0 is no departure.
    /// </summary>
    private double[] Expected(ReadOnlySpan<double> rest, ReadOnlySpan<double> reported, double size)
    {
        var expected = new double[rest.Length];
        Smooth(rest, expected, Math.Max(pseudoEvents, double.Epsilon));
        if (size > 0)
        {
            var (one, other) = (new double[rest.Length], new double[rest.Length]);
            Smooth(reported[..rest.Length], one, PseudoEventsOfReports);
            Smooth(Rest(reported), other, PseudoEventsOfReports);
            for (var k = 0; k < expected.Length; k++)
            {
                expected[k] *= 1 + (size * ((one[k] / other[k]) - 1));
            }

            TensorPrimitives.Divide(expected, TensorPrimitives.Sum<double>(expected), expected);
        }

        return expected;
    }

    private static void Smooth(ReadOnlySpan<double> mass, Span<double> shares, double pseudoEvents)
    {
        var events = TensorPrimitives.Sum(mass);
        for (var k = 0; k < shares.Length; k++)
        {
            shares[k] = Math.Max((mass[k] + (pseudoEvents / mass.Length)) / (events + pseudoEvents), 1e-12);
        }
    }
}
