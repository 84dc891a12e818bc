using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The samples of a scrape that are about windows of series, which one replica exports: name and labels → value, as text.
/// </summary>
internal static class WindowMetrics
{
    private const string Ready = "driftmonitor_window_ready{";
    private const string Events = "driftmonitor_window_events{";

    public static string EventsOf(SeriesKey series, string window) =>
        $"{Events}model=\"{series.Model}\",segment=\"{series.Segment}\",window=\"{window}\"}}";

    /// <summary>Those of all replicas of a group together; two that export the same sample have it twice.</summary>
    public static SortedDictionary<string, string> Of(IEnumerable<string> scrapes)
    {
        var samples = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in scrapes.SelectMany(scrape => scrape.Split('\n'))
            .Where(line => !line.StartsWith("driftmonitor_alarm_", StringComparison.Ordinal)) // whose statuses are compared
            .Where(line => line.Contains("window=\"", StringComparison.Ordinal) && line.Contains("model=\"", StringComparison.Ordinal)))
        {
            var end = line.LastIndexOf("} ", StringComparison.Ordinal) + 1;
            var value = line[(end + 1)..];
            samples[line[..end]] = samples.TryGetValue(line[..end], out var other) ? $"{other} and {value}" : value;
        }

        return samples;
    }

    /// <summary>The windows that say that they are ready though they have no events, or not ready though they have some.</summary>
    /// <remarks>Every window of the proof is complete, and one event is enough. On a slow machine traffic may have left a window.</remarks>
    public static IEnumerable<string> WronglyReady(SortedDictionary<string, string> samples) =>
        samples.Where(
            sample => sample.Key.StartsWith(Ready, StringComparison.Ordinal)
                && sample.Value != (samples[$"{Events}{sample.Key[Ready.Length..]}"] == "0" ? "0" : "1"))
            .Select(sample => $"windows: {sample.Key} is {sample.Value}");

    /// <summary>The samples of metrics that others have samples of, too.</summary>
    public static SortedDictionary<string, string> Shared(
        SortedDictionary<string, string> samples, SortedDictionary<string, string> others)
    {
        var metrics = others.Keys.Select(MetricOf).ToHashSet();
        return new(samples.Where(sample => metrics.Contains(MetricOf(sample.Key))).ToDictionary(), StringComparer.Ordinal);
    }

    public static SortedDictionary<string, string> EventsIn(SortedDictionary<string, string> samples) =>
        new(
            samples.Where(sample => sample.Key.StartsWith(Events, StringComparison.Ordinal)).ToDictionary(),
            StringComparer.Ordinal);

    private static string MetricOf(string sample) => sample[..sample.IndexOf('{', StringComparison.Ordinal)];
}
