using System.Globalization;
using System.Text;
using System.Text.Json;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>An alarm with its explanation as a few lines for people. Times are UTC, numbers nats.</summary>
public static class AlarmText
{
    private const int TopClasses = 5;
    private const int NamedSlices = 20;

    /// <summary>The lines, without one at the end.</summary>
    public static string Of(AlarmExplanation explanation)
    {
        var alarm = explanation.Alarm;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Words(alarm.Severity)}: {Words(alarm.Kind)} of {alarm.Series.Model}, segment {alarm.Series.Segment}, since {Time(alarm.BeganMs)}");
        text.Append(alarm.EndedMs is { } ended ? $" until {Time(ended)}" : "");
        text.Append(CultureInfo.InvariantCulture, $"\n  {ValueOf(explanation)}");
        if (explanation.Report is { Contributions.IsEmpty: false } report)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  classes: {string.Join(", ", report.Contributions.Take(TopClasses).Select(ClassOf))}");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n  windows: {string.Join("; ", explanation.Windows.Select(WindowOf))}");
        text.Append(CultureInfo.InvariantCulture, $"\n  segments: {SegmentsOf(explanation)}");
        text.Append(CultureInfo.InvariantCulture, $"\n  labels: {LabelsOf(explanation.Labels)}");
        return text.ToString();
    }

    private static string ValueOf(AlarmExplanation explanation)
    {
        var (alarm, now) = (explanation.Alarm, explanation.Now);
        var value = now is { Nats: not null, ThresholdNats: not null }
            ? $"{now.Measure} {NatsText.Of(now.Nats)} over {now.Window.Name}, threshold {NatsText.Of(now.ThresholdNats)}"
            : $"{alarm.Peak.Measure} {NatsText.Of(alarm.Peak.Nats)} over {alarm.PeakWindow.Name}, threshold {NatsText.Of(alarm.Peak.ThresholdNats)}";
        var budget = explanation.Budget is { } allowed ? $" (budget {allowed})" : " (fixed)";
        var divergence = explanation.Divergence is { } kl ? $", {kl.Measure} {NatsText.Of(kl.Nats)} of {NatsText.Of(kl.ThresholdNats)}" : "";
        var floor = explanation.NoiseFloorNats is { } nats ? $", noise floor {NatsText.Of(nats)}" : "";
        var events = now is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {now.Events} events");
        var reference = explanation.Report?.Reference is { } used ? string.Create(CultureInfo.InvariantCulture, $", reference {used.Id} version {used.Version}") : "";
        return $"{value}{budget}{divergence}{floor}{events}{reference}; at most {NatsText.Of(alarm.Peak.Nats)} over {alarm.PeakWindow.Name} at {Time(alarm.PeakMs)}";
    }

    private static string ClassOf(ClassContribution contribution) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DisplayText.Of(contribution.Class)} {contribution.Nats:+0.0000;-0.0000} ({contribution.LiveShare:0.0%} live, {contribution.ReferenceShare:0.0%} reference)");

    private static string WindowOf(WindowStanding state)
    {
        var compared = state.ThresholdNats is null ? $"{NatsText.Of(state.Nats)}, no threshold" : $"{NatsText.Of(state.Nats)} of {NatsText.Of(state.ThresholdNats)}";
        var since = state.AboveSinceMs is { } ms ? $" above since {Time(ms)}" : "";
        var pace = state is { Ready: true, Pace: DriftPace.Sudden or DriftPace.Gradual } ? $", {Words(state.Pace.Value)}" : "";
        return $"{state.Window.Name} {state.Measure} {(state.Ready ? compared : "not ready")}{since}{pace}";
    }

    private static string SegmentsOf(AlarmExplanation explanation) =>
        !explanation.Slices.IsEmpty ? $"only {string.Join(", ", explanation.Slices.Take(NamedSlices))}{OthersOf(explanation.Slices.Length)}"
        : explanation.Segments.IsEmpty ? "all traffic"
        : string.Create(CultureInfo.InvariantCulture, $"all traffic ({explanation.Segments.Count(state => state.Above)} of {explanation.Segments.Length} others above)");

    private static string OthersOf(int slices) => slices > NamedSlices ? string.Create(CultureInfo.InvariantCulture, $" and {slices - NamedSlices} others") : "";

    private static string LabelsOf(LabelEvidence labels) => labels.Window is not { } window
        ? Words(labels.Verdict)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Words(labels.Verdict)}: cross-entropy {NatsText.Of(labels.CrossEntropyNats)}, expected {NatsText.Of(labels.ExpectedCrossEntropyNats)}, threshold {NatsText.Of(labels.ThresholdNats)}, {labels.Events} labels over {window.Name} by {Words(labels.Attribution)}");

    private static string Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Words<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()).Replace('_', ' ');
}
