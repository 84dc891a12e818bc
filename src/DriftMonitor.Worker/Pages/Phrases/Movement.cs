using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>What moved, from what to what: the largest words on an alarm's page.</summary>
/// <param name="Subject">What moved, where it is no class.</param>
/// <param name="Class">The class that moved; null where it is none.</param>
/// <param name="From">What it was; null where that is not known.</param>
/// <param name="To">What it is.</param>
/// <param name="Meaning">What the numbers are, and of when.</param>
internal sealed record Movement(string Subject, string? Class, string? From, string To, string Meaning = "")
{
    private const string Matches = "share of labels that the prediction matches";

    /// <summary>The movement that says most of an alarm; null when nothing but its summary is known.</summary>
    public static Movement? Of(AlarmItem alarm, ExplainedAlarm? explanation) => explanation switch
    {
        null => null,
        { Classes: [var first, ..] } when alarm.Kind == AlarmKind.OutputDrift => Of(first) with
        {
            Meaning = Meant("share of predictions that are this class", explanation.Now?.Window, IsComparison(alarm)),
        },
        { Labels: { AccuracyRatio: { } accuracy } labels } when alarm.Kind == AlarmKind.Accuracy => new(
            "accuracy", null, Percent(labels.AccuracyBaselineRatio), NumberText.Percent(accuracy),
            Meant(Matches, labels.Window, hasFrom: labels.AccuracyBaselineRatio is not null)),
        { Now: { Value: { } wrong } now } when alarm.Kind == AlarmKind.Accuracy => new(
            "accuracy", null, Percent(1 - explanation.Baseline), NumberText.Percent(1 - wrong),
            Meant(Matches, now.Window, hasFrom: explanation.Baseline is not null)),
        { Now: { Value: { } cost } now } when alarm.Kind == AlarmKind.CrossEntropy => new(
            "cost of a label", null, Nats(explanation), Nats(cost),
            Meant("mean cross-entropy", now.Window, hasFrom: explanation.Baseline is not null)),
        { Now: { Value: { } far } now } when alarm.Kind == AlarmKind.PolicyKl => new(
            "distance from the policy", null, Nats(explanation), Nats(far),
            Meant("mean KL divergence", now.Window, hasFrom: explanation.Baseline is not null)),
        { Now: { Value: { } shift } now, Baseline: { } was } when alarm.Kind == AlarmKind.Dispersion => new(
            "mean entropy of an output", null, Nats(was), Nats(now.Measure == Measure.EntropyFall ? was - shift : was + shift),
            Meant("how unsure single outputs are", now.Window)),
        { Now: { Value: { } value } now } => new(
            AlarmTerms.NameOf(now.Measure), null, null, AlarmTerms.Value(now.Measure, value), $"over the last {now.Window}"),
        _ => new(
            AlarmTerms.NameOf(alarm.First.Measure), null, null, AlarmTerms.Value(alarm.First.Measure, alarm.First.Value),
            $"over {alarm.First.Window}, when it began"),
    };

    /// <summary>That of a class.</summary>
    public static Movement Of(ClassShare share) =>
        new("class", share.Class, NumberText.Percent(share.ReferenceShare), NumberText.Percent(share.LiveShare));

    private static string Meant(string what, string? window, bool isComparison = false, bool hasFrom = true)
    {
        var now = window is null ? "now" : $"in the last {window}";
        return hasFrom ? $"{what}: in the {(isComparison ? "rest of the traffic" : "reference")} → {now}" : $"{what} {now}";
    }

    private static bool IsComparison(AlarmItem alarm) => alarm.Segment.EndsWith(" vs rest", StringComparison.Ordinal);

    private static string? Percent(double? ratio) => ratio is null ? null : NumberText.Percent(ratio);

    private static string? Nats(ExplainedAlarm of) => of.Baseline is { } was ? Nats(was) : null;

    private static string Nats(double value) => $"{NumberText.Nats(value)} nats";
}
