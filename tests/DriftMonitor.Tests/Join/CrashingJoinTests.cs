using System.Globalization;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Join;

/// <summary>
/// A model of the join from two logs to windows: lanes that crash in the middle of publishing, zombies that go on, a disk that is lost,
/// logs that are made anew. In the end windows show what one lane shows that was never interrupted; with a planted fault they do not.
/// </summary>
public sealed class CrashingJoinTests
{
    private const int EndMs = 400;

    private static readonly FeedbackPlan Plan = new(
        Given.Plan("60ms/20ms 200ms/40ms", lateness: 10_000, skew: 10_000), TimeSpan.FromMilliseconds(100));

    private static readonly ModelClasses Classes = Given.Classes(3);
    private static readonly WatchedModel Model = Given.Model();

    private enum Fault
    {
        None,

        /// <summary>Of each pane the value counts of whoever has read most, instead of one run's values alone.</summary>
        VersionAPane,

        /// <summary>A store that is begun anew for new logs counts from nothing.</summary>
        ForgetsWhatWasRead,

        /// <summary>A run speaks before it has read both logs to their ends and said everything.</summary>
        SpeaksTooEarly,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // whatever happened before, once all others have been silent for long enough
    public void WindowsAreThoseOfALaneThatWasNeverInterrupted(bool waits) =>
        Assert.All(Enumerable.Range(0, Trials.Of(everyRun: 300, full: 10_000)), seed => Assert.True(IsRight(seed, Fault.None, waits)));

    [Theory]
    [InlineData(nameof(Fault.VersionAPane))]
    [InlineData(nameof(Fault.ForgetsWhatWasRead))]
    [InlineData(nameof(Fault.SpeaksTooEarly))]
    public void APlantedFault_IsFound(string fault) =>
        Assert.Contains(Enumerable.Range(0, 300), seed => !IsRight(seed, Enum.Parse<Fault>(fault)));

    /// <param name="seed">Of the random moves.</param>
    /// <param name="fault">What is planted.</param>
    /// <param name="waits">
    /// Whether the last lane speaks so late that all others are taken for dead. If not, a disk is not lost after logs were made anew, nor
    /// logs made anew before a lane has read as much as any: a run that has read more would count until then.
    /// </param>
    private static bool IsRight(int seed, Fault fault, bool waits = false)
    {
        var random = new Random(seed);
        var logs = new Logs(random);
        var topic = new List<PaneMessage>();
        var living = new Lane(logs, FeedbackPosition.Start, runId: 1);
        var disk = FeedbackPosition.Start;
        Lane? zombie = null;
        var isAnew = false;
        for (ulong runId = 2; runId < 14; runId++)
        {
            for (var steps = random.Next(1, 5); steps > 0; steps--)
            {
                living.Read(random);
                disk = living.Position; // committed before it is published
                living.Publish(topic, fault, random.Next(10) == 0 ? random.Next(5) : int.MaxValue);
            }

            if (random.Next(3) == 0)
            {
                zombie?.Read(random);
                zombie?.Publish(topic, fault, int.MaxValue);
            }

            switch (random.Next(5))
            {
                case 0: // it has lost the partition, and does not know yet
                    zombie = living;
                    living = new Lane(logs, disk, runId);
                    break;
                case 1: // killed
                    living = new Lane(logs, disk, runId);
                    break;
                case 2 when waits || !isAnew: // with its disk
                    disk = FeedbackPosition.Start;
                    living = new Lane(logs, disk, runId);
                    break;
                case 3 when random.Next(3) == 0 && (waits || living.Position.Progress >= MostOf(topic)):
                    isAnew = true;
                    logs = new Logs(random);
                    disk = fault == Fault.ForgetsWhatWasRead ? FeedbackPosition.Start : living.Position.Anew();
                    living = new Lane(logs, disk, runId);
                    zombie = null; // the logs that it reads are no more
                    break;
                default: // more comes
                    logs.Grow(random);
                    break;
            }
        }

        living.ReadAll();
        living.Publish(topic, Fault.None, int.MaxValue, waits ? WindowPlan.IdlePatienceMs + 1 : 0);
        var alone = new Lane(logs, FeedbackPosition.Start, runId: 99);
        alone.ReadAll();
        var said = new List<PaneMessage>();
        alone.Publish(said, Fault.None, int.MaxValue);
        return WindowsOf(fault == Fault.VersionAPane ? OfWhoHasReadMost(topic) : topic) == WindowsOf(said);
    }

    private static long MostOf(List<PaneMessage> topic) => topic.OfType<FeedbackProgress>().Select(said => said.Records).Append(0).Max();

