using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.Views;

/// <summary>
/// What explains an alarm. Times are epoch milliseconds of event time; divergences and losses nats, accuracy and error rates ratios;
/// undefined is null.
/// </summary>
/// <param name="Effect">How large the drift is now, in the unit of its measure.</param>
/// <param name="SmallestEffect">The least that is worth an alarm.</param>
/// <param name="Baseline">
/// The mean in the reference of what the alarm is about, the entropy of single outputs for one of dispersion; null of their distribution.
/// </param>
/// <param name="FalseAlarmBudget">How often such an alarm may be false; null for a fixed threshold.</param>
/// <param name="Peak">How far it went.</param>
/// <param name="Now">The window that explains it now; null when there is none any more.</param>
/// <param name="NoiseFloorNats">What KL shows over that window with no drift at all.</param>
/// <param name="ReferenceVersion">The version of the reference that it is a drift from.</param>
/// <param name="Classes">The classes that contribute most, the largest first.</param>
/// <param name="Windows">All windows of the series, the shortest first.</param>
/// <param name="AllTraffic">Whether it is all traffic, and no segment alone.</param>
/// <param name="Slices">The segments that are above where others are not.</param>
/// <param name="Segments">The same window of the model's other series, all traffic first.</param>
/// <param name="Labels">Whether labels confirm it.</param>
/// <param name="Text">The same in words.</param>
/// <param name="Link">The page of the alarm, from the root of the monitor.</param>
/// <param name="Runbook">What to do: a page from the root of the monitor, or the address of the model's own.</param>
/// <param name="Divergence">Where a CUSUM explains it, the divergence of the same window; left out otherwise.</param>
internal sealed record ExplainedAlarm(
    double? Effect, double SmallestEffect, double? Baseline, string? FalseAlarmBudget, MeasuredValue Peak, StandingItem? Now,
    double? NoiseFloorNats, int? ReferenceVersion, ImmutableArray<ClassShare> Classes, ImmutableArray<StandingItem> Windows,
    bool AllTraffic, ImmutableArray<string> Slices, ImmutableArray<StandingItem> Segments, LabelFindings Labels, AlarmTextView Text,
    string Link, string Runbook,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlainValue? Divergence = null)
{
    /// <param name="ownRunbook">The model's own runbook; empty for none.</param>
    public static ExplainedAlarm Of(AlarmExplanation of, AlarmSeverity pagesAs, string ownRunbook)
    {
        var (alarm, report, text) = (of.Alarm, of.Report, AlarmText.Of(of, pagesAs));
        return new(
            of.Effect, of.SmallestEffect, alarm.Kind == AlarmKind.Dispersion ? report?.Dispersion.ReferenceNats : of.Baseline,
            of.Budget?.ToString(),
            new MeasuredValue(alarm.PeakWindow.Name, alarm.PeakMs, alarm.Peak.Measure, alarm.Peak.Value, alarm.Peak.Threshold),
            of.Now is { } now ? StandingItem.Of(now) : null,
            of.NoiseFloorNats, report?.Reference?.Version,
            [.. (report?.Contributions ?? []).Select(ClassShare.Of)], [.. of.Windows.Select(StandingItem.Of)], of.Slices.IsEmpty, of.Slices,
            [.. of.Segments.Select(StandingItem.Of)], LabelFindings.Of(of.Labels), AlarmTextView.Of(text), text.Link,
            ownRunbook.Length > 0 ? ownRunbook : text.Runbook, of.Divergence is { } divergence ? PlainValue.Of(divergence) : null);
    }
}
