using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The shipped alert rules, as text.</summary>
internal static partial class AlertRules
{
    public static string Directory { get; } = Path.Combine(RepositoryFiles.Root, "dashboards", "prometheus");

    public static string Text { get; } = File.ReadAllText(Path.Combine(Directory, "driftmonitor.rules.yml"));

    public static string UnitTests { get; } = File.ReadAllText(Path.Combine(Directory, "driftmonitor.rules.test.yml"));

    /// <summary>The names of the alerts.</summary>
    public static string[] Names { get; } = [.. AlertName().Matches(Text).Select(match => match.Groups[1].Value).Distinct()];

    /// <summary>The parts of the file that are one alert: its rules.</summary>
    public static string[] Of(string alert) =>
        [
            .. AlertBlock()
                .Matches(Text)
                .Select(match => match.Value)
                .Where(block => block.Contains($"- alert: {alert}\n", StringComparison.Ordinal))];

    [GeneratedRegex(@"^ +- alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^      - alert: \w+\n(?:(?:        .*)?\n)+", RegexOptions.Multiline)]
    private static partial Regex AlertBlock();
}
