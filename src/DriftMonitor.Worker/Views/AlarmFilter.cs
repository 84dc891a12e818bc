namespace DriftMonitor.Worker.Views;

/// <summary>Which alarms are asked for; null for any.</summary>
/// <param name="Model">Those of a model.</param>
/// <param name="Segment">Of a slice of traffic.</param>
/// <param name="Window">That began by a window of this name.</param>
/// <param name="Kind">About this.</param>
/// <param name="Severity">That have this severity, or reach people with it.</param>
/// <param name="On">True for those that are on, false for those that have ended.</param>
/// <param name="FromMs">Not those that were over before this time, epoch milliseconds of event time.</param>
/// <param name="ToMs">Not those whose drift came after it.</param>
/// <param name="BeganMs">That one which began then.</param>
/// <param name="Search">Those whose model, segment, owner or team holds this text.</param>
internal sealed record AlarmFilter(
    string? Model = null, string? Segment = null, string? Window = null, AlarmKind? Kind = null, AlarmSeverity? Severity = null,
    bool? On = null, long? FromMs = null, long? ToMs = null, long? BeganMs = null, string? Search = null)
{
    /// <summary>Of the alarms that match, the one that is meant: on before ended, then of that severity, then the most urgent.</summary>
    public AlarmItem? First(IEnumerable<AlarmItem> alarms) => alarms.Where(Matches)
        .OrderBy(alarm => alarm.EndedMs is not null)
        .ThenBy(alarm => alarm.Severity != (Severity ?? alarm.Severity))
        .ThenBy(alarm => alarm, AlarmOrder.ByUrgency)
        .FirstOrDefault();

    /// <summary>The filter that only an alarm which matches this one passes.</summary>
    public AlarmFilter Only(AlarmItem alarm) => this with
    {
        Model = alarm.Model,
        Segment = alarm.Segment,
        Window = alarm.First.Window,
        Kind = alarm.Kind,
        Severity = alarm.Severity,
        BeganMs = alarm.BeganMs,
        Search = null,
    };

    public bool Matches(AlarmItem alarm) =>
        (Model ?? alarm.Model) == alarm.Model
        && (Segment ?? alarm.Segment) == alarm.Segment
        && (Window ?? alarm.First.Window) == alarm.First.Window
        && (Kind ?? alarm.Kind) == alarm.Kind
        && (Severity is null || Severity == alarm.PagesAs || Severity == alarm.Severity)
        && (On ?? (alarm.EndedMs is null)) == (alarm.EndedMs is null)
        && !(alarm.EndedMs < FromMs)
        && !(alarm.SinceMs > ToMs)
        && (BeganMs ?? alarm.BeganMs) == alarm.BeganMs
        && (string.IsNullOrEmpty(Search)
            || new[] { alarm.Model, alarm.Segment, alarm.Owner, alarm.Team }.Any(
                text => text?.Contains(Search, StringComparison.OrdinalIgnoreCase) == true));
}
