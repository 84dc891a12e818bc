using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>What is exported of the process and of the runtime. Their values are others' business.</summary>
public sealed partial class ProcessMetricsTests
{
    [Fact]
    public async Task Table_is_what_is_exported()
    {
        await using var monitor = await ScrapedMonitor.Start();
        GC.Collect(); // there is no last collection before the first
        Assert.Throws<FormatException>(() => int.Parse("none", System.Globalization.CultureInfo.InvariantCulture));

        var types = Type().Matches((await monitor.Scrape()).Body).Select(type => $"{type.Groups[1]} {type.Groups[2]}");

        var readme = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Metrics", "README.md");
        Assert.Equal(
            Row().Matches(await File.ReadAllTextAsync(readme, TestContext.Current.CancellationToken))
                .Select(row => $"{row.Groups[1]} {row.Groups[2]}").Order(),
            types.Order());
    }

    [Fact]
    public async Task Values_are_of_this_process()
    {
        await using var monitor = await ScrapedMonitor.Start();

        var samples = (await monitor.Scrape()).Samples.ToList();

        Assert.Equal(2, samples.Count(line => line.StartsWith("process_cpu_seconds_total{cpu_mode=\"", StringComparison.Ordinal)));
        Assert.Single(samples, line => line.StartsWith("process_resident_memory_bytes{} ", StringComparison.Ordinal));
        Assert.Contains(
            samples, line => line.StartsWith("dotnet_gc_collections_total{gc_heap_generation=\"gen0\"}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^# TYPE ((?:process|dotnet)_\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^\| `((?:process|dotnet)_\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
