using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Mvc;

namespace DriftMonitor.Worker.Http;

/// <summary>One alarm that is on.</summary>
internal readonly record struct AlarmKey
{
    [FromQuery(Name = "model")]
    public required string Model { get; init; }

    [FromQuery(Name = "segment")]
    public required string Segment { get; init; }

    [FromQuery(Name = "kind")]
    public required SnakeName<AlarmKind> Kind { get; init; }

    /// <summary>The alarm's own severity, whatever people hear of it.</summary>
    [FromQuery(Name = "severity")]
    public required SnakeName<AlarmSeverity> Severity { get; init; }

    [FromQuery(Name = "window")]
    public required string Window { get; init; }

    [FromQuery(Name = "began_ms")]
    public required long BeganMs { get; init; }

    public bool IsOf(AlarmItem alarm) =>
        (Model, Segment, Kind.Value, Severity.Value, Window, BeganMs)
        == (alarm.Model, alarm.Segment, alarm.Kind, alarm.Severity, alarm.First.Window, alarm.BeganMs);

    /// <summary>The query that says it.</summary>
    public string Query() => string.Create(
        CultureInfo.InvariantCulture,
        $"?model={Uri.EscapeDataString(Model)}&segment={Uri.EscapeDataString(Segment)}&kind={SnakeCaseName.Of(Kind.Value)}"
        + $"&severity={SnakeCaseName.Of(Severity.Value)}&window={Uri.EscapeDataString(Window)}&began_ms={BeganMs}");
}
