using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of the process and of the runtime, which others define, and their names in Prometheus.</summary>
/// <remarks>
/// Those of the process have the names that Prometheus' own clients give them, where these have such a metric. Those of the runtime have
/// the names that OpenTelemetry's translation gives them, but for numbers of things: these may not end on <c>_count</c>, which is a series
/// of a histogram. What has no name here is not exported: the process' metrics have it already, or .NET defines it as a counter although
/// it falls and rises (<c>dotnet.thread_pool.thread.count</c> and <c>queue.length</c>), or it costs a file of <c>/proc</c> a thread with
/// each scrape (<c>process.thread.count</c>).
/// </remarks>
internal static class ProcessMetrics
{
    private const string RuntimeMeter = "System.Runtime";
    private const string ProcessMeter = "OpenTelemetry.Instrumentation.Process";

    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["process.cpu.time"] = "process_cpu_seconds_total",
        ["process.memory.usage"] = "process_resident_memory_bytes",
        ["process.memory.virtual"] = "process_virtual_memory_bytes",
        ["process.unix.file_descriptor.count"] = "process_open_fds",
        ["process.uptime"] = "process_uptime_seconds",
        ["dotnet.assembly.count"] = "dotnet_assemblies",
        ["dotnet.exceptions"] = "dotnet_exceptions_total",
        ["dotnet.gc.collections"] = "dotnet_gc_collections_total",
        ["dotnet.gc.heap.total_allocated"] = "dotnet_gc_heap_total_allocated_bytes_total",
        ["dotnet.gc.last_collection.heap.fragmentation.size"] = "dotnet_gc_last_collection_heap_fragmentation_size_bytes",
        ["dotnet.gc.last_collection.heap.size"] = "dotnet_gc_last_collection_heap_size_bytes",
        ["dotnet.gc.last_collection.memory.committed_size"] = "dotnet_gc_last_collection_memory_committed_size_bytes",
        ["dotnet.gc.pause.time"] = "dotnet_gc_pause_time_seconds_total",
        ["dotnet.jit.compilation.time"] = "dotnet_jit_compilation_time_seconds_total",
        ["dotnet.jit.compiled_il.size"] = "dotnet_jit_compiled_il_size_bytes_total",
        ["dotnet.jit.compiled_methods"] = "dotnet_jit_compiled_methods_total",
        ["dotnet.monitor.lock_contentions"] = "dotnet_monitor_lock_contentions_total",
        ["dotnet.thread_pool.work_item.count"] = "dotnet_thread_pool_work_item_count_total",
        ["dotnet.timer.count"] = "dotnet_timers",
    }.ToFrozenDictionary();

    /// <summary>Adds the meters.</summary>
    public static MeterProviderBuilder AddProcess(this MeterProviderBuilder meters) =>
        meters.AddMeter(RuntimeMeter).AddProcessInstrumentation();

    /// <summary>Whether the instrument is one of these.</summary>
    public static bool Has(Instrument instrument) => instrument.Meter.Name is RuntimeMeter or ProcessMeter;

    /// <summary>The view for Prometheus.</summary>
    public static MetricStreamConfiguration View(Instrument instrument) =>
        Names.TryGetValue(instrument.Name, out var name) ? new() { Name = name } : MetricStreamConfiguration.Drop;
}
