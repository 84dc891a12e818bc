using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// The shipped Prometheus configuration and rules, and what a test makes of them: waiting times divided, and the test's own addresses.
/// </summary>
internal static partial class PrometheusFile
{
    public static string Path { get; } = System.IO.Path.Combine(AlertRules.Directory, "prometheus.yml");

    /// <summary>Writes both for a monitor and an Alertmanager.</summary>
    public static string For(string monitor, string alertmanager, DirectoryInfo directory)
    {
        var text = Durations.Shortened(File.ReadAllText(Path)).Replace("alertmanager:9093", alertmanager, StringComparison.Ordinal);
        text = Discovery().Replace(text, $"    static_configs: [{{ targets: ['{new Uri(monitor).Authority}'] }}]\n");
        Assert.Contains("static_configs: [{ targets: ['127.0.0.1", text, StringComparison.Ordinal);
        File.WriteAllText(System.IO.Path.Combine(directory.FullName, "driftmonitor.rules.yml"), Durations.Shortened(AlertRules.Text));
        var path = System.IO.Path.Combine(directory.FullName, "prometheus.yml");
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"^    dns_sd_configs:\n(?:      .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Discovery();
}
