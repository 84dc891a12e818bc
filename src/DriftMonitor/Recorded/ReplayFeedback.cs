using DriftMonitor.Display;
using DriftMonitor.Join;
using DriftMonitor.Windows;

namespace DriftMonitor.Recorded;

/// <summary>Recorded labels joined to recorded predictions, in memory and with nothing forgotten.</summary>
public sealed class ReplayFeedback
{
    private readonly MemoryFeedbackStore _store;
    private readonly Dictionary<(string? Model, UnmatchedReason Reason), long> _unmatched = [];
    private long _lines;
    private long _matched;
    private long _ignored;

    /// <summary>Reads both, first the predictions.</summary>
    /// <param name="predictions">Each with its offset and its record's time; a record is not used after the next.</param>
    /// <param name="labels">Each with its offset and its time.</param>
    /// <param name="plan">The horizon and the panes.</param>
    /// <param name="onOutcome">Called in the end with each prediction whose label counts, its model, and how it came out; in no
    /// order.</param>
    public ReplayFeedback(
        IObservable<PredictionRecord> predictions, IObservable<FeedbackRecord> labels, FeedbackPlan plan, Action<string, JoinedPrediction,
        FeedbackOutcome>? onOutcome = null)
    {
        _store = new MemoryFeedbackStore(Math.Max(1, plan.HorizonMs));
        var join = new FeedbackJoin(
            plan, _store,
            (model, reason, count) => _unmatched[(model, reason)] = _unmatched.GetValueOrDefault((model, reason)) + count, _ => _matched++);
        predictions.Subscribe(join.Add);
        labels.Subscribe(label =>
        {
            _lines++;
            if (label.IsIgnored)
            {
                _ignored++;
            }

            if (join.Add(label, label.Label.TimeMs) == RejectionReason.None
                && label.Prediction is { } own
                && label.Label.ObjectionTo(own.Space) is null)
            {
                onOutcome?.Invoke(label.Model, own, FeedbackOutcome.Create(own, label.Label));
            }
        });
        foreach (var (key, entry) in _store.Entries())
        {
            if (onOutcome is not null && entry.EffectiveLabel(plan.HorizonMs) is { } label)
            {
                onOutcome(key.Model, entry.Prediction!, FeedbackOutcome.Create(entry.Prediction!, label));
            }
        }

        join.Commit();
        if (_store.Forget(long.MaxValue) is > 0 and var waiting)
        {
            _unmatched[(null, UnmatchedReason.NeverMatched)] = waiting;
        }
    }

    /// <summary>Everything together, by the time of the predictions.</summary>
    public FeedbackMeasures Whole => Measures(_store.Panes()
        .Where(pane => pane.Attribution == Attribution.PredictionTime && pane.Series.Segment == SeriesKey.All));

    /// <summary>
    /// The labels that count in no window, by their model, where the reason is what its predictions are (else null), and why.
    /// </summary>
    public IReadOnlyDictionary<(string? Model, UnmatchedReason Reason), long> Unmatched => _unmatched;

    /// <summary>What became of the labels, to be told at the end.</summary>
    public string Summary
    {
        get
        {
            var ignored = _ignored > 0 ? string.Create(CultureInfo.InvariantCulture, $", {_ignored} ignored") : "";
            var unmatched = ByReason().Select(
                one => string.Create(CultureInfo.InvariantCulture, $", {one.Labels} {SnakeCaseName.Of(one.Reason)}"));
            return string.Create(CultureInfo.InvariantCulture, $"{_lines} labels, {_matched} matched{ignored}{string.Concat(unmatched)}");
        }
    }

    /// <summary>The measures over a window.</summary>
    public FeedbackMeasures Over(LiveWindow window, Attribution attribution) => Measures(Keys(window, attribution));

    /// <summary>What its labels cost, pane by pane.</summary>
    public PaneCosts PanesOver(LiveWindow window, Attribution attribution) =>
        PaneCosts.Of(Keys(window, attribution).Select(_store.Pane));

    private static IEnumerable<FeedbackPaneKey> Keys(LiveWindow window, Attribution attribution)
    {
        var slide = window.Window.SlideMs;
        return Enumerable.Range(0, window.Window.Panes)
            .Select(pane => new FeedbackPaneKey(window.Series, attribution, slide, window.FromMs + (pane * slide)));
    }

    private IEnumerable<(UnmatchedReason Reason, long Labels)> ByReason() =>
        _unmatched.GroupBy(one => one.Key.Reason, one => one.Value).OrderBy(one => one.Key).Select(one => (one.Key, one.Sum()));

    private FeedbackMeasures Measures(IEnumerable<FeedbackPaneKey> panes)
    {
        var sums = new FeedbackSums();
        foreach (var pane in panes.ToList())
        {
            sums.Add(_store.Pane(pane));
        }

        return FeedbackMeasures.FromSums(sums);
    }
}
