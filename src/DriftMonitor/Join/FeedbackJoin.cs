using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Join;

/// <summary>Joins one partition's labels to its predictions, and sums how they came out.</summary>
/// <remarks>
/// The sums are a function of both logs alone: of predictions with one (model, id) the smallest offset holds, of labels within the
/// horizon the largest, and when that changes, what was added before is taken back exactly. Which log is read first does not matter, as
/// long as nothing is forgotten that could still match (<see cref="ForgetBefore"/>). The callbacks are called when the work that they tell of has
/// been committed, so what is read again after a failure counts once. Used by one thread.
/// </remarks>
/// <param name="plan">The horizon and the panes.</param>
/// <param name="store">Where predictions and labels wait, and the sums are.</param>
/// <param name="onUnmatched">Called with each label that does not hold, and how many of them.</param>
/// <param name="onMatched">Called with the delay of each label that has found its prediction, milliseconds; negative when it was first.</param>
/// <param name="onRebuilt">Called with how many records were read to rebuild the store: of those nothing else is told.</param>
public sealed class FeedbackJoin(
    FeedbackPlan plan,
    IFeedbackStore store,
    Action<UnmatchedReason, long>? onUnmatched = null,
    Action<long>? onMatched = null,
    Action<long>? onRebuilt = null)
{
    private readonly SortedDictionary<UnmatchedReason, long> _unmatched = [];
    private readonly List<long> _delays = [];
    private long _rebuilt;
    private readonly HashSet<FeedbackPaneKey> _changed = [];
    private readonly Dictionary<(SeriesKey Series, long PaneMs), long> _predictions = [];
    private FeedbackPosition _position = store.Position;

    /// <summary>How far both logs have been read.</summary>
    public FeedbackPosition Position => _position;

    /// <summary>The feedback offset before which records were counted earlier, by this or another replica.</summary>
    public long CountedBefore { get; set; }

    /// <summary>How much was put since the last <see cref="Commit"/>.</summary>
    public int Uncommitted { get; private set; }

    /// <summary>Says that predictions of earlier records are not read: a label of one of those is not unmatched.</summary>
    public void BeginPredictions(long fromMs) => _position = _position with { PredictionsFromMs = fromMs };

    /// <summary>Takes note of a prediction; without an id, rejected, or with an output that takes no labels, it only moves the position.</summary>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Offset < _position.PredictionsNext)
        {
            return; // read before
        }

        _position = _position with { PredictionsNext = record.Offset + 1 };
        if (record.Rejection != RejectionReason.None || Misdated(record.EventTimeMs, record.RecordTimeMs) != RejectionReason.None)
        {
            return;
        }

        _position = _position with { PredictionsClockMs = Math.Max(_position.PredictionsClockMs, record.RecordTimeMs) };
        if (record.Id.IsEmpty || !record.TakesLabels)
        {
            return;
        }

        var prediction = new JoinedPrediction(
            record.Offset, record.EventTimeMs, record.Segment?.Segment, record.Classes.Space, record.Probabilities.ToArray());
        Add(new JoinKey(record.Model.Name, record.Id.ToString()), store.AsKept(prediction));
    }

    /// <summary>Takes note of a feedback record, as it stands in its partition.</summary>
    /// <param name="record">The record.</param>
    /// <param name="recordTimeMs">Its own timestamp.</param>
    /// <returns>Why it is not taken, <see cref="RejectionReason.None"/> when it is.</returns>
    public RejectionReason Add(FeedbackRecord record, long recordTimeMs)
    {
        ArgumentNullException.ThrowIfNull(record);
        var label = record.Label;
        if (record.Rejection == RejectionReason.None && label.Offset < _position.FeedbackNext)
        {
            return RejectionReason.None;
        }

        var problem = record.Rejection != RejectionReason.None ? record.Rejection : Misdated(label.TimeMs, recordTimeMs);
        _position = _position with { FeedbackNext = Math.Max(_position.FeedbackNext, label.Offset + 1) };
        var rebuilt = IsRebuilt(label);
        _rebuilt += rebuilt ? 1 : 0;
        if (problem != RejectionReason.None)
        {
            CountUnmatched(UnmatchedReason.Invalid, rebuilt);
            return problem;
        }

        _position = _position with { FeedbackClockMs = Math.Max(_position.FeedbackClockMs, recordTimeMs) };
        if (record.Prediction is { } own)
        {
            Uncommitted++;
            Sum(record.Model, own, label, 1);
            CountPrediction(record.Model, own);
            CountMatched(0, rebuilt);
        }
        else
        {
            Add(new JoinKey(record.Model, record.Id!), rebuilt ? label with { Rebuilt = true } : label);
        }

        return RejectionReason.None;
    }

    /// <summary>Takes note that predictions cannot be read any more. To be called before the first one that can.</summary>
    public void LosePredictions(RecordsLost lost) => _position = _position with
    {
        PredictionsNext = lost.NextOffset,
        PredictionsLostBeforeMs = Math.Max(_position.PredictionsLostBeforeMs, lost.BeforeMs),
        ReadOfFormerLogs = _position.ReadOfFormerLogs + Math.Max(0, _position.PredictionsNext - lost.NextOffset),
    };

    /// <summary>Likewise labels.</summary>
    public void LoseLabels(RecordsLost lost)
    {
        CountedBefore = lost.NextOffset < _position.FeedbackNext ? 0 : CountedBefore; // of a log made anew nothing was
        _position = _position with
        {
            FeedbackNext = lost.NextOffset,
            LabelsLostBeforeMs = Math.Max(_position.LabelsLostBeforeMs, lost.BeforeMs),
            ReadOfFormerLogs = _position.ReadOfFormerLogs + Math.Max(0, _position.FeedbackNext - lost.NextOffset),
        };
    }

    /// <summary>A record that could not be read at all.</summary>
    public void Skip(long feedbackOffset) =>
        _position = _position with { FeedbackNext = Math.Max(_position.FeedbackNext, feedbackOffset + 1) };

    /// <summary>Drops what nothing can match any more, once both logs have been read up to a time, and panes that no window reaches.</summary>
    public void ForgetBefore(long clockMs)
    {
        if (store.Forget(plan.ForgottenBefore(clockMs)) is > 0 and var waiting)
        {
            _unmatched[UnmatchedReason.NeverMatched] = _unmatched.GetValueOrDefault(UnmatchedReason.NeverMatched) + waiting;
        }

        foreach (var (pane, reach) in plan.Levels)
        {
            store.ForgetPanes(pane, clockMs - reach - plan.Windows.AllowedLatenessMs);
        }
    }

    /// <summary>Makes the work so far durable.</summary>
    public void Commit()
    {
        foreach (var ((series, paneMs), count) in _predictions)
        {
            foreach (var (length, _) in plan.Levels)
            {
                Pane(series, Attribution.PredictionTime, length, paneMs).Predictions += count;
            }
        }

        _predictions.Clear();
        store.Commit(_position);
        Uncommitted = 0;
        Tell();
    }

    /// <summary>The panes that have changed since the last call, with their whole values. To be called after <see cref="Commit"/>.</summary>
    public IEnumerable<(FeedbackPaneKey Key, FeedbackSums Sums)> TakeChanged()
    {
        foreach (var key in _changed)
        {
            yield return (key, store.Pane(key));
        }

        _changed.Clear();
    }

    /// <summary>Makes every pane one that has changed: for whoever has not heard of any yet.</summary>
    public void TouchAll() => _changed.UnionWith(store.Panes());

    private void Tell()
    {
        foreach (var (reason, count) in _unmatched)
        {
            onUnmatched?.Invoke(reason, count);
        }

        _delays.ForEach(delay => onMatched?.Invoke(delay));
        if (_rebuilt > 0)
        {
            onRebuilt?.Invoke(_rebuilt);
        }

        _unmatched.Clear();
        _delays.Clear();
        _rebuilt = 0;
    }

    /// <summary>Whether the label was counted before, or its prediction may lie before those that are read.</summary>
    private bool IsRebuilt(FeedbackLabel label) =>
        label.Offset < CountedBefore
        || (_position.PredictionsFromMs > 0 && label.TimeMs - plan.HorizonMs - plan.Windows.AllowedSkewMs < _position.PredictionsFromMs);

    private void CountUnmatched(UnmatchedReason reason, bool rebuilt)
    {
        if (!rebuilt)
        {
            _unmatched[reason] = _unmatched.GetValueOrDefault(reason) + 1;
        }
    }

    private void CountMatched(long delayMs, bool rebuilt)
    {
        if (!rebuilt)
        {
            _delays.Add(delayMs);
        }
    }

    private RejectionReason Misdated(long eventMs, long recordMs) =>
        recordMs - eventMs > plan.Windows.AllowedLatenessMs ? RejectionReason.Late
        : eventMs - recordMs > plan.Windows.AllowedSkewMs ? RejectionReason.Future
        : RejectionReason.None;

    private void Add(JoinKey key, JoinedPrediction prediction)
    {
        var found = store.Find(key);
        if (found.Prediction is { } first && first.Offset <= prediction.Offset)
        {
            return;
        }

        var entry = found with { Prediction = prediction };
        if (found.Prediction is null)
        {
            CountPrediction(key.Model, prediction);
        }

        Put(key, found, entry);
        if (found.Labels.IsEmpty)
        {
            return;
        }

        if (entry.LabelThatHolds(plan.HorizonMs) is { } label)
        {
            CountMatched(label.TimeMs - prediction.TimeMs, label.Rebuilt);
        }
        else
        {
            CountUnmatched(UnmatchedReason.OutsideHorizon, entry.Labels[^1].Rebuilt);
        }
    }

    private void Add(JoinKey key, FeedbackLabel label)
    {
        var found = store.Find(key);
        var entry = found.With(label);
        if (ReferenceEquals(entry, found))
        {
            return;
        }

        Put(key, found, entry);
        if (entry.Prediction is { } prediction && Math.Abs(label.TimeMs - prediction.TimeMs) > plan.HorizonMs)
        {
            CountUnmatched(UnmatchedReason.OutsideHorizon, label.Rebuilt);
        }
        else if (!found.Labels.IsEmpty)
        {
            CountUnmatched(found.Labels[^1].SaysTheSameAs(label) ? UnmatchedReason.Duplicate : UnmatchedReason.Corrected, label.Rebuilt);
        }
        else if (entry.Prediction is not null)
        {
            CountMatched(label.TimeMs - entry.Prediction.TimeMs, label.Rebuilt);
        }
    }

    private void Put(JoinKey key, JoinEntry found, JoinEntry entry)
    {
        Uncommitted++;
        store.Put(key, found, entry);
        var (before, after) = (found.LabelThatHolds(plan.HorizonMs), entry.LabelThatHolds(plan.HorizonMs));
        if (before == after && found.Prediction == entry.Prediction)
        {
            return;
        }

        if (before is not null)
        {
            Sum(key.Model, found.Prediction!, before, -1);
        }

        if (after is not null)
        {
            Sum(key.Model, entry.Prediction!, after, 1);
        }
    }

    private void Sum(string model, JoinedPrediction prediction, FeedbackLabel label, int sign)
    {
        var outcome = FeedbackOutcome.Of(prediction, label);
        foreach (var (length, _) in plan.Levels)
        {
            foreach (var series in SeriesOf(model, prediction))
            {
                Sum(Pane(series, Attribution.LabelTime, length, Math.Max(label.TimeMs, prediction.TimeMs)), outcome, sign);
                Sum(Pane(series, Attribution.PredictionTime, length, prediction.TimeMs), outcome, sign);
            }
        }
    }

    private static void Sum(FeedbackSums pane, in FeedbackOutcome outcome, int sign)
    {
        if (sign > 0)
        {
            pane.Add(outcome);
        }
        else
        {
            pane.Subtract(outcome);
        }
    }

    private FeedbackSums Pane(SeriesKey series, Attribution attribution, long lengthMs, long timeMs)
    {
        var key = new FeedbackPaneKey(series, attribution, lengthMs, timeMs / lengthMs * lengthMs);
        _changed.Add(key);
        return store.Pane(key);
    }

    private void CountPrediction(string model, JoinedPrediction prediction)
    {
        foreach (var series in SeriesOf(model, prediction))
        {
            var key = (series, plan.Windows.PaneStart(prediction.TimeMs));
            _predictions[key] = _predictions.GetValueOrDefault(key) + 1; // summed up for the levels when committed: one look-up a prediction
        }
    }

    private static IEnumerable<SeriesKey> SeriesOf(string model, JoinedPrediction prediction)
    {
        yield return new SeriesKey(model, SeriesKey.All);
        if (prediction.Segment is { } segment)
        {
            yield return new SeriesKey(model, segment);
        }
    }
}
