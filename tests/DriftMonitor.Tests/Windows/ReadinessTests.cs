using System.Reactive.Subjects;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// No alarm from an incomplete window, and none that is complete by turns: lanes and windows in virtual time, with traffic of every rate,
/// publications that are late, and replicas that are killed and replaced. What a window must hold is counted from the logs.
/// </summary>
public sealed class ReadinessTests
{
    private const int StepMs = 100;
    private const int Partitions = 3;
    private const long Start = 1_000_000_000;
    private const long Minute = 60_000;
    private const long DelayMs = 3_000;
    private const long PaneMs = 10_000;

    private static readonly WindowPlan Plan = Given.Plan("60s/10s 120s/20s", lateness: 60_000, skew: 60_000, slack: 10_000);

    /// <summary>Events a second of each model, all of them in the first partition, the second, or every one.</summary>
    private static readonly (string Model, double Rate, int? Partition)[] Traffic =
        [("busy", 30, null), ("steady", 3, 0), ("slow", 0.5, 1), ("rare", 0.02, 2), ("spread thin", 0.3, null)];

    [Fact]
    public void Complete_StaysSo_InOrdinaryTraffic()
    {
        for (var seed = 0; seed < 4; seed++)
        {
            var run = new Run(seed);
            run.Until(Start + (15 * Minute));
            Assert.Empty(run.TooFew);
            Assert.Empty(run.BecameIncomplete);
            Assert.Equal(Traffic.Length * 2, run.CompleteNow);
        }
    }

    [Fact]
    public void Complete_AfterAKill_IsNeverSaidOfAWindowThatLacksEvents()
    {
        var incomplete = 0;
        for (var seed = 0; seed < 12; seed++)
        {
            var run = new Run(seed);
            for (var kills = 0; kills < 3; kills++)
            {
                run.Until(run.NowMs + (4 * Minute) + (StepMs * (long)run.Random.Next(100)));
                run.Kill(run.Random.Next(Partitions), backAfterMs: StepMs * (long)run.Random.Next(10, 450));
            }

            run.Until(run.NowMs + (5 * Minute));
            Assert.Empty(run.TooFew);
            Assert.Equal(Traffic.Length * 2, run.CompleteNow);
            incomplete += run.BecameIncomplete.Count;
        }

        Assert.InRange(incomplete, 1, int.MaxValue); // else the kills were none
    }

    private sealed class Run
    {
        private readonly WatchedModel[] _models = [.. Traffic.Select(traffic => Given.Model(traffic.Model))];
        private readonly ModelClasses _classes = Given.Classes(2);
        private readonly Partition[] _partitions;
        private readonly Subject<PaneMessage> _messages = new();
        private readonly Subject<long> _ticks = new();
        private readonly PriorityQueue<PaneMessage, (long AtMs, int Order)> _onTheirWay = new();
        private readonly long[] _lastDeliveryMs = new long[Partitions];
        private readonly Dictionary<(string, string), LiveWindow> _latest = [];
        private readonly Dictionary<SeriesKey, List<long>> _truth = [];
        private int _order;

        public Run(int seed)
        {
            Random = new Random(seed);
            _partitions = [.. Enumerable.Range(0, Partitions).Select(number => new Partition(number, this))];
            _messages.SlideWindows(_ticks, Plan, maxSeries: 100, [.. Enumerable.Range(0, Partitions)]).Windows().Subscribe(Look);
        }

        public Random Random { get; }

        public long NowMs { get; private set; } = Start;

        public List<string> TooFew { get; } = [];

        public List<string> BecameIncomplete { get; } = [];

        public int CompleteNow => _latest.Values.Count(window => window.Complete);

        public void Kill(int partition, long backAfterMs) => _partitions[partition].Kill(NowMs + backAfterMs);

