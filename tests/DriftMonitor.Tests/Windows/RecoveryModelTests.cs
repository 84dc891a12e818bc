using System.Globalization;
using System.Reactive.Subjects;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// The promise that windows survive a crash of stage 2: replicas that die at any moment, in the middle of writing down what has settled
/// too, or go on after another has taken over. Whoever comes next restores the last settlement, reads on from the offset that it names, and
/// must have, bit for bit, the windows of a replica that was never disturbed. Lanes of stage 1 die meanwhile as well.
/// </summary>
public sealed class RecoveryModelTests
{
    private const int Lanes = 3;
    private const int Repeats = 15; // of a replica's chance to die, so that a trial sees several
    private static readonly int Trials = Tests.Trials.Of(everyRun: 15, full: 60); // the mutant below is found in more than half of them

    // Windows much shorter than the logs, so that panes are let go of all the time.
    private static readonly WindowPlan Plan = Given.Plan("60ms/10ms 120ms/20ms 160ms/40ms", lateness: 15, skew: 15, slack: 5);

    private delegate long Resume(Settlement settlement, UnsettledPanes unsettled, long position);

    [Fact]
    public void WindowsAndRollups_OfReplicasThatDie_EqualThoseOfOneThatDoesNot()
    {
        for (var seed = 0; seed < Trials; seed++)
        {
            var panes = PanesTopic(seed);
            Assert.Equal(
                FinalState(panes, new Random(seed), crashes: false, Safe), FinalState(panes, new Random(seed + 1), crashes: true, Safe));
        }
    }

    [Fact]
    public void ResumingWhereReadingHadCome_IsNotExact() => Assert.InRange(Mismatches((_, _, position) => position), Trials / 2, Trials);

    private static int Mismatches(Resume resume) => Enumerable.Range(0, Trials).Count(seed =>
    {
        var panes = PanesTopic(seed);
        return !FinalState(panes, new Random(seed), crashes: false, Safe).SequenceEqual(
            FinalState(panes, new Random(seed + 1), crashes: true, resume));
    });

    private static long Safe(Settlement settlement, UnsettledPanes unsettled, long position) => unsettled.Settle(settlement.BeforeMs);

    /// <summary>What the lanes of several source partitions have published, in order for each, mixed at random.</summary>
    private static List<PaneMessage> PanesTopic(int seed)
    {
        var random = new Random(seed);
        var published = Enumerable.Range(0, Lanes).Select(partition =>
        {
            var messages = new List<PaneMessage>();
            CrashingLanes.Run(
                // those whose clocks do not jump: they stay close to each other
                CrashingLanes.RandomLog((seed * Lanes * 2) + (partition * 2), duplicates: seed % 2 == 1),
                Plan,
                CrashingLanes.BySafeOffset,
                random,
                crashes: true,
                zombiesOutliveFailedPublications: false,
                messages.Add,
                partition);
            return new Queue<PaneMessage>(messages);
        }).ToArray();
        var topic = new List<PaneMessage>();
        while (published.Where(queue => queue.Count > 0).ToArray() is { Length: > 0 } waiting)
        {
            topic.Add(waiting[random.Next(waiting.Length)].Dequeue());
        }

        // Lanes go on saying how far they are.
        return [
            .. topic,
            .. Enumerable.Range(0, Lanes).Select(lane => topic.OfType<LaneProgress>().Last(progress => progress.SourcePartition == lane))];
    }

    private static List<string> FinalState(List<PaneMessage> panes, Random random, bool crashes, Resume resume)
    {
        var rollups = new RollupsTopic();
        var replica = new Replica(panes, rollups, resume);
        Replica? zombie = null;
        while (!replica.AtEnd)
        {
            replica.Step(random);
            if (crashes && random.Next(panes.Count) < Repeats)
            {
                replica.Deliver(random.Next(100)); // some of what is on its way arrives, in order, and the rest never
                zombie = random.Next(2) == 0 ? replica : null;
                replica = new Replica(panes, rollups, resume);
            }

            if (zombie is not null && random.Next(30) == 0)
            {
                for (var steps = random.Next(40); steps > 0 && !zombie.AtEnd; steps--)
                {
                    zombie.Step(random);
                }

                zombie.Deliver(int.MaxValue);
                zombie = null;
            }
        }

        replica.Deliver(int.MaxValue);
        return [.. replica.Windows(), .. rollups.Panes()];
    }

