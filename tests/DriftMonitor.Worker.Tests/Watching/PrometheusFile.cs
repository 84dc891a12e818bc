using System.Text.Json;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// The shipped Prometheus configuration and rules, and what a test makes of them: waiting times divided, and the test's own addresses.
/// </summary>
internal static partial class PrometheusFile
{
    public static string Path { get; } = System.IO.Path.Combine(AlertRules.Directory, "prometheus.yml");

    /// <summary>Writes both for a monitor and an Alertmanager.</summary>
    public static string For(string monitor, string alertmanager, DirectoryInfo directory, int quicker = Durations.Quicker)
    {
        Discover([monitor], directory);
        var text = Durations.Shortened(File.ReadAllText(Path), quicker)
            .Replace("alertmanager:9093", alertmanager, StringComparison.Ordinal);
        text = Discovery().Replace(text, "    file_sd_configs: [{ files: ['monitors.json'] }]\n");
        Assert.Contains("file_sd_configs", text, StringComparison.Ordinal);
        File.WriteAllText(
            System.IO.Path.Combine(directory.FullName, "driftmonitor.rules.yml"), Durations.Shortened(AlertRules.Text, quicker));
        var path = System.IO.Path.Combine(directory.FullName, "prometheus.yml");
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Says which monitors there are now: Prometheus hears of it at once.</summary>
    public static void Discover(IEnumerable<string> monitors, DirectoryInfo directory)
    {
        var path = System.IO.Path.Combine(directory.FullName, "monitors.json");
        var targets = new[] { new { targets = monitors.Select(monitor => new Uri(monitor).Authority) } };
        File.WriteAllText($"{path}.new", JsonSerializer.Serialize(targets));
        File.Move($"{path}.new", path, overwrite: true);
    }

    [GeneratedRegex(@"^    dns_sd_configs:\n(?:      .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Discovery();
}
