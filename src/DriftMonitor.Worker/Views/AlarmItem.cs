using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Views;

/// <summary>An alarm, as lists show it. Times are epoch milliseconds of event time.</summary>
/// <param name="Model">The model.</param>
/// <param name="Segment">The slice of traffic, <c>_all</c> for all of it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Severity">How urgent.</param>
/// <param name="PagesAs">How urgent it is to people, which <c>MaxSeverity</c> of its model bounds.</param>
/// <param name="Basis">Where its threshold comes from: <c>budget</c> or <c>fixed</c>.</param>
/// <param name="Pages">Whether somebody has to hear of it; not where an alarm that had just ended said it already.</param>
/// <param name="Summary">One sentence: what moved, from what to what, since when; null while that is being worked out.</param>
/// <param name="OnsetMs">When the drift began; null where that is not known.</param>
/// <param name="OnsetIsAtLeast">Whether the drift may be older.</param>
/// <param name="BeganMs">The end of the window by which the alarm began.</param>
/// <param name="EndedMs">The end of the window by which it ended; null while it is on.</param>
/// <param name="First">What was above its threshold when it began.</param>
/// <param name="PeakRatio">How many times its threshold the value has been at most.</param>
/// <param name="PeakMs">When.</param>
/// <param name="Windows">The windows that have been above, the first to be so first.</param>
/// <param name="ReferenceId">The reference that it is a drift from; null where there is none.</param>
/// <param name="Owner">Whose the model is; null when nobody has said so.</param>
/// <param name="Team">Whom its alerts reach; likewise.</param>
/// <param name="Acknowledged">Who works on it; null for nobody.</param>
/// <param name="Replica">The replica that decides it.</param>
internal sealed record AlarmItem(
    string Model, string Segment, AlarmKind Kind, AlarmSeverity Severity, AlarmSeverity PagesAs, string Basis, bool Pages,
    string? Summary, long? OnsetMs, bool OnsetIsAtLeast, long BeganMs, long? EndedMs, MeasuredValue First, double PeakRatio, long PeakMs,
    ImmutableArray<string> Windows, string? ReferenceId, string? Owner, string? Team, Acknowledgement? Acknowledged, string? Replica)
{
    /// <summary>Whether the replica that decides it is gone: then it is as that one last said.</summary>
    public bool IsOwnerGone { get; init; }

    /// <summary>Since when the drift is there, as far as is known: its onset, else when the alarm began.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long SinceMs => OnsetMs ?? BeganMs;

    /// <summary>An alarm by its status.</summary>
    /// <param name="model">Whose.</param>
    /// <param name="replica">Who decides it; null where that is not said.</param>
    public static AlarmItem Of(string model, StatusAlarm of, ModelOwner owner, string? replica) => new(
        model, of.Segment, of.Kind, of.Severity, of.PagesAs ?? of.Severity, of.Basis, of.Pages, of.Summary, of.OnsetMs, of.OnsetIsAtLeast,
        of.BeganMs, of.EndedMs, new MeasuredValue(of.Window, of.BeganMs, of.Measure, of.Value, of.Threshold), of.PeakRatio, of.PeakMs,
        of.Windows, of.ReferenceId, ViewText.NullIfEmpty(owner.Owner), ViewText.NullIfEmpty(owner.Team), of.Acknowledged, replica);

}
