using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Mvc;

namespace DriftMonitor.Worker.Http;

/// <summary>Which alarms a request is about.</summary>
internal readonly record struct AlarmQuery
{
    [FromQuery(Name = "model")]
    public string? Model { get; init; }

    [FromQuery(Name = "segment")]
    public string? Segment { get; init; }

    [FromQuery(Name = "window")]
    public string? Window { get; init; }

    [FromQuery(Name = "kind")]
    public SnakeName<AlarmKind>? Kind { get; init; }

    [FromQuery(Name = "severity")]
    public SnakeName<AlarmSeverity>? Severity { get; init; }

    [FromQuery(Name = "on")]
    public bool? On { get; init; }

    [FromQuery(Name = "from")]
    public Instant? From { get; init; }

    [FromQuery(Name = "to")]
    public Instant? To { get; init; }

    [FromQuery(Name = "began_ms")]
    public long? BeganMs { get; init; }

    [FromQuery(Name = "search")]
    public string? Search { get; init; }

    /// <summary>The filter that it says.</summary>
    public AlarmFilter Filter() =>
        new(Model, Segment, Window, Kind?.Value, Severity?.Value, On, From?.Ms, To?.Ms, BeganMs, Search);
}
