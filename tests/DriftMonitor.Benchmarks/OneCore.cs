using System.Runtime;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace DriftMonitor.Benchmarks;

/// <summary>One thread that collects its own garbage, so its time is all there is; the median, which noisy neighbours move least.</summary>
/// <remarks>
/// The process is not pinned to a core: the compiler's own thread would then be timed with what it compiles.
/// <c>-- compare</c> copies this file into the commits that it compares, so it depends on BenchmarkDotNet only.
/// </remarks>
internal sealed class OneCore : ManualConfig
{
    /// <summary>With this environment variable, benchmarks run in this process, by its CPU time. <c>-- compare</c> sets it.</summary>
    public const string Comparison = "DRIFTMONITOR_BENCHMARKS_COMPARISON";

    public OneCore()
    {
        var oneThread = new GcMode { Server = false, Concurrent = false };
        var job = Job.Default
            .WithEvaluateOverhead(false) // nanoseconds beside milliseconds, for which each setup would be run thirty times more
            .WithWarmupCount(4)
            .WithIterationCount(12)
            .WithIterationTime(TimeInterval.FromMilliseconds(250));
        if (Environment.GetEnvironmentVariable(Comparison) is null)
        {
            AddJob(job.WithGcMode(oneThread));
        }
        else
        {
            GCSettings.LatencyMode = GCLatencyMode.Batch; // garbage is not collected concurrently
            var toolchain = new InProcessEmitToolchain(TimeSpan.FromHours(1), logOutput: true);
            AddJob(job.WithToolchain(toolchain).WithClock(new CpuClock()).WithWarmupCount(8).WithIterationCount(5));
        }

        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(StatisticColumn.Median);
        HideColumns(Column.Error, Column.StdDev, Column.RatioSD, Column.AllocRatio, Column.Gen0, Column.Gen1, Column.Gen2);
    }
}
