using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace DriftMonitor.Benchmarks;

/// <summary>One thread that collects its own garbage, so that the time is all there is; the median, which a noisy neighbour moves least.</summary>
/// <remarks>The process is not pinned to a core: the compiler's own thread would then be timed with what it compiles.</remarks>
internal sealed class OneCore : ManualConfig
{
    public OneCore()
    {
        var oneThread = new GcMode { Server = false, Concurrent = false };
        AddJob(Job.Default
            .WithGcMode(oneThread)
            .WithEvaluateOverhead(false) // nanoseconds beside milliseconds, for which each setup would be run thirty times more
            .WithWarmupCount(4)
            .WithIterationCount(12)
            .WithIterationTime(TimeInterval.FromMilliseconds(250)));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(StatisticColumn.Median);
        HideColumns(Column.Error, Column.StdDev, Column.RatioSD, Column.AllocRatio, Column.Gen0, Column.Gen1, Column.Gen2);
    }
}
