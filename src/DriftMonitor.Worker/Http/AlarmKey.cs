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

    /// <summary>What tells it from others.</summary>
    public AlarmFilter Filter() => new(Model, Segment, Window, Kind.Value, Severity.Value, On: true, BeganMs: BeganMs);
}
