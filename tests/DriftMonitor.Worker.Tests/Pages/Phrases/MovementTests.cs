using DriftMonitor.Alarms;
using DriftMonitor.Worker.Pages.Phrases;

namespace DriftMonitor.Worker.Tests.Pages.Phrases;

/// <summary>The largest words on an alarm's page.</summary>
public sealed class MovementTests
{
    [Fact]
    public void Of_drifting_outputs_it_is_the_class_that_contributes_most() => Assert.Equal(
        new Movement("class", "8", "10.1 %", "33.5 %", "share of predictions that are this class: in the reference → in the last 5m"),
        Movement.Of(PageData.Alarm, PageData.Explanation));

    [Fact]
    public void Of_a_comparison_it_is_against_the_rest_of_the_traffic() => Assert.Equal(
        "share of predictions that are this class: in the rest of the traffic → in the last 5m",
        Movement.Of(PageData.Alarm with { Segment = "canary vs rest" }, PageData.Explanation)?.Meaning);

    [Theory]
    [InlineData(
        AlarmKind.CrossEntropy, Measure.CrossEntropyLabelTime, 0.2984, 0.7121,
        "cost of a label", "0.2984 nats", "0.7121 nats", "mean cross-entropy")]
    [InlineData(
        AlarmKind.PolicyKl, Measure.PolicyKlK3, 0.01, 0.2, "distance from the policy", "0.0100 nats", "0.2000 nats", "mean KL divergence")]
    [InlineData(
        AlarmKind.Dispersion, Measure.EntropyFall, 0.33, 0.21,
        "mean entropy of an output", "0.3300 nats", "0.1200 nats", "how unsure single outputs are")]
    [InlineData(
        AlarmKind.Dispersion, Measure.EntropyRise, 0.33, 0.21,
        "mean entropy of an output", "0.3300 nats", "0.5400 nats", "how unsure single outputs are")]
    public void Of_other_kinds_it_is_their_measure(
        AlarmKind kind, Measure measure, double was, double now, string subject, string from, string to, string meaning) => Assert.Equal(
        new Movement(subject, null, from, to, $"{meaning}: in the reference → in the last 5m"),
        Movement.Of(PageData.Alarm with { Kind = kind }, PageData.Explanation with
        {
            Baseline = was,
            Classes = [],
            Now = PageData.Explanation.Now! with { Measure = measure, Value = now },
        }));

    /// <summary>A fixed threshold needs no baseline.</summary>
    [Fact]
    public void Where_nobody_knows_from_what_it_moved_no_reference_is_named() => Assert.Equal(
        new Movement("cost of a label", null, null, "0.7121 nats", "mean cross-entropy in the last 5m"),
        Movement.Of(PageData.Alarm with { Kind = AlarmKind.CrossEntropy }, PageData.Explanation with
        {
            Baseline = null,
            Classes = [],
            Now = PageData.Explanation.Now! with { Measure = Measure.CrossEntropyLabelTime, Value = 0.7121 },
        }));

    [Fact]
    public void Of_accuracy_it_is_what_labels_say() => Assert.Equal(
        new Movement(
            "accuracy", null, "92.0 %", "81.2 %",
            $"share of labels that the prediction matches: in the reference → in the last {PageData.Explanation.Labels.Window}"),
        Movement.Of(PageData.Alarm with { Kind = AlarmKind.Accuracy }, PageData.Explanation));

    [Fact]
    public void Where_no_window_shows_it_now_it_is_what_began_it() => Assert.Equal(
        "0.1312 nats", Movement.Of(PageData.Alarm, PageData.Explanation with { Classes = [], Now = null })?.To);

    [Fact]
    public void Of_an_alarm_that_has_ended_only_its_summary_is_known() => Assert.Null(Movement.Of(PageData.Ended, explanation: null));
}
