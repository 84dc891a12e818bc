namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// The shipped Alertmanager configuration, and what a test makes of it: waiting times divided, and a webhook in each receiver.
/// </summary>
internal static class AlertmanagerFile
{
    public static string Path { get; } = System.IO.Path.Combine(RepositoryFiles.Root, "dashboards", "alertmanager", "alertmanager.yml");

    /// <summary>Writes it for a webhook; each receiver posts to its own name there.</summary>
    public static string For(Webhook webhook, DirectoryInfo directory)
    {
        var text = Durations.Shortened(File.ReadAllText(Path));
        foreach (var receiver in new[] { "page", "notify" })
        {
            text = text.Replace(
                $"  - name: {receiver}\n",
                $"  - name: {receiver}\n    webhook_configs: [{{ url: '{webhook.Address}/{receiver}', max_alerts: 0 }}]\n",
                StringComparison.Ordinal);
        }

        var path = System.IO.Path.Combine(directory.FullName, "alertmanager.yml");
        File.WriteAllText(path, text);
        return path;
    }
}
