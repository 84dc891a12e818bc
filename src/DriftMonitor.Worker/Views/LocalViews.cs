using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Views;

/// <summary>What this replica knows by itself: of the models that it owns, and of the topics that it reads. Thread-safe.</summary>
internal sealed class LocalViews(
    AlarmDesk desk, MonitorState state, ModelOwners owners, ThresholdsInForce thresholds, ReferenceViews references,
    ThisReplica replica)
{
    /// <summary>How many windows of a model's outputs are shown; the others are counted.</summary>
    public const int MostWindows = 300;

    /// <summary>How many classes are shown beside the reference.</summary>
    private const int MostClasses = 20;

    /// <summary>The models that this replica knows, as of now.</summary>
    public IEnumerable<ModelStates.Shown> Models()
    {
        state.Models.Refresh();
        return state.Models.All;
    }

    /// <summary>Whether this replica has a model's windows, or had them last.</summary>
    public bool Owns(string model) => state.Reports.Knows(model);

    /// <summary>A model, as lists show it.</summary>
    public ModelItem Item(ModelStates.Shown model)
    {
        var (critical, warnings) = Incidents.Count([.. Alarms(model.Model).Where(alarm => alarm.EndedMs is null)]);
        var (owner, used) = (owners.Of(model.Model), references.Used(model.Model)?.Snapshot);
        var owns = Owns(model.Model);
        return new(
            model.Model, model.State, model.SinceMs, model.LatestEventMs, critical, warnings,
            ViewText.NullIfEmpty(owner.Owner), ViewText.NullIfEmpty(owner.Team), used?.Id, used?.Version, owns ? replica.Name : null,
            WrittenMs: null, IsOwnerGone: false);
    }

    /// <summary>A model's alarms, those that are on first.</summary>
    public IEnumerable<AlarmItem> Alarms(string model)
    {
        var (on, ended) = desk.Of(model);
        return on.Concat(ended).Select(alarm => AlarmItem.Of(model, alarm, owners.Of(model), replica.Name));
    }

    /// <summary>An alarm of a model that this replica owns, explained; null for none.</summary>
    public AlarmDetail? Alarm(AlarmFilter filter)
    {
        AlarmItem[] all = [.. Alarms(filter.Model!)];
        if (filter.First(all) is not { } alarm)
        {
            return null;
        }

        var explanation = alarm.EndedMs is not null ? null : desk.Explain(alarm.Model)
            .Where(each => each.Alarm.Series.Segment == alarm.Segment && each.Alarm.Kind == alarm.Kind
                && each.Alarm.Severity == alarm.Severity && each.Alarm.BeganMs == alarm.BeganMs
                && each.Alarm.FirstWindow.Name == alarm.First.Window)
            .Select(each => ExplainedAlarm.Of(each, alarm.PagesAs, owners.Of(alarm.Model).Runbook))
            .Select(each => each with
            {
                Windows = [.. each.Windows.Select(window => WithReadiness(alarm, window))],
                Segments = [.. each.Segments.Select(window => WithReadiness(alarm, window))],
            })
            .FirstOrDefault();
        return new(
            alarm, explanation,
            [.. all.Where(other => other.EndedMs is null && other != alarm && other.Pages).Order(AlarmOrder.ByUrgency)]);
    }

    /// <summary>Takes in who works on an alarm that is on, or that nobody does any more. A second time changes nothing.</summary>
    /// <returns>The alarm as it is now; null when it is not on.</returns>
    public AlarmItem? Acknowledge(AlarmFilter which, Acknowledgement? acknowledged, string by)
    {
        var (model, owner) = (which.Model!, owners.Of(which.Model!));
        if (desk.Of(model).On.FirstOrDefault(IsMeant) is not { } found)
        {
            return null;
        }

        var isSaid = acknowledged is not null && found.Acknowledged is { } before
            && before with { AtMs = acknowledged.AtMs } == acknowledged;
        return (isSaid ? found : desk.Acknowledge(model, found, acknowledged, by)) is { } now
            ? AlarmItem.Of(model, now, owner, replica.Name)
            : null;

        bool IsMeant(StatusAlarm alarm) =>
            alarm.Severity == which.Severity && which.Matches(AlarmItem.Of(model, alarm, owner, replica.Name));
    }

    /// <summary>A model that this replica owns; null for one that it does not know.</summary>
    public ModelDetail? Model(string model)
    {
        if (Models().FirstOrDefault(known => known.Model == model) is not { } found)
        {
            return null;
        }

        JudgedReport[] windows =
        [
            .. state.Reports.Judged.Where(judged => judged.Report.Window.Series.Model == model)
                .OrderBy(judged => judged.Report.Window.Series.Segment != SeriesKey.All)
                .ThenBy(judged => judged.Report.Window.Series.Segment, StringComparer.Ordinal)
                .ThenBy(judged => judged.Report.Window.Window.LengthMs),
        ];
        var all = windows.TakeWhile(judged => judged.Report.Window.Series.Segment == SeriesKey.All).ToArray();
        var shown = Array.Find(all, judged => judged.Report is { Ready: true, Divergences: not null })
            ?? Array.Find(all, judged => judged.Report is { Window.Events: > 0, Divergences: not null });
        var alarms = Alarms(model).Order(AlarmOrder.ByUrgency).ToLookup(alarm => alarm.EndedMs is null);
        return new(
            Item(found), [.. alarms[true]], [.. alarms[false]],
            [.. windows.Take(MostWindows).Select(Window)], Math.Max(0, windows.Length - MostWindows),
            [
                .. state.Feedback.Judged.Where(judged => judged.Window.Series == new SeriesKey(model, SeriesKey.All))
                    .OrderBy(judged => judged.Window.Attribution).ThenBy(judged => judged.Window.Window.LengthMs).Select(Labels),
            ],
            [.. (shown?.Report.Contributions ?? []).Take(MostClasses).Select(ClassShare.Of)], shown?.Report.Window.Window.Name,
            references.InUse(model));
    }

    /// <summary>What a window was evaluated to over the last hours; null for one that this replica does not have.</summary>
    public HistoryView? History(string model, string segment, string window)
    {
        var series = new SeriesKey(model, segment);
        if (state.Reports.Find(series, window) is not { } report)
        {
            return null;
        }

        var (points, stretch) = (state.History.Find(series, window), EvaluationHistory.StretchMs(report.Window.Window));
        return new(
            model, segment, window, stretch, stretch * EvaluationHistory.Points,
            points is [var first, ..] and { Length: < EvaluationHistory.Points } ? first.ToMs : null,
            points is null && state.History.IsFull, report is { Reference: null, Readiness: not Readiness.Failed },
            [
                .. (points ?? []).Select(point => new HistoryPoint(
                    point.ToMs, point.Ready, Number(point.Kl), Number(point.NoiseFloor), Number(point.Warning), Number(point.Critical),
                    Number(point.Cusum), Number(point.CusumThreshold))),
            ]);

        // the digits that it has
        static double? Number(float value) => float.IsFinite(value)
            ? double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>What this replica has read of topics, and what of that does not count.</summary>
    public ReplicaRejections Rejections() => new(replica.Name, null, [.. replica.SourceTopics.Select(Rejections)]);

    private static TopicRejections Rejections(TopicMetrics topic) => new(
        topic.Topic, topic.Accepted, topic.Ignored, topic.Rejected, topic.Duplicates,
        [
            .. topic.Latest.All.Select(each => new RejectionItem(
                each.Kind.Outcome, ViewText.NullIfEmpty(each.Kind.Reason), each.Kind.Model?.Name, each.Count, each.Expected,
                [
                    .. each.Latest.Select(
                        record => new RejectedRecord(
                            record.Partition, record.Offset, record.Row, record.TimeMs, record.Where, record.Remedy)),
                ])),
        ]);

    private WindowItem Window(JudgedReport judged)
    {
        var (report, window, found) = (judged.Report, judged.Report.Window, judged.Report.Divergences);
        return new(
            window.Series.Segment, window.Window.Name, window.Window.SlideMs, window.FromMs, window.ToMs, window.Events,
            thresholds.MinimumEvents, report.Readiness, ReadyTime.Of(window), Finite(found?.KlLiveVsReferenceNats),
            Finite(found?.KlReferenceVsLiveNats), Finite(found?.NoiseFloorNats), Finite(found?.CusumNats),
            [
                .. judged.Drift.Concat(judged.Policy).Concat(judged.Dispersion).Where(reading => double.IsFinite(reading.Value))
                    .Select(ReadingItem.Of),
            ],
            report.Pace, judged.IsPending, judged.IsUnsupported);
    }

    /// <summary>Why a window may not raise such an alarm yet, and when it may.</summary>
    private StandingItem WithReadiness(AlarmItem alarm, StandingItem of)
    {
        if (of.Ready)
        {
            return of;
        }

        var series = new SeriesKey(alarm.Model, of.Segment);
        var report = alarm.Kind.IsOfLabels() ? null : state.Reports.Find(series, of.Window);
        var labels = !alarm.Kind.IsOfLabels() ? null : state.Feedback.All.FirstOrDefault(window =>
            window.Attribution == Attribution.LabelTime && window.Series == series && window.Window.Name == of.Window);
        return of with
        {
            Readiness = report is { Ready: false } ? report.Readiness
                : labels is { Complete: false } ? Readiness.Incomplete
                : Readiness.TooFewEvents,
            ReadyMs = report is null ? null : ReadyTime.Of(report.Window),
            MinimumEvents = thresholds.MinimumEvents,
        };
    }

    private static LabelWindowItem Labels(JudgedLabels judged)
    {
        var (window, measures) = (judged.Window, judged.Window.Measures);
        return new(
            window.Window.Name, window.Attribution, window.ToMs, measures.Events, window.Complete, measures.CrossEntropyNats,
            judged.CrossEntropyBaselineNats, measures.ExpectedCrossEntropyNats, measures.AccuracyRatio, judged.AccuracyBaselineRatio,
            measures.BrierScore, measures.CoverageRatio, [.. judged.CrossEntropy.Concat(judged.Errors).Select(ReadingItem.Of)]);
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
