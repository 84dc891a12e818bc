using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.Views;

/// <summary>How a window stands to its threshold.</summary>
/// <param name="Segment">The slice of traffic.</param>
/// <param name="Window">The window's name.</param>
/// <param name="ToMs">Its exclusive end, epoch milliseconds of event time.</param>
/// <param name="Ready">Whether it may raise an alarm.</param>
/// <param name="Events">How many events, or labels, the value is of.</param>
/// <param name="Measure">Which value: the one furthest above its threshold, or least below.</param>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Threshold">Its threshold; null when there is none, or it has not been worked out yet.</param>
/// <param name="Above">Whether it is above.</param>
/// <param name="Pace">Whether its drift came suddenly or gradually; left out for what is no drift of outputs.</param>
/// <param name="AboveSinceMs">Since when it has been above.</param>
/// <param name="LeftOut">What it is decided by where alarms have reported some of it.</param>
/// <param name="Readiness">Why it may raise no alarm yet; left out where it may, and where that is not known.</param>
/// <param name="ReadyMs">When it will be complete, event time; left out where it is, or where nobody knows.</param>
/// <param name="MinimumEvents">How many events, or labels, it needs; left out where it may raise an alarm.</param>
internal sealed record StandingItem(
    string Segment, string Window, long ToMs, bool Ready, long Events, Measure Measure, double? Value, double? Threshold, bool Above,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DriftPace? Pace = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AboveSinceMs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LeftOutItem? LeftOut = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Readiness? Readiness = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ReadyMs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? MinimumEvents = null)
{
    public static StandingItem Of(WindowStanding of) => new(
        of.Series.Segment, of.Window.Name, of.ToMs, of.Ready, of.Events, of.Measure, of.Value, of.Threshold, of.Above, of.Pace,
        of.AboveSinceMs, of.LeftOut is { } left ? new(left.Ms / 1000.0, [.. left.Decided.Select(PlainValue.Of)]) : null);
}
