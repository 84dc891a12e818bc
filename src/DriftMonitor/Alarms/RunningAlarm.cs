namespace DriftMonitor.Alarms;

/// <summary>
/// An alarm of one window that is on, as <see cref="AlarmRule"/> keeps it: with <see cref="EndedAlarm"/> all that a successor needs.
/// </summary>
/// <param name="OnsetMs">The start of the pane from which on the panes were the most evidence when it began, epoch milliseconds.</param>
/// <param name="IsAtLeast">Whether that was the window's first pane, so that the drift may be older.</param>
/// <param name="BeganMs">The end of the window by which it began.</param>
/// <param name="EvidenceNats">By how many nats it began, and ends.</param>
/// <param name="Reported">The sums from the onset to <paramref name="SinceMs"/>; not to be changed.</param>
/// <param name="After">Those from there to <paramref name="SeenToMs"/>; not to be changed.</param>
/// <param name="RepairNats">By how many nats these are likelier as expected than as what was reported: 0 to the evidence.</param>
/// <param name="SinceMs">The time of its last evidence.</param>
/// <param name="SeenToMs">Up to when panes were taken in.</param>
/// <param name="Seen">
/// What the panes since the onset, but the window's oldest, held when they were taken in: what they hold more then has come
/// late.
/// </param>
/// <param name="Told">
/// What alarms that had just ended when it began had reported, where that explains it, so that it is no page: none where it is one, or part
/// of one.
/// </param>
internal sealed record RunningAlarm(
    long OnsetMs, bool IsAtLeast, long BeganMs, double EvidenceNats, double[] Reported, double[] After, double RepairNats, long SinceMs,
    long SeenToMs, double[] Seen, double[][] Told);
