using DriftMonitor.Worker.Configuration;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The alarms that are on and that somebody has to hear of, as exported: one series for each, gone when it ends.</summary>
/// <remarks>
/// The label sets are {basis,kind,model,segment,severity,window}: the window is that by which the alarm began. Alarms with the same labels
/// are one series, by the first of them, as long as any is on. The severity is that by which people hear of it
/// (<see cref="ModelOwners.PagedAs"/>).
/// </remarks>
internal sealed class ActiveAlarms(ModelOwners owners) : ShownBySeries<Alarm>
{
    /// <summary>The severity by which people hear of an alarm.</summary>
    public AlarmSeverity PagedAs(Alarm alarm) => owners.PagedAs(alarm.Series.Model, alarm.Severity);

    protected override bool IsShown(Alarm value) => value.Pages;

    protected override (AlarmKind Kind, AlarmSeverity Severity, bool Calibrated, string Window) KeyOf(Alarm value) =>
        (value.Kind, PagedAs(value), value.Calibrated, value.FirstWindow.Name);

    protected override Alarm Together(Alarm[] same) => same.MinBy(alarm => alarm.BeganMs)!;

    protected override Tags LabelsOf(Alarm value) =>
    [
        new("basis", value.Calibrated ? "budget" : "fixed"),
        new("kind", SnakeCaseName.Of(value.Kind)),
        new("model", value.Series.Model),
        new("segment", value.Series.Segment),
        new("severity", SnakeCaseName.Of(PagedAs(value))),
        new("window", value.FirstWindow.Name),
    ];
}
