using System.Globalization;
using System.Text.Json;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Replay;

/// <summary>Recorded labels joined to recorded predictions, in memory and with nothing forgotten.</summary>
internal sealed class ReplayFeedback
{
    private readonly MemoryFeedbackStore _store;
    private readonly SortedDictionary<UnmatchedReason, long> _unmatched = [];
    private long _lines;
    private long _matched;

    private ReplayFeedback(FeedbackPlan plan) => _store = new MemoryFeedbackStore(Math.Max(1, plan.HorizonMs));

    /// <summary>Everything together, by the time of the predictions.</summary>
    public FeedbackMeasures Whole => Measures(_store.Panes()
        .Where(pane => pane.Attribution == Attribution.PredictionTime && pane.Series.Segment == SeriesKey.All));

    /// <summary>What became of the labels, to be told at the end.</summary>
    public string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{_lines} labels, {_matched} matched{string.Concat(_unmatched.Select(reason => $", {reason.Value} {JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.Key.ToString())}"))}");

    /// <summary>Reads both.</summary>
    /// <param name="recorded">The predictions.</param>
    /// <param name="feedbackFile">One label a line.</param>
    /// <param name="plan">The horizon and the panes.</param>
    /// <param name="models">The models, which the predictions' classes are fixed for.</param>
    /// <param name="model">The model of lines that name none.</param>
    /// <param name="onOutcome">Called in the end with each prediction whose label counts, its model, and how it came out; in no order.</param>
    public static ReplayFeedback Read(
        IRecordedPredictions recorded, string feedbackFile, FeedbackPlan plan, WatchedModels models, string? model, Action<string, JoinedPrediction, FeedbackOutcome>? onOutcome = null)
    {
        var feedback = new ReplayFeedback(plan);
        feedback.Join(recorded, feedbackFile, plan, models, model, onOutcome);
        return feedback;
    }

    /// <summary>The measures over a window.</summary>
    public FeedbackMeasures Over(LiveWindow window, Attribution attribution)
    {
        var slide = window.Window.SlideMs;
        return Measures(Enumerable.Range(0, window.Window.Panes)
            .Select(pane => new FeedbackPaneKey(window.Series, attribution, slide, window.FromMs + (pane * slide))));
    }

    private FeedbackMeasures Measures(IEnumerable<FeedbackPaneKey> panes)
    {
        var sums = new FeedbackSums();
        foreach (var pane in panes.ToList())
        {
            sums.Add(_store.Pane(pane));
        }

        return FeedbackMeasures.Of(sums);
    }

    private void Join(
        IRecordedPredictions recorded, string feedbackFile, FeedbackPlan plan, WatchedModels models, string? model, Action<string, JoinedPrediction, FeedbackOutcome>? onOutcome)
    {
        var settings = new PredictionDecoderSettings();
        var predictions = new PredictionDecoder(models, settings);
        var record = new PredictionRecord();
        var join = new FeedbackJoin(
            plan, _store, (reason, count) => _unmatched[reason] = _unmatched.GetValueOrDefault(reason) + count, _ => _matched++);
        var number = 0L;
        recorded.Read(
            prediction =>
            {
                predictions.Decode(prediction.Value, prediction.Format, prediction.Headers, model, prediction.Key, record);
                var timeMs = prediction.TimeMs ?? (record.Rejection == RejectionReason.None ? record.PayloadTimeMs : null);
                if (record.Rejection == RejectionReason.None && timeMs is null)
                {
                    record.Reject(RejectionReason.InvalidTimestamp);
                }

                record.Offset = number++;
                record.RecordTimeMs = timeMs ?? 0;
                join.Add(record);
            },
            _ => { });
        var labels = new FeedbackJsonDecoder(predictions, settings, model);
        JsonLines.Read(feedbackFile, (line, number, _) =>
        {
            var decoded = labels.Decode(line, default);
            if (decoded is { Rejection: RejectionReason.None, PayloadTimeMs: null })
            {
                decoded = FeedbackRecord.Rejected(RejectionReason.InvalidTimestamp);
            }

            _lines++;
            decoded = decoded.At(number, 0);
            if (join.Add(decoded, decoded.PayloadTimeMs ?? 0) == RejectionReason.None && decoded.Prediction is { } own)
            {
                onOutcome?.Invoke(decoded.Model, own, FeedbackOutcome.Of(own, decoded.Label));
            }
        });
        foreach (var (key, entry) in _store.Entries())
        {
            if (onOutcome is not null && entry.LabelThatHolds(plan.HorizonMs) is { } label)
            {
                onOutcome(key.Model, entry.Prediction!, FeedbackOutcome.Of(entry.Prediction!, label));
            }
        }

        join.Commit();
        if (_store.Forget(long.MaxValue) is > 0 and var waiting)
        {
            _unmatched[UnmatchedReason.NeverMatched] = waiting;
        }
    }
}
