using System.Reactive.Subjects;
using CsCheck;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Windows;

/// <summary>
/// The promise of exact, order-free sums: however events are spread over source partitions, published, repeated, interleaved and
/// evicted, each window is, to the bit, the sum of the accepted events in [from, to), and its trailing window that of as long before.
/// </summary>
public sealed class ExactnessTests
{
    private const int LongestSlideMs = 40;

    private static readonly WindowPlan Plan = Given.Plan("60ms/10ms 100ms/20ms 240ms/40ms", lateness: 15, skew: 9, slack: 5);

    private static readonly string?[] Segments = [null, null, "a", "b"];

    /// <summary>One event; times are steps from the event before, so that shrinking one leaves the rest a sensible stream.</summary>
    private sealed record Arrival(int Partition, int Model, int Segment, int StepMs, int DelayMs, double[] Weights);

    private static readonly Gen<Arrival> Arrivals = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 3], Gen.Int[-6, 12], Gen.Int[-10, 18], Gen.Double[0.01, 1].Array[5],
        (partition, model, segment, step, delay, weights) => new Arrival(partition, model, segment, step, delay, weights));

    [Fact]
    public void Windows_EqualTheSumOfTheirEvents() =>
        Gen.Select(Arrivals.List[1, 150], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, int.MaxValue]).Sample(
            (arrivals, partitions, classes, seed) => new Trial(arrivals, partitions, classes, new Random(seed)).Check(),
            iter: 1_500);

    private sealed class Trial
    {
        private readonly Random _random;
        private readonly ModelClasses _classes;
        private readonly List<PaneMessage>[] _published;
        private readonly List<(SeriesKey Series, long TimeMs, ulong[] Mass)> _accepted = [];
        private readonly long _endMs;

        public Trial(List<Arrival> arrivals, int partitions, int classes, Random random)
        {
            _random = random;
            _classes = Given.Classes(classes);
            _published = [.. Enumerable.Range(0, partitions).Select(_ => new List<PaneMessage>())];
            var models = new[] { Given.Model("one"), Given.Model("two") };
            var lanes = Enumerable.Range(0, partitions)
                .Select(p => new SourceLane(p, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited()))
                .ToArray();
            var time = 0;
            for (var offset = 0; offset < arrivals.Count; offset++)
            {
                var arrival = arrivals[offset];
                time += arrival.StepMs;
                var partition = arrival.Partition % partitions;
                Add(lanes[partition], arrival, models[arrival.Model], offset, time);
                if (random.Next(5) == 0)
                {
                    Publish(lanes[partition], partition, caughtUp: random.Next(3) > 0);
                }
            }

            for (var partition = 0; partition < partitions; partition++)
            {
                Publish(lanes[partition], partition, caughtUp: true);
            }

            _endMs = arrivals.Sum(arrival => arrival.StepMs) + random.Next(LongestSlideMs, 300);
        }

        public void Check()
        {
            using var messages = new Subject<PaneMessage>();
            using var ticks = new Subject<long>();
            var final = new List<LiveWindow>();
            using var subscription = messages.SlideWindows(
                ticks, Plan, maxSeries: 100, [.. Enumerable.Range(0, _published.Length)]).Windows().Subscribe(final.Add);
            foreach (var message in Interleaved())
            {
                messages.OnNext(message);
                if (_random.Next(4) == 0)
                {
                    // to any time, also back
                    ticks.OnNext(_random.NextInt64(Math.Min(-20, _endMs - LongestSlideMs), _endMs - LongestSlideMs + 1));
                }
            }

            foreach (var published in _published.Where(published => published.Count > 0))
            {
                // an idle lane goes on saying that it has caught up
                messages.OnNext(((LaneProgress)published[^1]) with { SeenUntilMs = _endMs });
            }

            final.Clear();
            ticks.OnNext(_endMs);
            foreach (var series in _accepted.Select(accepted => accepted.Series).Distinct())
            {
                foreach (var spec in Plan.Windows)
                {
                    var to = _endMs - Mod(_endMs, spec.SlideMs);
                    var (events, mass) = SumOf(series, to - spec.LengthMs, to);
                    var window = final.SingleOrDefault(w => w.Series == series && w.Window == spec);
                    if (window is null)
                    {
                        Assert.Equal(0, events); // retired by an earlier tick
                        continue;
                    }

                    Assert.Equal((to, events), (window.ToMs, window.Events));
                    Assert.Equal(mass, window.Mass);
                    var (eventsBefore, massBefore) = SumOf(series, to - (2 * spec.LengthMs), to - spec.LengthMs);
                    Assert.Equal(eventsBefore, window.Trailing!.Events);
                    Assert.Equal(massBefore, window.Trailing.Mass);
                }
            }
        }

        private void Add(SourceLane lane, Arrival arrival, WatchedModel model, int offset, int recordMs)
        {
            var weights = arrival.Weights.AsSpan(0, _classes.Space.ClassCount).ToArray();
            var sum = weights.Sum();
            double[] probabilities = [.. weights.Select(weight => weight / sum)];
            var record = Given.Prediction(
                model, _classes, offset, recordMs, recordMs - arrival.DelayMs, Segments[arrival.Segment], probabilities);
            if (lane.Add(record) != RejectionReason.None)
            {
                return;
            }

            ulong[] mass = [.. probabilities.Select(FixedPoint.FromProbability), 0];
            _accepted.Add((model.All, record.EventTimeMs, mass));
            if (record.Segment is { } segment)
            {
                _accepted.Add((segment.Series, record.EventTimeMs, mass));
            }
        }

        private void Publish(SourceLane lane, int partition, bool caughtUp)
        {
            var publication = lane.Publish(new PublishTick(0, caughtUp));
            _published[partition].AddRange(publication.Registers);
            if (publication.Progress is { } progress)
            {
                _published[partition].Add(progress);
            }
        }

        /// <summary>All messages, shuffled between partitions, in order within each, with repeats of anything that came before.</summary>
        private IEnumerable<PaneMessage> Interleaved()
        {
            var next = new int[_published.Length];
            while (true)
            {
                var waiting = Enumerable.Range(0, next.Length).Where(p => next[p] < _published[p].Count).ToArray();
                if (waiting.Length == 0)
                {
                    yield break;
                }

                var partition = waiting[_random.Next(waiting.Length)];
                yield return _published[partition][next[partition]++];
                if (_random.Next(3) == 0)
                {
                    yield return _published[partition][_random.Next(next[partition])];
                }
            }
        }

        private (long Events, UInt128[] Mass) SumOf(SeriesKey series, long from, long to)
        {
            var inside = _accepted.Where(e => e.Series == series && e.TimeMs >= from && e.TimeMs < to).ToArray();
            var mass = new UInt128[_classes.Space.CellCount];
            foreach (var accepted in inside)
            {
                for (var k = 0; k < mass.Length; k++)
                {
                    mass[k] += accepted.Mass[k];
                }
            }

            return (inside.Length, mass);
        }

        private static long Mod(long value, long modulus) => ((value % modulus) + modulus) % modulus;
    }
}
