using DriftMonitor.Display;
using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>
/// An explained alarm in words, part by part in the order in which somebody who is woken asks. Times are UTC, divergences and costs nats.
/// Immutable.
/// </summary>
public sealed class AlarmText
{
    private const int TopClasses = 5;
    private const int NamedSlices = 20;

    private AlarmText(AlarmExplanation explanation, AlarmSeverity severity)
    {
        var alarm = explanation.Alarm;
        Title = $"{SnakeCaseName.InWords(severity)}: {SnakeCaseName.InWords(alarm.Kind)} of {alarm.Series.Model}, segment "
            + alarm.Series.Segment;
        var moved = Movement(explanation);
        var onset = $"{(alarm.IsOnsetAtLeast ? "at least " : "")}since {TimeText.Utc(alarm.OnsetMs ?? alarm.BeganMs)}";
        var accuracy = alarm.Kind == AlarmKind.Accuracy ? "" : AccuracyOf(explanation.Labels, "; accuracy ");
        Summary = alarm.EndedMs is { } at
            ? $"Ended at {TimeText.Utc(at)}; now {moved[0]}{accuracy}."
            : $"{moved[0]}, {onset}{accuracy}.";
        MovedMost = moved[0];
        Onset = $"{onset}, alarm since {TimeText.Utc(alarm.BeganMs)}"
            + (alarm.EndedMs is { } ended ? $" until {TimeText.Utc(ended)}" : "");
        Moved = string.Join(", ", moved);
        Effect = EffectOf(explanation);
        Peak = $"{Measures.NameOf(alarm.Peak.Measure)} {Measures.TextOf(alarm.Peak.Measure, alarm.Peak.Value)} over "
            + $"{alarm.PeakWindow.Name} at {TimeText.Utc(alarm.PeakMs)}, threshold "
            + Measures.TextOf(alarm.Peak.Measure, alarm.Peak.Threshold);
        Now = NowOf(explanation);
        Windows = string.Join("; ", explanation.Windows.Select(WindowOf));
        Segments = SegmentsOf(explanation);
        Pace = PaceOf(explanation);
        Labels = LabelsOf(explanation.Labels);
        Link = $"/alarm?model={Uri.EscapeDataString(alarm.Series.Model)}&segment={Uri.EscapeDataString(alarm.Series.Segment)}"
            + $"&window={Uri.EscapeDataString(alarm.FirstWindow.Name)}&kind={SnakeCaseName.Of(alarm.Kind)}"
            + $"&severity={SnakeCaseName.Of(alarm.Severity)}&from={Instant(alarm.OnsetMs ?? alarm.BeganMs)}"
            + (alarm.EndedMs is { } to ? $"&to={Instant(to)}" : "");
        Runbook = $"/runbooks/Model{alarm.Kind}{severity}";
    }

    /// <summary>How urgent, what, of whom.</summary>
    public string Title { get; }

    /// <summary>What moved most, from what to what, since when, and what labels say: one sentence.</summary>
    public string Summary { get; }

    /// <summary>What moved most, from what to what.</summary>
    public string MovedMost { get; }

    /// <summary>What moved, from what to what.</summary>
    public string Moved { get; }

    /// <summary>How large the drift is.</summary>
    public string Effect { get; }

    /// <summary>Since when it has been there, where panes show it, and from when to when the alarm was on.</summary>
    public string Onset { get; }

    /// <summary>How far it went.</summary>
    public string Peak { get; }

    /// <summary>How far it is now, and by which threshold, events and reference.</summary>
    public string Now { get; }

    /// <summary>How each window stands to its threshold.</summary>
    public string Windows { get; }

    /// <summary>Whether it is all traffic, or which segments.</summary>
    public string Segments { get; }

    /// <summary>Whether it came suddenly or gradually.</summary>
    public string Pace { get; }

    /// <summary>Whether labels confirm it.</summary>
    public string Labels { get; }

    /// <summary>Where the monitor serves it, also after it has ended: its window, from its onset to its end.</summary>
    public string Link { get; }

    /// <summary>Where the monitor serves what to do.</summary>
    public string Runbook { get; }

    /// <summary>Says it by what is known.</summary>
    /// <param name="explanation">What is known.</param>
    /// <param name="pagedAs">The severity by which people hear of it; its own when null.</param>
    public static AlarmText Of(AlarmExplanation explanation, AlarmSeverity? pagedAs = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        return new AlarmText(explanation, pagedAs ?? explanation.Alarm.Severity);
    }