    /// <summary>The topic, compacted all the time.</summary>
    private sealed class RollupsTopic
    {
        private readonly Dictionary<(SeriesKey, long, long), SettledPane> _panes = [];
        private (long BeforeMs, long Resume)? _last;

        public void Write(SettledPane pane)
        {
            _panes[(pane.Series, pane.LengthMs, pane.StartMs)] = pane;
            _panes.Remove((pane.Series, pane.LengthMs, LevelOf(pane).ExpiredStart(pane.StartMs)));
        }

        public void Write(long beforeMs, long resume) => _last = _last is { } last && last.BeforeMs >= beforeMs ? last : (beforeMs, resume);

        public (Settlement? Past, long Resume) Read() => _last is { } last
            ? (new Settlement(last.BeforeMs, [.. _panes.Values.Where(pane => pane.EndMs <= last.BeforeMs)]), last.Resume)
            : (null, 0);

        /// <summary>Those that are still needed: a replica that no longer owns the partition may have written others anew.</summary>
        public IEnumerable<string> Panes() => _panes.Values
            .Where(pane => pane.StartMs > LevelOf(pane).ExpiredStart(_last!.Value.BeforeMs))
            .Select(pane => string.Create(
                CultureInfo.InvariantCulture,
                $"{pane.Series} {pane.StartMs}+{pane.LengthMs}: {pane.Sums.Events} {pane.Sums.Mass[0]} {pane.Sums.Squares[0]} "
                + $"{pane.LatestEventMs} {pane.CoveredFromMs} from {string.Join(',', pane.Sources)}"))
            .Order(StringComparer.Ordinal);

        private static RollupLevel LevelOf(SettledPane pane) => Plan.Rollups.Single(level => level.LengthMs == pane.LengthMs);
    }

    private sealed class Replica
    {
        private readonly List<PaneMessage> _topic;
        private readonly RollupsTopic _rollups;
        private readonly Subject<PaneMessage> _messages = new();
        private readonly Subject<long> _ticks = new();
        private readonly List<LiveWindow> _windows = [];
        private readonly UnsettledPanes _unsettled = new(Plan);
        private readonly Queue<Action> _onTheirWay = new();
        private long _settledMs;
        private int _next;

        public Replica(List<PaneMessage> topic, RollupsTopic rollups, Resume resume)
        {
            _topic = topic;
            _rollups = rollups;
            _messages.SlideWindows(_ticks, Plan, maxSeries: 10, [.. Enumerable.Range(0, Lanes)]).Windows(onSettled: settlement =>
            {
                _settledMs = settlement.BeforeMs;
                var offset = resume(settlement, _unsettled, _next);
                foreach (var pane in settlement.Panes)
                {
                    _onTheirWay.Enqueue(() => _rollups.Write(pane));
                }

                _onTheirWay.Enqueue(() => _rollups.Write(settlement.BeforeMs, offset));
            }).Subscribe(_windows.Add);
            var (past, from) = rollups.Read();
            _next = (int)from;
            if (past is not null)
            {
                _messages.OnNext(past);
            }
        }

        public bool AtEnd => _next >= _topic.Count;

        public void Step(Random random)
        {
            var message = _topic[_next];
            _unsettled.Note(message, _next++);
            _messages.OnNext(message);
            if (message is LaneProgress && random.Next(8) == 0)
            {
                _ticks.OnNext(_settledMs + random.Next(40)); // not so far ahead that a pane leaves its windows before it settles
            }

            Deliver(random.Next(6));
        }

        public void Deliver(int count)
        {
            for (; count > 0 && _onTheirWay.TryDequeue(out var write); count--)
            {
                write();
            }
        }

        /// <summary>All windows some time before the end of the log, where none is empty.</summary>
        public IEnumerable<string> Windows()
        {
            _windows.Clear();
            var end = _topic.OfType<PaneRegister>().Max(register => register.PaneStartMs) / 40 * 40;
            _ticks.OnNext(end + 80);
            return _windows
                .Select(window => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{window.Series} {window.Window.Name} {window.ToMs}: {window.Events} {window.Mass[0]} {window.Mass[1]} "
                    + $"{window.LatestEventMs}; before {window.Trailing!.Events} {window.Trailing.Mass[0]} {window.Trailing.Squares[1]}"))
                .Order(StringComparer.Ordinal);
        }
    }
}
