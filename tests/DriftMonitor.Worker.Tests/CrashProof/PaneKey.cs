using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Which register a value belongs to.</summary>
internal readonly record struct PaneKey(int Lane, SeriesKey Series, long PaneStartMs)
{
    public override string ToString() => $"lane {Lane} {Series} pane {PaneStartMs}";
}
