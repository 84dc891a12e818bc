using System.Globalization;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// Makes the shipped files quick enough for a test: every setting that is a waiting time is divided, by 75 where the test says nothing
/// else, so that 5 minutes become 4 seconds.
/// </summary>
/// <remarks>Nothing else is changed: no expression, no range, no label. A second is the least.</remarks>
internal static partial class Durations
{
    public const int Quicker = 75;

    public static string Shortened(string yaml, int quicker) => Setting().Replace(yaml, match =>
    {
        var unit = match.Groups[3].Value switch
        {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            var other => throw new InvalidOperationException($"a duration in {other}"),
        };
        var seconds = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * unit / quicker;
        return $"{match.Groups[1].Value}: {Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture)}s";
    });

    [GeneratedRegex(
        @"\b(for|keep_firing_for|scrape_interval|scrape_timeout|evaluation_interval|"
        + @"group_wait|group_interval|repeat_interval): (\d+)([a-z]+)")]
    private static partial Regex Setting();
}
