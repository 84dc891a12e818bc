using DriftMonitor.Alarms;
using DriftMonitor.Monitoring;

namespace DriftMonitor.Worker.Backtest;

/// <summary>An alert that would have fired, with the reports that tell what drove it.</summary>
/// <param name="alarm">As it began.</param>
/// <param name="first">The report that raised it.</param>
internal sealed class FoundAlert(Alarm alarm, DriftReport first)
{
    public Alarm Alarm { get; set; } = alarm;

    public DriftReport First { get; } = first;

    /// <summary>The report furthest above its threshold.</summary>
    public DriftReport Peak { get; set; } = first;
}
