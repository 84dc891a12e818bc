using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>What moved, from what to what: the largest words on an alarm's page.</summary>
/// <param name="Subject">What moved, where it is no class.</param>
/// <param name="Class">The class that moved; null where it is none.</param>
/// <param name="From">What it was; null where that is not known.</param>
/// <param name="To">What it is.</param>
/// <param name="Meaning">What the numbers are, and of when; empty where the subject says it.</param>
internal sealed record Movement(string Subject, string? Class, string? From, string To, string Meaning = "")
{
    /// <summary>The movement that says most of an alarm; null when nothing but its summary is known.</summary>
    public static Movement? Of(AlarmItem alarm, ExplainedAlarm? explanation) => explanation switch
    {
        null => null,
        { Classes: [var first, ..] } when alarm.Kind == AlarmKind.OutputDrift => Of(first) with
        {
            Meaning = $"share of predictions that are this class: in the {(IsComparison(alarm) ? "rest of the traffic" : "reference")}"
                + $" → {(explanation.Now is { } now ? $"in the last {now.Window}" : "now")}",
        },
        { Labels: { AccuracyRatio: { } accuracy } labels } when alarm.Kind == AlarmKind.Accuracy =>
            new("accuracy", null, Percent(labels.AccuracyBaselineRatio), NumberText.Percent(accuracy)),
        { Now.Value: { } wrong } when alarm.Kind == AlarmKind.Accuracy =>
            new("accuracy", null, Percent(1 - explanation.Baseline), NumberText.Percent(1 - wrong)),
        { Now.Value: { } cost } when alarm.Kind == AlarmKind.CrossEntropy => new("cost of a label", null, Nats(explanation), Nats(cost)),
        { Now.Value: { } far } when alarm.Kind == AlarmKind.PolicyKl => new("distance from the policy", null, Nats(explanation), Nats(far)),
        { Now: { Value: { } shift } now, Baseline: { } was } when alarm.Kind == AlarmKind.Dispersion =>
            new("mean entropy of an output", null, Nats(was), Nats(now.Measure == Measure.EntropyFall ? was - shift : was + shift)),
        { Now: { Value: { } value } now } => new(AlarmTerms.NameOf(now.Measure), null, null, AlarmTerms.Value(now.Measure, value)),
        _ => new(AlarmTerms.NameOf(alarm.First.Measure), null, null, AlarmTerms.Value(alarm.First.Measure, alarm.First.Value)),
    };

    /// <summary>That of a class.</summary>
    public static Movement Of(ClassShare share) =>
        new("class", share.Class, NumberText.Percent(share.ReferenceShare), NumberText.Percent(share.LiveShare));

    private static bool IsComparison(AlarmItem alarm) => alarm.Segment.EndsWith(" vs rest", StringComparison.Ordinal);

    private static string? Percent(double? ratio) => ratio is null ? null : NumberText.Percent(ratio);

    private static string? Nats(ExplainedAlarm of) => of.Baseline is { } was ? Nats(was) : null;

    private static string Nats(double value) => $"{NumberText.Nats(value)} nats";
}
