using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The samples of a scrape that are about windows of series, which one replica exports: name and labels → value, as text.
/// </summary>
internal static class WindowMetrics
{
    private const string Ready = "driftmonitor_window_ready{";

    public static string EventsOf(SeriesKey series, string window) =>
        $"driftmonitor_window_events{{model=\"{series.Model}\",segment=\"{series.Segment}\",window=\"{window}\"}}";

    /// <summary>Those of all replicas of a group together; two that export the same sample have it twice.</summary>
    public static SortedDictionary<string, string> Of(IEnumerable<string> scrapes)
    {
        var samples = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in scrapes.SelectMany(scrape => scrape.Split('\n'))
            .Where(line => line.Contains("window=\"", StringComparison.Ordinal) && line.Contains("model=\"", StringComparison.Ordinal)))
        {
            var end = line.LastIndexOf("} ", StringComparison.Ordinal) + 1;
            var value = line[(end + 1)..];
            samples[line[..end]] = samples.TryGetValue(line[..end], out var other) ? $"{other} and {value}" : value;
        }

        return samples;
    }

    public static bool AllReady(SortedDictionary<string, string> samples) =>
        samples.Where(sample => sample.Key.StartsWith(Ready, StringComparison.Ordinal)).All(sample => sample.Value == "1");

    public static SortedDictionary<string, string> Events(SortedDictionary<string, string> samples) =>
        new(
            samples.Where(sample => sample.Key.StartsWith("driftmonitor_window_events{", StringComparison.Ordinal)).ToDictionary(),
            StringComparer.Ordinal);
}
