using System.Text.RegularExpressions;
using DriftMonitor.Benchmarks.Comparison;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// What constants of the calibration do when they are halved and doubled: <c>detection sweep [NAME]</c>, those with NAME in theirs, or all.
/// </summary>
/// <remarks>
/// Each is changed in the source text of a worktree of HEAD, which is built and runs a short <c>detection hard</c>. A cell of the table has
/// the median ratio at each of the three budgets, then the share of time on, and in brackets what the reference has too little of. A whole
/// number is halved to a whole number. What is not committed is not swept.
/// </remarks>
internal static class SweepMeasurement
{
    private const string Folder = "src/DriftMonitor/Calibration";
    private const string ExpectedOfAll = "10"; // alarms of the rarest budget: half of the time of `detection hard`

    private static readonly string[] Common =
    [
        "iid K=10, reference of 24 h", "iid K=10, reference of 1 h", "log-shares wander, 60 s, 77 h",
        "three sources, shares anew each 5 m, 77 h",
    ];

    private const string Soft = "top 20 of 2,001 classes";
    private const string Cycle = "days and weekends, 7 days";

    /// <summary>Each with the stream besides the common ones that it matters for.</summary>
    private static readonly (string Name, string? Also)[] Constants =
    [
        ("StretchPowerShape", null), ("StretchFluctuations", Cycle), ("StretchesForPower", Cycle), ("LeastUnitEvents", Soft),
        ("SmoothingKeeps", Cycle), ("KeptPeakShare", null), ("WindowsPerCluster", null), ("WindowsOnPerOddPane", Cycle),
        ("SignificantZ", null), ("LeastGrowth", Cycle), ("LeastMergedBlocks", Cycle), ("EnoughWindows", null),
        ("EnoughFluctuations", null), ("ReferencesOfFewCells", null),
    ];

    public static void Run(string? only)
    {
        var constants = Constants.Where(constant => only is null || constant.Name.Contains(only, StringComparison.Ordinal)).ToArray();
        string[] streams = [.. Common, .. constants.Select(constant => constant.Also).OfType<string>().Distinct()];
        Console.WriteLine($"| | {string.Join(" | ", streams)} |");
        Console.WriteLine("|---|" + string.Concat(streams.Select(_ => "---|")));
        WriteRow("as is", streams, streams, _ => { });
        foreach (var (name, also) in constants)
        {
            string[] of = also is null ? Common : [.. Common, also];
            foreach (var (word, change) in new[] { ("halved", "$1$2 / 2;"), ("doubled", "$1$2 * 2;") })
            {
                WriteRow($"`{name}` {word}", streams, of, worktree => Change(Path.Combine(worktree, Folder), name, change));
            }
        }
    }

    private static void WriteRow(string title, string[] streams, string[] of, Action<string> change)
    {
        Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {title}");
        using var build = new CommitBuild("HEAD", change);
        var rows = build.Run("detection", "hard", string.Join(';', of), ExpectedOfAll)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 1)
            .ToDictionary(cells => cells[1]);
        var cells = streams.Select(
            stream => rows.FirstOrDefault(row => row.Key.StartsWith(stream, StringComparison.Ordinal)).Value is { } row ? Cell(row) : "");
        Console.WriteLine($"| {title} | {string.Join(" | ", cells)} |");
    }

    /// <param name="row">Of <see cref="HardMeasurement"/>: nothing, name, told, then median, ninth and time on of each budget.</param>
    private static string Cell(string[] row) =>
        $"{row[3]} {row[6]} {row[9]}; {row[5]} {row[8]} {row[11]}{(row[2].Length > 0 ? $" ({row[2]})" : "")}";

    private static void Change(string folder, string name, string change)
    {
        var found = Directory.EnumerateFiles(folder, "*.cs").Single(file => Regex.IsMatch(File.ReadAllText(file), Declaration(name)));
        File.WriteAllText(found, Regex.Replace(File.ReadAllText(found), Declaration(name), change));
    }

    private static string Declaration(string name) => $@"(const (?:int|double) {name} = )([^;]+);";
}
