using DriftMonitor.Join;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Tests.Calibration;

namespace DriftMonitor.Tests.Alarms;

/// <summary>
/// Labels of which twenty come every ten seconds: what each costs is exponential about half a nat, and one in ten is wrong, both so many
/// times.
/// </summary>
/// <param name="seed">What the random numbers begin with.</param>
/// <param name="times">How many times, by the pane; asked for pane by pane.</param>
internal sealed class SimulatedCosts(int seed, Func<int, double> times)
{
    public const long PaneMs = SimulatedTraffic.BlockMs;
    public const int PanesAnHour = (int)(3_600_000 / PaneMs);

    private const int LabelsInPane = 20;

    private readonly Random _random = new(seed);
    private int _panes;

    /// <summary>A level that goes up and down over an hour, as far as it is high.</summary>
    public static double Swing(int pane) => 1 + (0.5 * Math.Sin(2 * Math.PI * pane / PanesAnHour));

    /// <summary>The next ten seconds added up.</summary>
    public PaneCosts Next()
    {
        var labels = NextLabels();
        return new PaneCosts([labels.Length], [labels.Sum(label => label.Nats)], [labels.Count(label => label.IsWrong)]);
    }

    /// <summary>A reference of so many hours: its losses, which are those of a policy, too, and its errors.</summary>
    public ReferenceSnapshot Reference(int hours)
    {
        var (losses, errors) = (new ValueBaselineBuilder(PaneMs), new List<ValueBlock>());
        for (var pane = 0; pane < hours * PanesAnHour; pane++)
        {
            var labels = NextLabels();
            foreach (var (nats, _) in labels)
            {
                losses.Add(pane * PaneMs, FixedPoint.FromNats(nats));
            }

            var wrong = labels.Count(label => label.IsWrong);
            errors.Add(new ValueBlock(pane * PaneMs, [labels.Length - wrong, wrong]));
        }

        var (outputs, built) = (new SimulatedTraffic(seed, [0.5, 0.5], 10).Reference(100), losses.Build());
        return new ReferenceSnapshot(
            outputs.Model, 1, outputs.CreatedAt, outputs.ClassSpace,
            outputs.Segments.ToDictionary(segment => segment.Key, segment => segment.Value.Sums), outputs.Blocks,
            losses: built, policies: new Dictionary<PolicyEstimate, ValueBaseline> { [PolicyEstimate.K1] = built },
            errors: new ValueBaseline([0, 1], [.. errors]));
    }

    private (double Nats, bool IsWrong)[] NextLabels()
    {
        var level = times(_panes++);
        var labels = new (double, bool)[LabelsInPane];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (-0.5 * level * Math.Log(1 - _random.NextDouble()), _random.NextDouble() < 0.1 * level);
        }

        return labels;
    }
}
