using System.Globalization;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Windows;

/// <summary>Stage 1 as random logs, lanes that die at any moment, and replicas that go on after they lost the partition.</summary>
internal static class CrashingLanes
{
    /// <summary>The offset to commit with a publication.</summary>
    public delegate long Safe(LanePublication publication, OpenPanes open);

    /// <summary>Up to which event time events may be missing when this record is the first that is left.</summary>
    public delegate long LostBefore(WindowPlan plan, PredictionRecord first);

    public static long BySafeOffset(LanePublication publication, OpenPanes open) => publication.SafeOffset ?? 0;

    /// <summary>Reads the log to its end, with as many lanes as it takes.</summary>
    /// <remarks>
    /// May a lane of which a part of a publication was lost publish again? A merge that keeps every register stands that; one that forgets
    /// closed panes does not, since such a lane says that panes are closed which it never published.
    /// With retention the log loses its beginning at random moments, and with it now and then records that nobody has read.
    /// </remarks>
    public static void Run(
        List<PredictionRecord> log,
        WindowPlan plan,
        Safe safe,
        Random random,
        bool crashes,
        bool zombiesOutliveFailedPublications,
        Action<PaneMessage> publish,
        int partition = 0,
        LostBefore? retention = null)
    {
        var committed = 0L;
        var low = 0;
        var lane = Begin();
        Reader? zombie = null;
        while (!lane.AtEnd)
        {
            if (retention is not null && random.Next(300) == 0)
            {
                low = Math.Max(low, Math.Min(log.Count - 1, lane.Next + random.Next(-60, 20)));
            }

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
                    lane = Begin();
                    continue;
                }

                messages.ForEach(publish);
                if (crashes && random.NextDouble() < 0.1)
                {
                    zombie = random.Next(2) == 0 ? lane : null; // died, or lost the partition, before committing
                    lane = Begin();
                    continue;
                }

                committed = Math.Max(committed, offset);
            }

            if (crashes && random.NextDouble() < 0.01)
            {
                zombie = random.Next(2) == 0 ? lane : null;
                lane = Begin();
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

        Reader Begin() => new(log, plan, committed, partition, () => low, retention);
    }

    private static List<PaneMessage> Messages(LanePublication publication) =>
        [.. publication.Registers, publication.Progress];

    /// <summary>
    /// 400 records of one partition; in every other log the clock makes jumps, which close panes that nothing has come for yet. Where there
    /// are duplicates all records have ids, and every fourth that of one of the thirty before it.
    /// </summary>
    public static List<PredictionRecord> RandomLog(int seed, bool duplicates = false)
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
            if (duplicates)
            {
                var of = random.Next(4) == 0 ? Math.Max(0, offset - random.Next(1, 31)) : offset;
                log[^1].Id = string.Create(CultureInfo.InvariantCulture, $"prediction {of}");
            }
        }

        return log;
    }

    /// <summary>A lane and its place in the log.</summary>
    private sealed class Reader(
        List<PredictionRecord> log, WindowPlan plan, long start, int partition, Func<int> low, LostBefore? lostBefore)
    {
        private readonly SourceLane _lane = new(partition, plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited());
        private int _next = (int)start;

        public OpenPanes Open { get; } = new(plan, start);

        public bool AtEnd => _next >= log.Count;

        public int Next => _next;

        public void Step()
        {
            if (_next < low())
            {
                _next = low();
                _lane.Lose(new RecordsLost(_next, lostBefore!(plan, log[_next])));
            }

            var record = log[_next++];
            var accepted = _lane.Add(record) == RejectionReason.None && !record.IsDuplicate;
            Open.Add(record, accepted, _lane.ClockMs);
        }

        public LanePublication Publish() => _lane.Publish(new PublishTick(0, CaughtUp: true));
    }

    /// <summary>What a naive lane would resume from: the first offset of any open pane, whatever had set the clock.</summary>
    public sealed class OpenPanes(WindowPlan plan, long start)
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
