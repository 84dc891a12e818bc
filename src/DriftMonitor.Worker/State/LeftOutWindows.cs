using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The windows that are decided by what is left of them, as exported: gone when nothing is left out any more.</summary>
/// <remarks>
/// The label sets are {kind,model,segment,severity,window}. Estimates of one policy divergence, each decided for itself, are one series.
/// </remarks>
internal sealed class LeftOutWindows : ShownBySeries<LeftOut>
{
    protected override (AlarmKind Kind, AlarmSeverity Severity, bool Calibrated, string Window) KeyOf(LeftOut value) =>
        (value.Kind, value.Severity, true, value.Window.Name);

    protected override LeftOut Together(LeftOut[] same) =>
        same.MaxBy(each => each.Ms)! with { Decided = [.. same.SelectMany(each => each.Decided)] };

    protected override Tags LabelsOf(LeftOut value) =>
    [
        new("kind", SnakeCaseName.Of(value.Kind)),
        new("model", value.Series.Model),
        new("segment", value.Series.Segment),
        new("severity", SnakeCaseName.Of(value.Severity)),
        new("window", value.Window.Name),
    ];
}
