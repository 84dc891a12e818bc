using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.Views;

/// <summary>Whether labels confirm an alarm, and by which numbers; those are left out without labels.</summary>
/// <param name="Verdict">What they say.</param>
/// <param name="Events">How many labels.</param>
/// <param name="Window">Over which window.</param>
/// <param name="Attribution">By whose time.</param>
/// <param name="AccuracyRatio">The share whose most probable class was the label's.</param>
/// <param name="AccuracyBaselineRatio">What it was in the reference.</param>
/// <param name="AccuracyThresholdRatio">What it may be at least.</param>
/// <param name="CrossEntropyNats">What they cost, nats a label.</param>
/// <param name="CrossEntropyBaselineNats">What they cost in the reference.</param>
/// <param name="ExpectedCrossEntropyNats">What the model itself expected.</param>
/// <param name="CrossEntropyThresholdNats">What they may cost.</param>
internal sealed record LabelFindings(
    LabelVerdict Verdict, long Events,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Window = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Attribution? Attribution = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AccuracyRatio = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AccuracyBaselineRatio = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? AccuracyThresholdRatio = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? CrossEntropyNats = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? CrossEntropyBaselineNats = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ExpectedCrossEntropyNats = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? CrossEntropyThresholdNats = null)
{
    public static LabelFindings Of(LabelEvidence of) => of.Window is null
        ? new(of.Verdict, of.Events, null, null, null, null, null, null, null, null, null)
        : new(
            of.Verdict, of.Events, of.Window.Name, of.Attribution, of.AccuracyRatio, of.AccuracyBaselineRatio, of.AccuracyThresholdRatio,
            of.CrossEntropyNats, of.CrossEntropyBaselineNats, of.ExpectedCrossEntropyNats, of.ThresholdNats);
}