    /// <summary>The mutant's merging: each pane's value by itself, as one run's.</summary>
    private static List<PaneMessage> OfWhoHasReadMost(List<PaneMessage> topic)
    {
        var best = new Dictionary<FeedbackPaneKey, (long Records, FeedbackRegister Register)>();
        var pending = new Dictionary<ulong, List<FeedbackRegister>>();
        foreach (var message in topic)
        {
            if (message is FeedbackRegister register)
            {
                (pending.TryGetValue(register.RunId, out var said) ? said : pending[register.RunId] = []).Add(register);
            }
            else if (message is FeedbackProgress progress && pending.Remove(progress.RunId, out var covered))
            {
                foreach (var each in covered.Where(each => progress.Records >= best.GetValueOrDefault(each.Key).Records))
                {
                    best[each.Key] = (progress.Records, each with { RunId = 1 });
                }
            }
        }

        return [.. best.Values.Select(value => value.Register), new FeedbackProgress(0, 1, 1, 0)];
    }

    private static string WindowsOf(List<PaneMessage> topic)
    {
        var (messages, ticks) = (new Subject<PaneMessage>(), new Subject<long>());
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var query = messages.SlideWindows(ticks, Plan.Windows, 100, labels: Plan).OfType<FeedbackWindow>().Subscribe(
            window => last[$"{window.Series} {window.Window.Name} {window.Attribution}"] = string.Create(
                CultureInfo.InvariantCulture,
                $"{window.Measures.Events} {window.Measures.CrossEntropyNats} {window.Measures.CoverageRatio}"));
        topic.ForEach(messages.OnNext);
        ticks.OnNext(EndMs);
        return string.Join('\n', last.Where(window => window.Value != "0  ").Select(window => $"{window.Key}: {window.Value}"));
    }

    /// <summary>A log of predictions and one of labels. Few ids, so that there are repeats and corrections.</summary>
    private sealed class Logs
    {
        public Logs(Random random) => Grow(random);

        public List<(int Id, int TimeMs)> Predictions { get; } = [];

        public List<(int Id, int TimeMs, int Class)> Labels { get; } = [];

        public void Grow(Random random)
        {
            Predictions.AddRange(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (random.Next(12), EndMs - 200 + random.Next(200))));
            Labels.AddRange(
                Enumerable.Range(0, random.Next(1, 12)).Select(_ => (random.Next(12), EndMs - 200 + random.Next(200), random.Next(3))));
        }
    }

    /// <summary>One run: its store is what both logs say up to where the disk has read them.</summary>
    private sealed class Lane
    {
        private readonly Logs _logs;
        private readonly ulong _runId;
        private readonly FeedbackJoin _join;
        private readonly long _readBefore;
        private int _predictions;
        private int _labels;
        private bool _touched;

        public Lane(Logs logs, FeedbackPosition disk, ulong runId)
        {
            (_logs, _runId, _readBefore) = (logs, runId, disk.ReadBefore);
            _join = new FeedbackJoin(Plan, new MemoryFeedbackStore(1_000));
            ReadTo((int)Math.Max(0, disk.PredictionsNext), (int)Math.Max(0, disk.FeedbackNext));
            _join.Commit();
            _ = _join.TakeChanged().Count();
        }

        public FeedbackPosition Position => _join.Position with { ReadBefore = _readBefore };

        private bool IsAtEnds => _predictions == _logs.Predictions.Count && _labels == _logs.Labels.Count;

        public void Read(Random random) => ReadTo(
            Math.Min(_logs.Predictions.Count, _predictions + random.Next(12)), Math.Min(_logs.Labels.Count, _labels + random.Next(12)));

        public void ReadAll() => ReadTo(_logs.Predictions.Count, _logs.Labels.Count);

        /// <summary>Says so many messages at most: it is killed in the middle.</summary>
        public void Publish(List<PaneMessage> topic, Fault fault, int most, long asOfMs = 0)
        {
            _join.Commit();
            if (!_touched && !IsAtEnds && fault != Fault.SpeaksTooEarly)
            {
                return;
            }

            if (!_touched && fault != Fault.SpeaksTooEarly)
            {
                _join.TouchAll();
            }

            _touched = true;
            var said = _join.TakeChanged()
                .Select(pane => (PaneMessage)new FeedbackRegister(0, _runId, pane.Key, pane.Sums.Copy()))
                .Append(new FeedbackProgress(0, _runId, Position.Progress, asOfMs))
                .ToList();
            topic.AddRange(said.Take(most));
            _touched &= most >= said.Count;
        }

        private void ReadTo(int predictions, int labels)
        {
            for (; _predictions < predictions; _predictions++)
            {
                var (id, timeMs) = _logs.Predictions[_predictions];
                var record = Given.Prediction(Model, Classes, _predictions, timeMs, null, null, .6, .3, .1);
                record.Id = id.ToString(CultureInfo.InvariantCulture);
                _join.Add(record);
            }

            for (; _labels < labels; _labels++)
            {
                var (id, timeMs, @class) = _logs.Labels[_labels];
                _join.Add(
                    new FeedbackRecord(
                        RejectionReason.None, "m", id.ToString(CultureInfo.InvariantCulture), new FeedbackLabel(0, 0, null, @class),
                        null,
                        null).At(_labels, timeMs),
                    timeMs);
            }
        }
    }
}
