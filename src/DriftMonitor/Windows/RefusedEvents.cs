namespace DriftMonitor.Windows;

/// <summary>Says that events count in no window. Each is told once; one with a segment in both of its series.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Events">How many.</param>
public sealed record RefusedEvents(RegisterRefusal Reason, long Events) : StageEvent;