        public void Until(long endMs)
        {
            for (; NowMs < endMs; NowMs += StepMs)
            {
                var produced = new List<(int Model, long AtMs)>();
                for (var i = 0; i < Traffic.Length; i++)
                {
                    for (var expected = Traffic[i].Rate * StepMs / 1_000; Random.NextDouble() < expected; expected--)
                    {
                        produced.Add((i, NowMs + Random.Next(StepMs)));
                    }
                }

                foreach (var (i, at) in produced.OrderBy(each => each.AtMs))
                {
                    _partitions[Traffic[i].Partition ?? Random.Next(Partitions)].Append(_models[i], _classes, at);
                    _truth.TryAdd(_models[i].All, []);
                    _truth[_models[i].All].Add(at);
                }

                foreach (var partition in _partitions)
                {
                    partition.Step(NowMs + StepMs);
                }

                while (_onTheirWay.TryPeek(out var message, out var due) && due.AtMs <= NowMs + StepMs)
                {
                    _messages.OnNext(_onTheirWay.Dequeue());
                }

                if ((NowMs + StepMs) % 1_000 == 0)
                {
                    _ticks.OnNext(Plan.PaneStart(NowMs + StepMs - DelayMs));
                }
            }
        }

        /// <summary>
        /// In the order of the panes topic for each partition; a publication travels for up to half of what is allowed for, and now and
        /// then for much longer.
        /// </summary>
        private void Publish(int partition, LanePublication publication)
        {
            var atMs = Math.Max(_lastDeliveryMs[partition], NowMs + (Random.Next(50) == 0 ? Random.Next(9_000) : Random.Next(1_000)));
            _lastDeliveryMs[partition] = atMs;
            foreach (var message in publication.Registers.Append<PaneMessage>(publication.Progress))
            {
                _onTheirWay.Enqueue(message, (atMs, _order++));
            }
        }

        private void Look(LiveWindow window)
        {
            var key = (window.Series.Model, window.Window.Name);
            var what = $"{window.Series.Model} {window.Window.Name} at {NowMs - Start} until {window.ToMs - Start}: {window.Events}";
            if (window.Complete
                && _truth[window.Series].Count(at => at >= window.FromMs && at < window.ToMs) is var truth
                && window.Events != truth)
            {
                TooFew.Add($"{what} of {truth}");
            }

            if (!window.Complete && _latest.TryGetValue(key, out var before) && before.Complete)
            {
                BecameIncomplete.Add(what);
            }

            _latest[key] = window;
        }

        /// <summary>A log and who reads it.</summary>
        private sealed class Partition(int number, Run run)
        {
            private readonly List<PredictionRecord> _log = [];
            private SourceLane? _lane = new(number, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited());
            private long _backMs;
            private long _committed;
            private int _next;
            private long? _seenUntilMs;
            private long? _publishedUntilMs;
            private long _lastBeat;
            private long _jitterMs;

            public void Append(WatchedModel model, ModelClasses classes, long atMs) =>
                _log.Add(Given.Prediction(model, classes, _log.Count, atMs));

            public void Kill(long backMs) => (_lane, _backMs) = (null, backMs);

            public void Step(long nowMs)
            {
                if (_lane is null)
                {
                    if (nowMs < _backMs)
                    {
                        return;
                    }

                    (_lane, _next, _seenUntilMs, _publishedUntilMs) = (
                        new SourceLane(number, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited()), (int)_committed, null, null);
                }

                for (var records = run.Random.Next(20, 60); records > 0 && _next < _log.Count; records--)
                {
                    _lane.Add(_log[_next++]); // a successor takes a while to have read what was left
                }

                _seenUntilMs = _next == _log.Count ? nowMs : _seenUntilMs;
                PublishWhenDue(nowMs);
            }

            private void PublishWhenDue(long nowMs)
            {
                var arrivedMs = nowMs - (DelayMs / 2) - _jitterMs;
                var (beat, paneEndMs) = (arrivedMs / PaneMs, Plan.PaneStart(arrivedMs));
                if (beat == _lastBeat && (_publishedUntilMs >= paneEndMs || !(_seenUntilMs >= paneEndMs)))
                {
                    return;
                }

                (_lastBeat, _jitterMs, _publishedUntilMs) = (beat, run.Random.Next(1_000), _seenUntilMs);
                var caughtUp = _next == _log.Count || nowMs - _log[Math.Max(0, _next - 1)].RecordTimeMs < 5_000;
                var publication = _lane!.Publish(new PublishTick(nowMs, caughtUp, _seenUntilMs ?? LaneProgress.Nothing));
                run.Publish(number, publication);
                _committed = publication.SafeOffset ?? _committed;
            }
        }
    }
}
