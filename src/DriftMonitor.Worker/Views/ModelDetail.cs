namespace DriftMonitor.Worker.Views;

/// <summary>All that is known of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Alarms">Its alarms that are on, the most urgent first.</param>
/// <param name="Ended">The last ones that ended, the last to end first.</param>
/// <param name="Windows">The windows of its outputs, all traffic first, then by segment, the shortest first.</param>
/// <param name="OmittedWindows">How many windows of further segments there are.</param>
/// <param name="Labels">The windows of its labels, of all traffic.</param>
/// <param name="Shares">The classes' shares in <see cref="SharesWindow"/> and in the reference, those that contribute most first.</param>
/// <param name="SharesWindow">The name of that window: the shortest that is ready, else the shortest with events; null for none.</param>
/// <param name="Reference">The reference in use; null for none.</param>
internal sealed record ModelDetail(
    ModelItem Model, ImmutableArray<AlarmItem> Alarms, ImmutableArray<AlarmItem> Ended, ImmutableArray<WindowItem> Windows,
    int OmittedWindows, ImmutableArray<LabelWindowItem> Labels, ImmutableArray<ClassShare> Shares, string? SharesWindow,
    ReferenceItem? Reference);
