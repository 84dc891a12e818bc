using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// The promise that nothing is lost in silence: random logs lose their beginning, also what nobody has read yet, while lanes die at any
/// moment. What is published must name an event time from which on every merged pane is, bit for bit, that of a run in which nothing was
/// lost.
/// </summary>
public sealed class RetentionModelTests
{
    private const int Trials = 600;

    // More slack than the records of the random logs are out of order.
    private static readonly WindowPlan Plan = Given.Plan("50ms/10ms", lateness: 15, skew: 15, slack: 25);

    [Fact]
    public void PanesAfterTheTimeThatIsTold_AreExact()
    {
        var (wrong, lacking, after) = Run((plan, first) => plan.LostBefore(first.RecordTimeMs));
        Assert.Equal(0, wrong);
        Assert.InRange(lacking, Trials / 4, Trials); // or there was nothing to be told
        Assert.InRange(after, 0.2, 0.9); // the share of panes that lie after it
    }

    [Fact]
    public void ATimeWithoutSlackAndSkew_IsNotEnough() =>
        Assert.InRange(Run((_, first) => first.RecordTimeMs - 10).Wrong, Trials / 20, Trials);

    private static (int Wrong, int Lacking, double After) Run(CrashingLanes.LostBefore lostBefore)
    {
        var (wrong, lacking, after, panes) = (0, 0, 0, 0);
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = CrashingLanes.RandomLog(seed * 2); // those whose clocks do not jump
            var (whole, _) = Merge(log, new Random(seed), crashes: false, retention: null);
            var (left, told) = Merge(log, new Random(seed + 1), crashes: true, lostBefore);
            wrong += whole.Where(pane => pane.Key.StartMs >= told).All(pane => left.GetValueOrDefault(pane.Key) == pane.Value) ? 0 : 1;
            lacking += whole.All(pane => left.GetValueOrDefault(pane.Key) == pane.Value) ? 0 : 1;
            after += whole.Count(pane => pane.Key.StartMs >= told);
            panes += whole.Count;
        }

        return (wrong, lacking, (double)after / panes);
    }

    private static (Dictionary<(SeriesKey Series, long StartMs), string> Panes, long LostBeforeMs) Merge(
        List<PredictionRecord> log, Random random, bool crashes, CrashingLanes.LostBefore? retention)
    {
        var merged = new Dictionary<(SeriesKey, long), PaneRegister>();
        var lostBefore = LaneProgress.Nothing;
        CrashingLanes.Run(
            log,
            Plan,
            CrashingLanes.BySafeOffset,
            random,
            crashes,
            zombiesOutliveFailedPublications: true,
            message =>
            {
                if (message is LaneProgress progress)
                {
                    lostBefore = Math.Max(lostBefore, progress.LostBeforeMs);
                }
                else if (message is PaneRegister register)
                {
                    var key = (register.Series, register.PaneStartMs);
                    if (!merged.TryGetValue(key, out var known) || register.Replaces(known))
                    {
                        merged[key] = register;
                    }
                }
            },
            retention: retention);
        return (
            merged.ToDictionary(
                pane => pane.Key, pane => $"{pane.Value.Sums.Events} {pane.Value.Sums.Mass[0]} {pane.Value.Sums.Squares[0]}"), lostBefore);
    }
}
