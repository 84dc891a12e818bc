using CsCheck;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Join;

/// <summary>
/// The sums follow from both logs alone: whichever is read first, and however often a record is read, each pane is to the bit the sum over
/// what a plain search through both logs finds.
/// </summary>
public sealed class FeedbackJoinTests
{
    private const int HorizonMs = 100;

    private static readonly FeedbackPlan Plan = new(
        Given.Plan("60ms/20ms 120ms/40ms", lateness: 1_000, skew: 1_000), TimeSpan.FromMilliseconds(HorizonMs));
    private static readonly ModelClasses Classes = Given.Classes(3);

    /// <summary>A record of either log. Few ids and times, so that there are repeats, corrections and labels out of reach.</summary>
    private sealed record Event(bool IsLabel, int Id, int TimeMs, int Class, bool Segment);

    private static readonly Gen<Event> Events = Gen.Select(
        Gen.Bool, Gen.Int[0, 5], Gen.Int[0, 300], Gen.Int[0, 3], Gen.Bool,
        (isLabel, id, time, @class, segment) => new Event(isLabel, id, time, @class, segment));

    [Fact]
    public void Sums_AreThoseOfAPlainSearch_InAnyInterleaving() =>
        Gen.Select(Events.List[1, 80], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample(
            (events, one, other) =>
            {
                var truth = Truth(events);
                Assert.Equal(truth, Joined(events, new Random(one)));
                Assert.Equal(truth, Joined(events, new Random(other)));
            },
            iter: 3_000);

    [Fact]
    public void Correction_IsTakenBackExactly()
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var counted = new List<UnmatchedReason>();
        var join = new FeedbackJoin(Plan, store, (_, reason, _) => counted.Add(reason));
        join.Add(Prediction(0, new Event(false, 1, 10, 0, false)));
        join.Add(Label(0, new Event(true, 1, 30, 2, false)), 30);
        join.Add(Label(1, new Event(true, 1, 70, 0, false)), 70);
        join.Commit();

        var wrong = store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.LabelTime, 20, 20));
        var right = store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.LabelTime, 20, 60));
        Assert.Equal(Text(new FeedbackSums()), Text(wrong));
        Assert.Equal((1, 1), (right.Events, right.Correct));
        Assert.Equal([UnmatchedReason.Corrected], counted);
    }

    [Fact]
    public void A_label_counts_in_all_traffic_its_prediction_s_segment_and_its_version()
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var join = new FeedbackJoin(Plan, store);
        var record = Given.Prediction(Given.Model(), Classes, 0, 10, 10, "DE", "7", 1, 0, 0);
        record.Id = "1";
        join.Add(record);
        join.Add(Label(0, new Event(true, 1, 30, 0, false)), 30);
        join.Commit();
        foreach (var segment in (string[])["_all", "DE", "version=7"])
        {
            var pane = store.Pane(new FeedbackPaneKey(new SeriesKey("m", segment), Attribution.PredictionTime, 20, 0));
            Assert.Equal((1, 1, 1), (pane.Predictions, pane.Events, pane.Correct));
        }

        Assert.Equal(12, store.Panes().Count()); // of three series, two lengths and two attributions
    }

    [Fact]
    public void Unmatched_AreCountedByReason()
    {
        var counted = new SortedDictionary<UnmatchedReason, long>();
        var matched = new List<long>();
        var join = new FeedbackJoin(
            Plan, new MemoryFeedbackStore(10), (_, reason, count) => counted[reason] = counted.GetValueOrDefault(reason) + count,
            matched.Add);
        join.Add(Prediction(0, new Event(false, 1, 10, 0, false)));
        join.Add(Label(0, new Event(true, 1, 30, 2, false)), 30);
        join.Add(Label(1, new Event(true, 1, 30, 2, false)), 30); // says the same again
        join.Add(Label(2, new Event(true, 1, 111, 2, false)), 111); // 101 ms after the prediction
        join.Add(Label(3, new Event(true, 2, 40, 2, false)), 40); // its prediction never comes
        join.Add(Label(4, new Event(true, 3, 40, 2, false)), 5_000); // late
        join.Add(FeedbackRecord.Rejected(RejectionReason.Malformed).At(5, 50), 50);
        join.ForgetBefore(10_000);
        Assert.Empty(counted); // what is not committed is read again, and would count again
        join.Commit();

        Assert.Equal([20], matched);
        Assert.Equal([2, 1, 0, 1, 1, 0, 0, 0], Enum.GetValues<UnmatchedReason>().Select(reason => counted.GetValueOrDefault(reason)));
        Assert.Equal(6, join.Position.FeedbackNext);
    }

    /// <summary>
    /// A label that says what its prediction knows nothing of costs nothing, whichever comes first, and is no correction.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LabelOfAnUnknownClass_CostsNothing_AndIsCountedWithItsModel(bool labelFirst)
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var (counted, matched) = (new List<(string?, UnmatchedReason, long)>(), 0);
        var join = new FeedbackJoin(Plan, store, (model, reason, count) => counted.Add((model, reason, count)), _ => matched++);
        Action[] steps =
        [
            () => join.Add(Prediction(0, new Event(false, 1, 10, 0, false))),
            () => join.Add(Label(0, new Event(true, 1, 30, 3, false)), 30),
        ];
        Array.ForEach(labelFirst ? [.. steps.Reverse()] : steps, step => step());
        join.Commit();
        var pane = store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.PredictionTime, 20, 0));
        Assert.Equal((1, 0, 0, Int128.Zero), (pane.Predictions, pane.Events, pane.CappedEvents, pane.Loss));
        Assert.Equal([("m", UnmatchedReason.UnknownClass, 1)], counted);

        join.Add(Label(1, new Event(true, 1, 40, 0, false)), 40); // the first that says something: it corrects nothing
        join.Commit();
        Assert.Equal((1, 1, 1, 1), (pane.Events, pane.Correct, matched, counted.Count));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("1.0", true)]
    [InlineData("True", true)]
    [InlineData("3", false)]
    [InlineData("1.5", false)]
    [InlineData("__other__", false)]
    public void LabelIsInASpace_WhereThatHasItsClass(string name, bool isIn)
    {
        var space = ClassSpace.Indexed(3);
        UnmatchedReason? expected = isIn ? null : UnmatchedReason.UnknownClass;
        Assert.Equal(expected, new FeedbackLabel(0, 0, name, null).ObjectionTo(space));
        Assert.Equal(expected, new FeedbackLabel(0, 0, null, null, new LabelTruths(["0", name], [0.5, 0.5], 1)).ObjectionTo(space));
        Assert.Null(new FeedbackLabel(0, 0, null, null, new LabelTruths(["0", name], [1, 0], 1)).ObjectionTo(space));
    }

    /// <summary>Scores have no cross-entropy: their labels say so, and are not looked for in vain.</summary>
    [Fact]
    public void LabelOfAScore_HasNoProbabilityToCost()
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var counted = new List<(string?, UnmatchedReason, long)>();
        var join = new FeedbackJoin(Plan, store, (model, reason, count) => counted.Add((model, reason, count)));
        var bins = ScoreBins.OfQuantiles([1, 2, 3, 4], 2)!;
        var score = Given.Prediction(Given.Model(), new ModelClasses(bins.Space, 1, bins), 0, 10, null, null, 1);
        score.Id = "1";
        join.Add(score);
        join.Add(Label(0, new Event(true, 1, 30, 1, false)), 30);
        join.ForgetBefore(10_000);
        join.Commit();
        Assert.Equal([("m", UnmatchedReason.NoProbabilities, 1)], counted);
        Assert.DoesNotContain(store.Panes(), key => !store.Pane(key).IsEmpty);
    }

    /// <summary>A label may have its prediction's time: it came 4 s later, and its horizon is 5 s.</summary>
    [Theory]
    [InlineData(4_000, RejectionReason.None)]
    [InlineData(6_000, RejectionReason.None)]
    [InlineData(6_001, RejectionReason.Late)]
    public void LabelWithItsPredictionsTime_IsNotLateWithinTheHorizon(int laterMs, RejectionReason expected)
    {
        var matched = 0;
        var plan = new FeedbackPlan(Plan.Windows, TimeSpan.FromSeconds(5));
        var join = new FeedbackJoin(plan, new MemoryFeedbackStore(HorizonMs), onMatched: _ => matched++);
        join.Add(Prediction(0, new Event(false, 1, 10, 0, false)));
        Assert.Equal(expected, join.Add(Label(0, new Event(true, 1, 10, 0, false)), 10 + laterMs));
        join.Commit();
        Assert.Equal(expected == RejectionReason.None ? 1 : 0, matched);
    }

    [Fact]
    public void ReadAgain_CountsInPanesAndAsRebuilt_NeitherMatchedNorUnmatchedOnceMore()
    {
        var store = new MemoryFeedbackStore(10);
        var (counted, matched, rebuilt) = (new List<UnmatchedReason>(), new List<long>(), 0L);
        var join = new FeedbackJoin(
            Plan, store, (_, reason, _) => counted.Add(reason), matched.Add, records => rebuilt += records)
        { CountedBefore = 6 };
        join.Add(Label(0, new Event(true, 1, 30, 2, false)), 30); // before its prediction
        join.Add(Prediction(0, new Event(false, 1, 10, 0, false)));
        join.Add(Label(1, new Event(true, 1, 30, 2, false)), 30); // duplicate
        join.Add(Label(2, new Event(true, 1, 40, 0, false)), 40); // corrected
        join.Add(Label(3, new Event(true, 1, 111, 2, false)), 111); // outside the horizon
        join.Add(Label(4, new Event(true, 2, 40, 2, false)), 40); // its prediction is not read again
        join.Add(FeedbackRecord.Rejected(RejectionReason.Malformed).At(5, 50), 50);
        join.Commit();
        Assert.Equal(6, rebuilt);

        join.Add(Prediction(1, new Event(false, 3, 50, 0, false)));
        join.Add(Label(6, new Event(true, 3, 60, 2, false)), 60);
        join.Add(Label(7, new Event(true, 4, 60, 2, false)), 60); // never matched, and counted for the first time
        join.ForgetBefore(10_000);
        join.Commit();

        Assert.Equal(6, rebuilt);
        Assert.Equal([10], matched);
        Assert.Equal([UnmatchedReason.NeverMatched], counted);
    }

    /// <summary>Horizon 100 ms, skew 1,000 ms: the prediction of a label at 2,000 ms has a record timestamp of 900 ms or more.</summary>
    [Theory]
    [InlineData(900, 1, 0)]
    [InlineData(901, 0, 1)]
    public void Label_WhosePredictionMayLieBeforeThoseThatAreRead_IsNotUnmatched(long predictionsFromMs, int neverMatched, int rebuilt)
    {
        var counted = new int[2];
        var join = new FeedbackJoin(
            Plan, new MemoryFeedbackStore(10), (_, _, count) => counted[0] += (int)count, null, count => counted[1] += (int)count);
        join.BeginAt(join.Position with { PredictionsFromMs = predictionsFromMs });
        join.Add(Label(0, new Event(true, 1, 2_000, 2, false)), 2_000);
        join.ForgetBefore(10_000);
        join.Commit();
        Assert.Equal([neverMatched, rebuilt], counted);
    }

    [Fact]
    public void Forgotten_IsOnlyWhatNothingCanMatchAnyMore()
    {
        // The horizon, the allowed lateness and the allowed skew after the prediction, a label may still come.
        var store = new MemoryFeedbackStore(10);
        var join = new FeedbackJoin(Plan, store);
        join.Add(Prediction(0, new Event(false, 1, 10, 0, false)));
        join.ForgetBefore(2_119);
        Assert.NotNull(store.Find(new JoinKey("m", "1")).Prediction);
        join.ForgetBefore(2_120);
        Assert.Null(store.Find(new JoinKey("m", "1")).Prediction);
    }

    /// <summary>
    /// Offsets that begin anew are not such as were read before, and the successor of a lane must not seem to have read less.
    /// </summary>
    [Fact]
    public void SumsThatAreBegunAnew_CountAsMoreThanThoseBefore_AndWhatWasLostStaysLost()
    {
        var former = new FeedbackJoin(Plan, new MemoryFeedbackStore(HorizonMs));
        former.Add(Prediction(50, new Event(false, 1, 10, 0, false)));
        former.Add(Label(70, new Event(true, 1, 20, 0, false)), 20);
        former.LosePredictions(new RecordsLost(NextOffset: 60, BeforeMs: 30));
        former.LoseLabels(new RecordsLost(NextOffset: 80, BeforeMs: 40));

        var store = new MemoryFeedbackStore(HorizonMs);
        var join = new FeedbackJoin(Plan, store);
        join.BeginAt(former.Position.Anew());
        Assert.Equal(former.Position.Progress, join.Position.Progress);
        join.Add(Prediction(0, new Event(false, 2, 50, 0, false)));
        join.Add(Label(5, new Event(true, 2, 60, 0, false)), 60);
        join.Commit();

        Assert.Equal(former.Position.Progress + 1 + 6, join.Position.Progress);
        Assert.Equal((30, 40), (store.Position.PredictionsLostBeforeMs, store.Position.LabelsLostBeforeMs));
        Assert.Equal(1, store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.LabelTime, 20, 60)).Events);
    }

    /// <summary>Rows of one record have one offset: they are all joined, and when the record comes again none of them is.</summary>
    [Fact]
    public void Rows_of_a_record_are_joined_once_each()
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var join = new FeedbackJoin(Plan, store);
        for (var times = 0; times < 2; times++)
        {
            for (var row = 0; row < 3; row++)
            {
                var prediction = Prediction(7, new Event(false, row, 50, 0, false));
                prediction.Row = row;
                join.Add(prediction);
                join.Add(Label(9, new Event(true, row, 60, 0, false)) with { Row = row }, 60);
            }
        }

        var ignored = Prediction(8, new Event(false, 0, 50, 0, false));
        ignored.Ignore();
        join.Add(ignored);
        Assert.Equal(RejectionReason.None, join.Add(FeedbackRecord.Ignored.At(10, 70), 70));
        join.Commit();
        Assert.Equal((9, 11), (join.Position.PredictionsNext, join.Position.FeedbackNext));
        var pane = store.Pane(new FeedbackPaneKey(new SeriesKey("m", "_all"), Attribution.LabelTime, 20, 60));
        Assert.Equal(3, pane.Events);
    }

    private static SortedDictionary<string, string> Joined(List<Event> events, Random random)
    {
        var store = new MemoryFeedbackStore(HorizonMs);
        var join = new FeedbackJoin(Plan, store);
        var logs = new[] { events.Where(e => !e.IsLabel).ToList(), [.. events.Where(e => e.IsLabel)] };
        var next = new int[2];
        while (next[0] < logs[0].Count || next[1] < logs[1].Count)
        {
            var log = next[0] == logs[0].Count ? 1 : next[1] == logs[1].Count ? 0 : random.Next(2);
            var offset = next[log]++;
            Add(log, offset);
            if (random.Next(4) == 0)
            {
                Add(log, random.Next(offset + 1)); // read again
            }

            if (random.Next(4) == 0)
            {
                join.Commit();
            }
        }

        join.Commit();
        return Panes(store.Panes().ToDictionary(key => key, store.Pane));

        void Add(int log, int offset)
        {
            if (log == 0)
            {
                join.Add(Prediction(offset, logs[0][offset]));
            }
            else
            {
                join.Add(Label(offset, logs[1][offset]), logs[1][offset].TimeMs);
            }
        }
    }

    private static SortedDictionary<string, string> Truth(List<Event> events)
    {
        var panes = new Dictionary<FeedbackPaneKey, FeedbackSums>();
        foreach (var id in events.Select(e => e.Id).Distinct())
        {
            if (events.Find(e => !e.IsLabel && e.Id == id) is not { } prediction)
            {
                continue;
            }

            var label = events.FindLast(
                e => e.IsLabel && e.Id == id && e.Class < 3 && Math.Abs(e.TimeMs - prediction.TimeMs) <= HorizonMs);
            foreach (var segment in prediction.Segment ? new[] { "_all", "s" } : ["_all"])
            {
                foreach (var length in new[] { 20, 40 })
                {
                    Pane(segment, Attribution.PredictionTime, length, prediction.TimeMs).Predictions++;
                    if (label is not null)
                    {
                        var outcome = FeedbackOutcome.Create(
                            [.6, .3, .1, 0], [.. Enumerable.Range(0, 4).Select(k => k == label.Class ? 1.0 : 0)], soft: false);
                        Pane(segment, Attribution.PredictionTime, length, prediction.TimeMs).Change(outcome, subtract: false);
                        Pane(
                            segment, Attribution.LabelTime, length,
                            Math.Max(label.TimeMs, prediction.TimeMs)).Change(outcome, subtract: false);
                    }
                }
            }
        }

        return Panes(panes);

        FeedbackSums Pane(string segment, Attribution attribution, int length, int time)
        {
            var key = new FeedbackPaneKey(new SeriesKey("m", segment), attribution, length, time / length * length);
            return panes.TryGetValue(key, out var sums) ? sums : panes[key] = new FeedbackSums();
        }
    }

    /// <summary>What is not empty, to the bit.</summary>
    private static SortedDictionary<string, string> Panes(Dictionary<FeedbackPaneKey, FeedbackSums> panes) => new(
        panes.Where(pane => Text(pane.Value) != Text(new FeedbackSums())).ToDictionary(
            pane => pane.Key.ToString(), pane => Text(pane.Value)), StringComparer.Ordinal);

    private static string Text(FeedbackSums sums) => string.Join(
        ' ', [
            sums.Predictions, sums.Events, sums.SoftEvents, sums.CappedEvents, sums.Correct, sums.Loss, sums.Expected, sums.Kl, sums.Brier,
            .. sums.BinEvents, .. sums.BinConfidence, .. sums.BinCorrect]);

    private static PredictionRecord Prediction(int offset, Event e)
    {
        var record = Given.Prediction(Model, Classes, offset, e.TimeMs, null, e.Segment ? "s" : null, .6, .3, .1);
        record.Id = e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return record;
    }

    private static readonly WatchedModel Model = Given.Model();

    private static FeedbackRecord Label(int offset, Event e) => new FeedbackRecord(
        RejectionReason.None, "m", e.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        new FeedbackLabel(0, 0, null, e.Class), null, null).At(offset, e.TimeMs);
}
