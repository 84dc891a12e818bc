namespace DriftMonitor.Join;

/// <summary>The panes of one partition's labelled predictions in its store, and which of them have changed.</summary>
internal sealed class FeedbackPanes(FeedbackPlan plan, IFeedbackStore store)
{
    private readonly HashSet<FeedbackPaneKey> _changed = [];
    private readonly Dictionary<(SeriesKey Series, long PaneMs), long> _predictions = []; // smallest panes; summed for levels at a commit

    /// <summary>Adds a labelled prediction to every pane that it counts in, or takes it back.</summary>
    public void Change(string model, JoinedPrediction prediction, FeedbackLabel label, bool subtract)
    {
        var outcome = FeedbackOutcome.Create(prediction, label);
        foreach (var (length, _) in plan.Levels)
        {
            foreach (var series in SeriesOf(model, prediction))
            {
                Pane(series, Attribution.LabelTime, length, Math.Max(label.TimeMs, prediction.TimeMs)).Change(outcome, subtract);
                Pane(series, Attribution.PredictionTime, length, prediction.TimeMs).Change(outcome, subtract);
            }
        }
    }

    /// <summary>Counts a prediction that a label could find.</summary>
    public void CountPrediction(string model, JoinedPrediction prediction)
    {
        foreach (var series in SeriesOf(model, prediction))
        {
            var key = (series, plan.Windows.PaneStart(prediction.TimeMs));
            _predictions[key] = _predictions.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Writes the counts of predictions into their panes. To be called before the store commits.</summary>
    public void Complete()
    {
        foreach (var ((series, paneMs), count) in _predictions)
        {
            foreach (var (length, _) in plan.Levels)
            {
                Pane(series, Attribution.PredictionTime, length, paneMs).Predictions += count;
            }
        }

        _predictions.Clear();
    }

    /// <summary>Drops the panes that no window reaches any more.</summary>
    public void ForgetBefore(long clockMs)
    {
        foreach (var (pane, reach) in plan.Levels)
        {
            store.ForgetPanes(pane, clockMs - reach - plan.Windows.AllowedLatenessMs);
        }
    }

    /// <summary>The panes that have changed since the last call, with their whole values.</summary>
    public IEnumerable<(FeedbackPaneKey Key, FeedbackSums Sums)> TakeChanged()
    {
        foreach (var key in _changed)
        {
            yield return (key, store.Pane(key));
        }

        _changed.Clear();
    }

    /// <summary>Marks every pane as changed.</summary>
    public void TouchAll() => _changed.UnionWith(store.Panes());

    private FeedbackSums Pane(SeriesKey series, Attribution attribution, long lengthMs, long timeMs)
    {
        var key = new FeedbackPaneKey(series, attribution, lengthMs, timeMs / lengthMs * lengthMs);
        _changed.Add(key);
        return store.Pane(key);
    }

    private static IEnumerable<SeriesKey> SeriesOf(string model, JoinedPrediction prediction)
    {
        yield return new SeriesKey(model, SeriesKey.All);
        foreach (var segment in prediction.Segments)
        {
            yield return new SeriesKey(model, segment);
        }
    }
}
