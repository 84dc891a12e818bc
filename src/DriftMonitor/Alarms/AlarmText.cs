using System.Text;
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
        text.Append(
            CultureInfo.InvariantCulture,
            $"{SnakeCaseName.InWords(alarm.Severity)}: {SnakeCaseName.InWords(alarm.Kind)} of {alarm.Series.Model}, segment "
            + $"{alarm.Series.Segment}, since {TimeText.Utc(alarm.BeganMs)}");
        text.Append(alarm.EndedMs is { } ended ? $" until {TimeText.Utc(ended)}" : "");
        text.Append(CultureInfo.InvariantCulture, $"\n  {ValueOf(explanation)}");
        if (explanation.Report is { Contributions.IsEmpty: false } report)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"\n  classes: {string.Join(", ", report.Contributions.Take(TopClasses).Select(ClassOf))}");
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
            ? $"{Measures.NameOf(now.Measure)} {NumberText.Nats(now.Nats)} over {now.Window.Name}, threshold "
                + $"{NumberText.Nats(now.ThresholdNats)}"
            : $"{Measures.NameOf(alarm.Peak.Measure)} {NumberText.Nats(alarm.Peak.Nats)} over {alarm.PeakWindow.Name}, threshold "
                + $"{NumberText.Nats(alarm.Peak.ThresholdNats)}";
        var budget = explanation.Budget is { } allowed ? $" (budget {allowed})" : " (fixed)";
        var divergence = explanation.Divergence is { } kl
            ? $", {Measures.NameOf(kl.Measure)} {NumberText.Nats(kl.Nats)} of {NumberText.Nats(kl.ThresholdNats)}"
            : "";
        var floor = explanation.NoiseFloorNats is { } nats ? $", noise floor {NumberText.Nats(nats)}" : "";
        var events = now is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {now.Events} events");
        var reference = explanation.Report?.Reference is { } used
            ? string.Create(CultureInfo.InvariantCulture, $", reference {used.Id} version {used.Version}")
            : "";
        return $"{value}{budget}{divergence}{floor}{events}{reference}; at most {NumberText.Nats(alarm.Peak.Nats)} over "
            + $"{alarm.PeakWindow.Name} at {TimeText.Utc(alarm.PeakMs)}";
    }

    private static string ClassOf(ClassContribution contribution) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DisplayText.Of(contribution.Class)} {contribution.Nats:+0.0000;-0.0000} ({contribution.LiveShare:0.0%} live, "
        + $"{contribution.ReferenceShare:0.0%} reference)");

    private static string WindowOf(WindowStanding state)
    {
        var compared = state.ThresholdNats is null
            ? $"{NumberText.Nats(state.Nats)}, no threshold"
            : $"{NumberText.Nats(state.Nats)} of {NumberText.Nats(state.ThresholdNats)}";
        var since = state.AboveSinceMs is { } ms ? $" above since {TimeText.Utc(ms)}" : "";
        var pace = state is { Ready: true, Pace: DriftPace.Sudden or DriftPace.Gradual }
            ? $", {SnakeCaseName.InWords(state.Pace.Value)}"
            : "";
        return $"{state.Window.Name} {Measures.NameOf(state.Measure)} {(state.Ready ? compared : "not ready")}{since}{pace}";
    }

    private static string SegmentsOf(AlarmExplanation explanation) =>
        !explanation.Slices.IsEmpty ? $"only {string.Join(", ", explanation.Slices.Take(NamedSlices))}{OthersOf(explanation.Slices.Length)}"
        : explanation.Segments.IsEmpty ? "all traffic"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"all traffic ({explanation.Segments.Count(state => state.Above)} of {explanation.Segments.Length} others above)");

    private static string OthersOf(int slices) =>
        slices > NamedSlices ? string.Create(CultureInfo.InvariantCulture, $" and {slices - NamedSlices} others") : "";

    private static string LabelsOf(LabelEvidence labels) => labels.Window is not { } window
        ? SnakeCaseName.InWords(labels.Verdict)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{SnakeCaseName.InWords(labels.Verdict)}: cross-entropy {NumberText.Nats(labels.CrossEntropyNats)}, expected "
            + $"{NumberText.Nats(labels.ExpectedCrossEntropyNats)}, threshold {NumberText.Nats(labels.ThresholdNats)}, "
            + $"{labels.Events} labels over {window.Name} by {SnakeCaseName.InWords(labels.Attribution)}");
}
