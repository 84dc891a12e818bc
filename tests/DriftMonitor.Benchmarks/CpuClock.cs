using Perfolizer.Horology;

namespace DriftMonitor.Benchmarks;

/// <summary>The CPU time of this process, all its threads together: what other processes do beside it is not counted.</summary>
internal sealed class CpuClock : IClock
{
    public string Title => "CPU time";

    public bool IsAvailable => true;

    public Frequency Frequency { get; } = new(TimeSpan.TicksPerSecond);

    public long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
