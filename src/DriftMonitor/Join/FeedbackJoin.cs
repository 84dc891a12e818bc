namespace DriftMonitor.Join;

/// <summary>Joins one partition's labels to its predictions, and sums how they came out.</summary>
/// <remarks>
/// The sums are a function of both logs alone: of predictions with one (model, id) the smallest offset holds, of labels within the
/// horizon the largest, and when that changes, what was added before is taken back exactly. Which log is read first does not matter, as
/// long as nothing is forgotten that could still match (<see cref="ForgetBefore"/>). The callbacks are called when the work that they tell
/// of has been committed, so what is read again after a failure counts once. Used by one thread.
/// </remarks>
/// <param name="plan">The horizon and the panes.</param>
/// <param name="store">Where predictions and labels wait, and the sums are.</param>
/// <param name="onUnmatched">
/// Called with labels that do not hold: the model where the reason is what its predictions are, else null; why, and how many.
/// </param>
/// <param name="onMatched">Called with each label's delay to its prediction, milliseconds; negative when the label was first.</param>
/// <param name="onRebuilt">Called with how many records were read to rebuild the store: of those nothing else is told.</param>
public sealed class FeedbackJoin(
    FeedbackPlan plan,
    IFeedbackStore store,
    Action<string?, UnmatchedReason, long>? onUnmatched = null,
    Action<long>? onMatched = null,
    Action<long>? onRebuilt = null)
{
    private readonly LabelOutcomes _outcomes = new(onUnmatched, onMatched, onRebuilt);
    private readonly FeedbackPanes _panes = new(plan, store);
    private FeedbackPosition _position = store.Position;
    private long _rowsOfPrediction = -1; // the record whose first row was read last: its others are not read before
    private long _rowsOfLabel = -1;

    /// <summary>How far both logs have been read.</summary>
    public FeedbackPosition Position => _position;

    /// <summary>The feedback offset before which records were counted earlier, by this or another replica.</summary>
    public long CountedBefore { get; set; }

    /// <summary>How much was put since the last <see cref="Commit"/>.</summary>
    public int Uncommitted { get; private set; }

    /// <summary>Begins from another position than the store's. To be called before the first record.</summary>
    public void BeginAt(FeedbackPosition position) => _position = position;

    /// <summary>Notes a prediction; without an id, or rejected, it only moves the position.</summary>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Row > 0 ? record.Offset != _rowsOfPrediction : record.Offset < _position.PredictionsNext)
        {
            return; // read before
        }

        _rowsOfPrediction = record.Offset;
        _position = _position with { PredictionsNext = record.Offset + 1, PredictionsStampMs = record.RecordTimeMs };
        if (record.Rejection != RejectionReason.None
            || record.IsIgnored
            || Lateness.Check(plan.Windows, record.EventTimeMs, record.RecordTimeMs) != RejectionReason.None)
        {
            return;
        }

        _position = _position with { PredictionsClockMs = Math.Max(_position.PredictionsClockMs, record.RecordTimeMs) };
        if (record.Id.IsEmpty)
        {
            return;
        }

        Add(new JoinKey(record.Model.Name, record.Id.ToString()), store.AsKept(JoinedPrediction.Create(record)));
    }

    /// <summary>Takes note of a feedback record, as it stands in its partition.</summary>
    /// <param name="record">The record.</param>
    /// <param name="recordTimeMs">Its own timestamp.</param>
    /// <returns>Why it is not taken, <see cref="RejectionReason.None"/> when it is.</returns>
    public RejectionReason Add(FeedbackRecord record, long recordTimeMs)
    {
        ArgumentNullException.ThrowIfNull(record);
        var label = record.Label;
        if (record.Row > 0 ? label.Offset != _rowsOfLabel : label.Offset < _position.FeedbackNext)
        {
            return RejectionReason.None;
        }

        _rowsOfLabel = label.Offset;
        if (record.IsIgnored)
        {
            Skip(label.Offset, recordTimeMs);
            return RejectionReason.None;
        }

        var problem = record.Rejection != RejectionReason.None
            ? record.Rejection
            : Check(label.TimeMs, recordTimeMs, record.Prediction is not null);
        Skip(label.Offset, recordTimeMs);
        var rebuilt = IsRebuilt(label);
        if (rebuilt)
        {
            _outcomes.AddRebuilt();
        }

        if (problem != RejectionReason.None)
        {
            _outcomes.AddUnmatched(null, UnmatchedReason.Invalid, rebuilt);
            return problem;
        }

        _position = _position with { FeedbackClockMs = Math.Max(_position.FeedbackClockMs, recordTimeMs) };
        if (record.Prediction is { } own)
        {
            Uncommitted++;
            _panes.CountPrediction(record.Model, own);
            if (label.ObjectionTo(own.Space) is { } objection)
            {
                _outcomes.AddUnmatched(record.Model, objection, rebuilt);
            }
            else
            {
                _panes.Change(record.Model, own, label, subtract: false);
                _outcomes.AddMatched(0, rebuilt);
            }
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
    };

    /// <summary>Likewise labels.</summary>
    public void LoseLabels(RecordsLost lost) => _position = _position with
    {
        FeedbackNext = lost.NextOffset,
        LabelsLostBeforeMs = Math.Max(_position.LabelsLostBeforeMs, lost.BeforeMs),
    };

    /// <summary>Drops what nothing can match any more once both logs are read up to a time, and panes that no window reaches.</summary>
    public void ForgetBefore(long clockMs)
    {
        _outcomes.AddUnmatched(null, UnmatchedReason.NeverMatched, store.Forget(plan.ForgottenBefore(clockMs)));
        _panes.ForgetBefore(clockMs);
    }

    /// <summary>Makes the work so far durable.</summary>
    public void Commit()
    {
        _panes.Complete();
        store.Commit(_position);
        Uncommitted = 0;
        _outcomes.Report();
    }

    /// <summary>The panes that changed since the last call, with their whole values. To be called after <see cref="Commit"/>.</summary>
    public IEnumerable<(FeedbackPaneKey Key, FeedbackSums Sums)> TakeChanged() => _panes.TakeChanged();

    /// <summary>Makes every pane one that has changed: for whoever has not heard of any yet.</summary>
    public void TouchAll() => _panes.TouchAll();

    /// <summary>
    /// Whether a label is late, or ahead of its time. One that is joined may have its prediction's time, however long ago that is within
    /// the horizon; one that brings its prediction is as that one.
    /// </summary>
    private RejectionReason Check(long labelMs, long recordTimeMs, bool hasPrediction)
    {
        var problem = Lateness.Check(plan.Windows, labelMs, recordTimeMs);
        return problem == RejectionReason.Late
            && !hasPrediction
            && recordTimeMs - labelMs <= plan.HorizonMs + plan.Windows.AllowedLatenessMs
            ? RejectionReason.None
            : problem;
    }

    private void Skip(long offset, long recordTimeMs)
    {
        if (offset >= _position.FeedbackNext)
        {
            _position = _position with { FeedbackNext = offset + 1, LabelsStampMs = recordTimeMs };
        }
    }

    /// <summary>Whether the label was counted before, or its prediction may lie before those that are read.</summary>
    private bool IsRebuilt(FeedbackLabel label) =>
        label.Offset < CountedBefore
        || (_position.PredictionsFromMs > 0 && label.TimeMs - plan.HorizonMs - plan.Windows.AllowedSkewMs < _position.PredictionsFromMs);

    private void Add(JoinKey key, JoinedPrediction prediction)
    {
        var found = store.Find(key);
        if (found.Prediction is { } first && first.Offset <= prediction.Offset)
        {
            return;
        }

        var entry = found with { Prediction = prediction };
        if (found.Prediction is null && prediction.HasProbabilities)
        {
            _panes.CountPrediction(key.Model, prediction);
        }

        Put(key, found, entry);
        if (found.Labels.IsEmpty)
        {
            return;
        }

        if (entry.EffectiveLabel(plan.HorizonMs) is { } label)
        {
            _outcomes.AddMatched(label.TimeMs - prediction.TimeMs, label.Rebuilt);
        }
        else
        {
            var last = entry.Labels[^1];
            AddUnmatched(key, entry.Objection(last, plan.HorizonMs)!.Value, last);
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
        if (entry.Objection(label, plan.HorizonMs) is { } objection)
        {
            AddUnmatched(key, objection, label);
        }
        else if ((found.Prediction is null ? found.Labels.LastOrDefault() : found.EffectiveLabel(plan.HorizonMs)) is { } before)
        {
            AddUnmatched(key, before.AgreesWith(label) ? UnmatchedReason.Duplicate : UnmatchedReason.Corrected, label);
        }
        else if (entry.Prediction is not null)
        {
            _outcomes.AddMatched(label.TimeMs - entry.Prediction.TimeMs, label.Rebuilt);
        }
    }

    private void AddUnmatched(JoinKey key, UnmatchedReason reason, FeedbackLabel label) => _outcomes.AddUnmatched(
        reason is UnmatchedReason.UnknownClass or UnmatchedReason.NoProbabilities or UnmatchedReason.NotADistribution ? key.Model : null,
        reason, label.Rebuilt);

    private void Put(JoinKey key, JoinEntry found, JoinEntry entry)
    {
        Uncommitted++;
        store.Put(key, found, entry);
        var (before, after) = (found.EffectiveLabel(plan.HorizonMs), entry.EffectiveLabel(plan.HorizonMs));
        if (before == after && found.Prediction == entry.Prediction)
        {
            return;
        }

        if (before is not null)
        {
            _panes.Change(key.Model, found.Prediction!, before, subtract: true);
        }

        if (after is not null)
        {
            _panes.Change(key.Model, entry.Prediction!, after, subtract: false);
        }
    }
}
