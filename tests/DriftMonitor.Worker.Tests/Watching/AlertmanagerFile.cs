using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// The shipped Alertmanager configuration, and what a test makes of it: waiting times divided, and a webhook in each receiver.
/// </summary>
internal static partial class AlertmanagerFile
{
    public static string Path { get; } = System.IO.Path.Combine(RepositoryFiles.Root, "dashboards", "alertmanager", "alertmanager.yml");

    /// <summary>Writes it for a webhook; each receiver but the watchdog's posts to its own name there.</summary>
    public static string For(Webhook webhook, DirectoryInfo directory, int quicker = Durations.Quicker)
    {
        var text = Durations.Shortened(File.ReadAllText(Path), quicker);
        var receivers = Receivers().Match(text).Value;
        text = text.Replace(
            receivers,
            Receiver().Replace(receivers, $"$0\n    webhook_configs: [{{ url: '{webhook.Address}/$1', max_alerts: 0 }}]"),
            StringComparison.Ordinal);
        var path = System.IO.Path.Combine(directory.FullName, "alertmanager.yml");
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"^receivers:\n(?:  .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Receivers();

    [GeneratedRegex(@"^  - name: (?!watchdog)(\S+)$", RegexOptions.Multiline)]
    private static partial Regex Receiver();
}
