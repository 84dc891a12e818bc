using System.Reactive.Subjects;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// The promise that a pane is a versioned register: random logs are read by lanes that die in the middle of publishing, before
/// committing or at any other moment, and by replicas that go on after they lost the partition. Whoever comes next resumes from the
/// committed safe offset, and every merged pane must be, bit for bit, that of a run without a crash.
/// </summary>
public sealed class RegisterModelTests
{
    private const int Trials = 600;

    // The second window's panes are one 20 ms long, so that rolled-up panes are replaced too.
    private static readonly WindowPlan Plan = Given.Plan("7200ms/20ms 3600ms/10ms", lateness: 15, skew: 15, slack: 5);

    private delegate bool Better(PaneRegister candidate, PaneRegister known);

    [Fact]
    public void SmallestFirstThenLargestLast_WithTheSafeOffset_IsExact() =>
        Assert.Equal(0, Mismatches(ByRegister, CrashingLanes.BySafeOffset, Plan));

    [Fact]
    public void HighestLastWins_IsNotExact() =>
        Assert.InRange(
            Mismatches((candidate, known) => candidate.LastOffset >= known.LastOffset, CrashingLanes.BySafeOffset, Plan), Trials / 2,
            Trials);

    [Fact]
    public void SafeOffsetWithoutTheRecordThatSetTheClock_IsNotExact() =>
        Assert.InRange(Mismatches(ByRegister, (_, open) => open.FirstOffset, Plan), Trials / 50, Trials);

    /// <summary>
    /// The second of an id counts in no window, whoever reads on from where. Registers alone do not say which panes are closed, so this is
    /// tried through the operator, where what is closed is final.
    /// </summary>
    [Fact]
    public void SlideWindows_OfALogWithDuplicates_EqualsTheUninterruptedRun()
    {
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = CrashingLanes.RandomLog(seed, duplicates: true);
            Assert.Equal(Slide(log, new Random(seed), crashes: false), Slide(log, new Random(seed + 1), crashes: true));
        }
    }

    /// <summary>The same through the operator, which forgets registers of closed panes: what is final needs no replacing.</summary>
    [Fact]
    public void SlideWindows_OfARunWithCrashes_EqualsTheUninterruptedRun()
    {
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = CrashingLanes.RandomLog(seed);
            Assert.Equal(Slide(log, new Random(seed), crashes: false), Slide(log, new Random(seed + 1), crashes: true));
        }
    }

    private static bool ByRegister(PaneRegister candidate, PaneRegister known) => candidate.Replaces(known);

    private static int Mismatches(Better better, CrashingLanes.Safe safe, WindowPlan plan)
    {
        var mismatches = 0;
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = CrashingLanes.RandomLog(seed);
            var uninterrupted = Merge(log, new Random(seed), crashes: false);
            var interrupted = Merge(log, new Random(seed + 1), crashes: true);
            mismatches += uninterrupted.SequenceEqual(interrupted) ? 0 : 1;
        }

        return mismatches;

        List<string> Merge(List<PredictionRecord> log, Random random, bool crashes)
        {
            var merged = new Dictionary<(SeriesKey, long), PaneRegister>();
            CrashingLanes.Run(log, plan, safe, random, crashes, zombiesOutliveFailedPublications: true, message =>
            {
                if (message is PaneRegister register)
                {
                    var key = (register.Series, register.PaneStartMs);
                    if (!merged.TryGetValue(key, out var known) || better(register, known))
                    {
                        merged[key] = register;
                    }
                }
            });
            return [.. merged.Values
                .Select(r => $"{r.Series} {r.PaneStartMs}: {r.Sums.Events} {r.Sums.Mass[0]} {r.Sums.Squares[0]}")
                .Order(StringComparer.Ordinal)];
        }
    }

    private static List<string> Slide(List<PredictionRecord> log, Random random, bool crashes)
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var subscription = messages.SlideWindows(ticks, Plan, maxSeries: 10).Windows().Subscribe(
            window => last[$"{window.Series} {window.Window.Name} {window.ToMs}"] = $"{window.Events} {window.Mass[0]} {window.Mass[1]}");
        var clock = 0L;
        CrashingLanes.Run(log, Plan, CrashingLanes.BySafeOffset, random, crashes, zombiesOutliveFailedPublications: false, message =>
        {
            messages.OnNext(message);
            if (message is LaneProgress progress && random.Next(4) == 0)
            {
                ticks.OnNext(clock = Math.Max(clock, progress.ClosedBeforeMs)); // forgets the registers of closed panes
            }
        });
        last.Clear();
        ticks.OnNext(3_600);
        return [.. last.Select(window => $"{window.Key}: {window.Value}")];
    }
}
