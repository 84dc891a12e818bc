using System.Reactive.Subjects;
using DriftMonitor.Events;
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

    private delegate long Safe(LanePublication publication, OpenPanes open);

    [Fact]
    public void SmallestFirstThenLargestLast_WithTheSafeOffset_IsExact() =>
        Assert.Equal(0, Mismatches(ByRegister, BySafeOffset, Plan));

    [Fact]
    public void HighestLastWins_IsNotExact() =>
        Assert.InRange(Mismatches((candidate, known) => candidate.LastOffset >= known.LastOffset, BySafeOffset, Plan), Trials / 2, Trials);

    [Fact]
    public void SafeOffsetWithoutTheRecordThatSetTheClock_IsNotExact() =>
        Assert.InRange(Mismatches(ByRegister, (_, open) => open.FirstOffset, Plan), Trials / 50, Trials);

    /// <summary>The same through the operator, which forgets registers of closed panes: what is final needs no replacing.</summary>
    [Fact]
    public void SlideWindows_OfARunWithCrashes_EqualsTheUninterruptedRun()
    {
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = RandomLog(seed);
            Assert.Equal(Slide(log, new Random(seed), crashes: false), Slide(log, new Random(seed + 1), crashes: true));
        }
    }

    private static bool ByRegister(PaneRegister candidate, PaneRegister known) => candidate.Replaces(known);

    private static long BySafeOffset(LanePublication publication, OpenPanes open) => publication.SafeOffset ?? 0;

    private static int Mismatches(Better better, Safe safe, WindowPlan plan)
    {
        var mismatches = 0;
        for (var seed = 0; seed < Trials; seed++)
        {
            var log = RandomLog(seed);
            var uninterrupted = Merge(log, new Random(seed), crashes: false);
            var interrupted = Merge(log, new Random(seed + 1), crashes: true);
            mismatches += uninterrupted.SequenceEqual(interrupted) ? 0 : 1;
        }

        return mismatches;

        List<string> Merge(List<PredictionRecord> log, Random random, bool crashes)
        {
            var merged = new Dictionary<(SeriesKey, long), PaneRegister>();
            Run(log, plan, safe, random, crashes, zombiesOutliveFailedPublications: true, message =>
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
        using var subscription = messages.SlideWindows(ticks, Plan, maxSeries: 10).Subscribe(
            window => last[$"{window.Series} {window.Window.Name} {window.ToMs}"] = $"{window.Events} {window.Mass[0]} {window.Mass[1]}");
        var clock = 0L;
        Run(log, Plan, BySafeOffset, random, crashes, zombiesOutliveFailedPublications: false, message =>
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

    /// <summary>Reads the log to its end, with as many lanes as it takes.</summary>
    /// <remarks>
    /// May a lane of which a part of a publication was lost publish again? A merge that keeps every register stands that; one that forgets
    /// closed panes does not, since such a lane says that panes are closed which it never published.
    /// </remarks>
    private static void Run(
        List<PredictionRecord> log,
        WindowPlan plan,
        Safe safe,
        Random random,
        bool crashes,
        bool zombiesOutliveFailedPublications,
        Action<PaneMessage> publish)
    {
        var committed = 0L;
        var lane = new Reader(log, plan, committed);
        Reader? zombie = null;
        while (!lane.AtEnd)
        {
            lane.Step();
            if (random.NextDouble() < 0.15)
            {
                var publication = lane.Publish();
                var offset = safe(publication, lane.Open);
                var messages = Messages(publication);
                if (crashes && random.NextDouble() < 0.1)
                {
                    messages[..random.Next(messages.Count + 1)].ForEach(publish); // died in the middle of publishing
                    zombie = zombiesOutliveFailedPublications && random.Next(2) == 0 ? lane : null;
                    lane = new Reader(log, plan, committed);
                    continue;
                }

                messages.ForEach(publish);
                if (crashes && random.NextDouble() < 0.1)
                {
                    zombie = random.Next(2) == 0 ? lane : null; // died, or lost the partition, before committing
                    lane = new Reader(log, plan, committed);
                    continue;
                }

                committed = Math.Max(committed, offset);
            }

            if (crashes && random.NextDouble() < 0.01)
            {
                zombie = random.Next(2) == 0 ? lane : null;
                lane = new Reader(log, plan, committed);
            }

            if (zombie is not null && random.NextDouble() < 0.05)
            {
                for (var steps = random.Next(21); steps > 0 && !zombie.AtEnd; steps--)
                {
                    zombie.Step();
                }

                Messages(zombie.Publish()).ForEach(publish);
                zombie = null;
            }
        }

        Messages(lane.Publish()).ForEach(publish);
    }

    private static List<PaneMessage> Messages(LanePublication publication) =>
        publication.Progress is { } progress ? [.. publication.Registers, progress] : [.. publication.Registers];

    /// <summary>400 records of one partition; in every other log the clock makes jumps, which close panes that nothing has come for yet.</summary>
    private static List<PredictionRecord> RandomLog(int seed)
    {
        var random = new Random(seed);
        var model = Given.Model();
        var classes = Given.Classes(1);
        var jumpy = seed % 2 == 1;
        int[] steps = jumpy ? [0, 1, 1, 3, 30] : [0, 0, 1, 1, 2, 5];
        int[] disorders = jumpy ? [0, 0, 0, 22] : [0, 0, 0, 0, 0, 0, 0, 0, -3, -8, 4, 12];
        int[] delays = jumpy ? [-14, 0, 14, 14] : [0, 0, 0, 0, 0, 0, 1, 5, 12, 14, 16, 40, -3];
        var log = new List<PredictionRecord>();
        var time = 0;
        for (var offset = 0; offset < 400; offset++)
        {
            time += steps[random.Next(steps.Length)];
            var recordMs = time + disorders[random.Next(disorders.Length)];
            var probability = random.Next(1, 1_000) / 1_000.0;
            log.Add(random.Next(20) == 0
                ? Given.Rejected(offset, recordMs + 1_000)
                : Given.Prediction(
                    model,
                    classes,
                    offset,
                    recordMs,
                    recordMs - delays[random.Next(delays.Length)],
                    random.Next(3) == 0 ? "rare" : null,
                    probability,
                    1 - probability));
        }

        return log;
    }

    /// <summary>A lane and its place in the log.</summary>
    private sealed class Reader(List<PredictionRecord> log, WindowPlan plan, long start)
    {
        private readonly SourceLane _lane = new(0, plan);
        private int _next = (int)start;

        public OpenPanes Open { get; } = new(plan, start);

        public bool AtEnd => _next >= log.Count;

        public void Step()
        {
            var record = log[_next++];
            var accepted = _lane.Add(record) == RejectionReason.None;
            Open.Add(record, accepted, _lane.ClockMs);
        }

        public LanePublication Publish() => _lane.Publish(new PublishTick(0, CaughtUp: true));
    }

    /// <summary>What a naive lane would resume from: the first offset of any open pane, whatever had set the clock.</summary>
    private sealed class OpenPanes(WindowPlan plan, long start)
    {
        private readonly Dictionary<long, long> _firsts = [];
        private long _next = start;

        public long FirstOffset => _firsts.Values.Append(_next).Min();

        public void Add(PredictionRecord record, bool accepted, long? clockMs)
        {
            _next = record.Offset + 1;
            if (accepted)
            {
                _firsts.TryAdd(plan.PaneStart(record.EventTimeMs), record.Offset);
            }

            foreach (var pane in _firsts.Keys.Where(pane => clockMs is { } clock && pane + plan.BasePaneMs < plan.ClosedBefore(clock)))
            {
                _firsts.Remove(pane);
            }
        }
    }
}
