using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// An explained alarm as a JSON object. Times are epoch milliseconds, divergences and losses nats, accuracy and error rates ratios;
/// undefined is null.
/// </summary>
internal static class AlarmJson
{
    /// <summary>The same with whose the model is, and how people hear of the alarm.</summary>
    public static JsonObject Of(AlarmExplanation explanation, ModelOwners owners)
    {
        var series = explanation.Alarm.Series;
        var (pagesAs, owner) = (owners.PagedAs(series.Model, explanation.Alarm.Severity), owners.Of(series.Model));
        var json = Of(explanation, pagesAs);
        json["pages_as"] = SnakeCaseName.Of(pagesAs);
        json["owner"] = NullIfEmpty(owner.Owner);
        json["team"] = NullIfEmpty(owner.Team);
        json["runbook"] = NullIfEmpty(owner.Runbook) ?? json["runbook"]!.GetValue<string>();
        return json;

        static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
    }

    public static JsonObject Of(AlarmExplanation explanation, AlarmSeverity? pagesAs = null)
    {
        var (alarm, report, labels, text) = (
            explanation.Alarm, explanation.Report, explanation.Labels, AlarmText.Of(explanation, pagesAs));
        var json = MonitorJson.Of(new
        {
            alarm.Series.Model,
            alarm.Series.Segment,
            alarm.Kind,
            alarm.Severity,
            text.Summary,
            Onset = alarm.OnsetMs,
            OnsetIsAtLeast = alarm.IsOnsetAtLeast,
            Began = alarm.BeganMs,
            Ended = alarm.EndedMs,
            alarm.Pages,
            explanation.Effect,
            explanation.SmallestEffect,
            explanation.Baseline,
            FalseAlarmBudget = explanation.Budget?.ToString(),
            First = Of(alarm.First, alarm.FirstWindow, alarm.BeganMs),
            Peak = Of(alarm.Peak, alarm.PeakWindow, alarm.PeakMs),
            Now = explanation.Now is { } now ? Of(now) : null,
            Divergence = explanation.Divergence is { } of ? new { of.Measure, of.Value, of.Threshold } : null,
            NoiseFloor = explanation.NoiseFloorNats,
            ReferenceId = report?.Reference?.Id,
            ReferenceVersion = report?.Reference?.Version,
            Classes = (report?.Contributions ?? []).Select(
                each => new { each.Class, Contribution = each.Nats, each.LiveShare, each.ReferenceShare }),
            Windows = explanation.Windows.Select(Of),
            AllTraffic = explanation.Slices.IsEmpty,
            explanation.Slices,
            Segments = explanation.Segments.Select(Of),
            Labels = labels.Window is null ? new { labels.Verdict, labels.Events } : (object)new
            {
                labels.Verdict,
                labels.Events,
                Window = labels.Window.Name,
                labels.Attribution,
                Accuracy = labels.AccuracyRatio,
                AccuracyBaseline = labels.AccuracyBaselineRatio,
                AccuracyThreshold = labels.AccuracyThresholdRatio,
                CrossEntropy = labels.CrossEntropyNats,
                CrossEntropyBaseline = labels.CrossEntropyBaselineNats,
                ExpectedCrossEntropy = labels.ExpectedCrossEntropyNats,
                Threshold = labels.ThresholdNats,
            },
            text.Link,
            text.Runbook,
        });
        if (explanation.Divergence is null)
        {
            json.Remove("divergence");
        }

        return json;
    }

    /// <summary>An alarm that has ended: what was said of it then.</summary>
    public static JsonObject Of(string model, StatusAlarm ended) => MonitorJson.Of(new
    {
        Model = model,
        ended.Segment,
        ended.Kind,
        ended.Severity,
        PagesAs = ended.PagesAs ?? ended.Severity,
        ended.Summary,
        Onset = ended.OnsetMs,
        ended.OnsetIsAtLeast,
        Began = ended.BeganMs,
        Ended = ended.EndedMs,
        First = new { ended.Window, To = ended.BeganMs, ended.Measure, ended.Value, ended.Threshold },
        ended.PeakRatio,
        ended.Windows,
        ended.ReferenceId,
    });

    private static object Of(Reading reading, WindowSpec window, long toMs) =>
        new { Window = window.Name, To = toMs, reading.Measure, reading.Value, reading.Threshold };

    private static Standing Of(WindowStanding of) => new(
        of.Series.Segment, of.Window.Name, of.ToMs, of.Ready, of.Events, of.Measure, of.Value, of.Threshold, of.Above, of.Pace,
        of.AboveSinceMs,
        of.LeftOut is { } leftOut
            ? new(leftOut.Ms / 1000.0, leftOut.Decided.Select(each => new Left(each.Measure, each.Value, each.Threshold)))
            : null);

    private sealed record Standing(
        string Segment,
        string Window,
        long To,
        bool Ready,
        long Events,
        Measure Measure,
        double? Value,
        double? Threshold,
        bool Above,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DriftPace? Pace,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AboveSince,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LeftOutOf? LeftOut);

    /// <summary>What a window is decided by where some of it has been reported.</summary>
    private sealed record LeftOutOf(double Seconds, IEnumerable<Left> Decided);

    private sealed record Left(Measure Measure, double Value, double Threshold);
}