    /// <summary>All parts, a line each, without one at the end.</summary>
    public override string ToString() => string.Join(
        "\n  ",
        $"{Title}\n{Summary}",
        $"moved: {Moved}",
        $"effect: {Effect}",
        $"onset: {Onset}",
        $"peak: {Peak}",
        $"now: {Now}",
        $"windows: {Windows}",
        $"segments: {Segments}",
        $"pace: {Pace}",
        $"labels: {Labels}",
        $"link: {Link}",
        $"runbook: {Runbook}");

    private static string Instant(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private static string[] Movement(AlarmExplanation explanation)
    {
        var peak = explanation.Alarm.Peak;
        var (value, threshold) = (explanation.Now?.Value ?? peak.Value, explanation.Now?.Threshold ?? peak.Threshold);
        var (nats, limit) = (NumberText.Nats(value), NumberText.Nats(threshold));
        var was = explanation.Baseline is { } baseline ? $", was {NumberText.Nats(baseline)}," : "";
        return explanation switch
        {
            { Alarm.Kind: AlarmKind.CrossEntropy } => [$"a label costs {nats} nats{was} and may cost {limit}"],
            { Alarm.Kind: AlarmKind.Accuracy } =>
                [$"accuracy is {NumberText.Percent(1 - value)}{WasOf(explanation.Labels)}, and may be {NumberText.Percent(1 - threshold)}"],
            { Alarm.Kind: AlarmKind.Dispersion } =>
            [
                $"single outputs are {(IsSurer(explanation) ? "surer" : "less sure")} than they were: their mean entropy is "
                + $"{NumberText.Nats(explanation.Report?.Dispersion.LiveNats)} nats instead of "
                + $"{NumberText.Nats(explanation.Report?.Dispersion.ReferenceNats)}",
            ],
            { Alarm.Kind: AlarmKind.PolicyKl } => [$"the policy is {nats} nats from its reference policy{was} and may be {limit}"],
            { Report.Contributions: { IsEmpty: false } classes } =>
            [
                .. classes.Take(TopClasses).Select((moved, i) =>
                    $"{DisplayText.Of(moved.Class)} {(i == 0 ? "is predicted " : "")}{NumberText.Percent(moved.LiveShare)}"
                    + $"{(i == 0 ? " of the time" : "")} instead of {NumberText.Percent(moved.ReferenceShare)}"
                    + (i == 0 && explanation.Alarm.Series.IsComparison ? " in the rest of the traffic" : "")),
            ],
            { Alarm.Series.IsComparison: true } => [$"the outputs are {nats} nats from the rest of the traffic"],
            _ => [$"the outputs are {nats} nats from their reference"],
        };
    }

    /// <summary>By what is shown beside it; by the alarm where nothing is known any more.</summary>
    private static bool IsSurer(AlarmExplanation explanation) =>
        explanation.Report?.Dispersion.ShiftNats is { } shift ? shift < 0 : explanation.Alarm.Peak.Measure == Measure.EntropyFall;

    private static string EffectOf(AlarmExplanation explanation)
    {
        return explanation switch
        {
            { Effect: null } => "unknown",
            { Alarm.Kind: AlarmKind.OutputDrift } =>
                $"{NumberText.Nats(explanation.Effect)} above the noise floor of {NumberText.Nats(explanation.NoiseFloorNats)}{Least(1)}",
            { Alarm.Kind: AlarmKind.Accuracy, Effect: { } effect } => string.Create(
                CultureInfo.InvariantCulture,
                $"{effect * 100:0.0} points below the {NumberText.Percent(1 - explanation.Baseline!.Value)} of the reference{Least(100)}"),
            { Alarm.Kind: AlarmKind.Dispersion } =>
                $"{NumberText.Nats(explanation.Effect)} {(explanation.Alarm.Peak.Measure == Measure.EntropyFall ? "below" : "above")} the "
                + $"mean entropy of the reference's outputs{Least(1)}",
            _ => $"{NumberText.Nats(explanation.Effect)} above the {NumberText.Nats(explanation.Baseline)} of the reference{Least(1)}",
        };

        string Least(double units) =>
            string.Create(CultureInfo.InvariantCulture, $"; an alarm needs at least {units * explanation.SmallestEffect:G4}");
    }

    private static string NowOf(AlarmExplanation explanation)
    {
        if (explanation.Now is not { Value: not null } now)
        {
            return "no window is left that shows it";
        }

        var budget = explanation.Budget is { } allowed ? $" (budget {allowed})" : " (fixed)";
        var divergence = explanation.Divergence is { } kl
            ? $", {Measures.NameOf(kl.Measure)} {NumberText.Nats(kl.Value)} of {NumberText.Nats(kl.Threshold)}"
            : "";
        var reference = explanation.Report?.Reference is { } used
            ? string.Create(CultureInfo.InvariantCulture, $", reference {used.Id} version {used.Version}")
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Measures.NameOf(now.Measure)} {Measures.TextOf(now.Measure, now.Value)} over {now.Window.Name}, threshold "
            + $"{Measures.TextOf(now.Measure, now.Threshold)}{budget}{divergence}, {now.Events} events{reference}");
    }

    private static string WindowOf(WindowStanding state)
    {
        var value = Measures.TextOf(state.Measure, state.Value);
        var compared = state.Threshold is null ? $"{value}, no threshold" : $"{value} of {Measures.TextOf(state.Measure, state.Threshold)}";
        var since = state.AboveSinceMs is { } ms ? $" above since {TimeText.Utc(ms)}" : "";
        if (state.LeftOut is { } leftOut)
        {
            since += $", without {DurationText.Rounded(leftOut.Ms)} that alarms have reported: "
                + (
                    state.Left is { } decided
                        ? $"{Measures.TextOf(decided.Measure, decided.Value)} of {Measures.TextOf(decided.Measure, decided.Threshold)}"
                        : "too little is left");
        }

        return $"{state.Window.Name} {Measures.NameOf(state.Measure)} {(state.Ready ? compared : "not ready")}{since}";
    }

    private static string SegmentsOf(AlarmExplanation explanation) =>
        explanation.Alarm.Series.IsComparison ? $"{explanation.Alarm.Series.Segment} of the model's live traffic"
        : !explanation.Slices.IsEmpty
            ? $"only {string.Join(", ", explanation.Slices.Take(NamedSlices))}{OthersOf(explanation.Slices.Length)}"
        : explanation.Segments.IsEmpty ? "all traffic"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"all traffic ({explanation.Segments.Count(state => state.Above)} of {explanation.Segments.Length} others above)");

    private static string OthersOf(int slices) =>
        slices > NamedSlices ? string.Create(CultureInfo.InvariantCulture, $" and {slices - NamedSlices} others") : "";

    private static string PaceOf(AlarmExplanation explanation)
    {
        var known = explanation.Windows
            .Where(state => state is { Ready: true, Pace: DriftPace.Sudden or DriftPace.Gradual })
            .Select(state => $"{SnakeCaseName.InWords(state.Pace!.Value)} over {state.Window.Name}");
        return string.Join(", ", known.DefaultIfEmpty("unknown"));
    }

    private static string LabelsOf(LabelEvidence labels)
    {
        var verdict = SnakeCaseName.InWords(labels.Verdict);
        if (labels.Window is not { } window)
        {
            return verdict;
        }

        var least = labels.AccuracyThresholdRatio is { } ratio ? $", threshold {NumberText.Percent(ratio)}" : "";
        var was = labels.CrossEntropyBaselineNats is { } baseline ? $", was {NumberText.Nats(baseline)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict}: {AccuracyOf(labels, "accuracy ", $"{least}, ")}cross-entropy "
            + $"{NumberText.Nats(labels.CrossEntropyNats)}{was}, expected "
            + $"{NumberText.Nats(labels.ExpectedCrossEntropyNats)}, threshold {NumberText.Nats(labels.ThresholdNats)}, "
            + $"{labels.Events} labels "
            + $"over {window.Name} by {SnakeCaseName.InWords(labels.Attribution)}");
    }

    private static string AccuracyOf(LabelEvidence labels, string before, string after = "") =>
        labels.AccuracyRatio is { } accuracy ? $"{before}{NumberText.Percent(accuracy)}{WasOf(labels)}{after}" : "";

    private static string WasOf(LabelEvidence labels) =>
        labels.AccuracyBaselineRatio is { } baseline ? $", was {NumberText.Percent(baseline)}" : "";
}
