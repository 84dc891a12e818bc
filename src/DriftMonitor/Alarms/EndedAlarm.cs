namespace DriftMonitor.Alarms;

/// <summary>An alarm of one window that has ended: its panes are used up, and what it reported does not page again at once.</summary>
/// <param name="OnsetMs">Where its interval begins, epoch milliseconds.</param>
/// <param name="EndMs">Where it ends.</param>
/// <param name="Reported">The sums that it reported; not to be changed.</param>
internal readonly record struct EndedAlarm(long OnsetMs, long EndMs, double[] Reported);
