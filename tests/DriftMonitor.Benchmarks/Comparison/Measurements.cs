using System.Globalization;
using System.Text.Json.Nodes;

namespace DriftMonitor.Benchmarks.Comparison;

/// <summary>What two commits are compared by.</summary>
/// <remarks>Each measurement runs a command of the commit's own benchmark program, one that older commits have, too.</remarks>
internal static class Measurements
{
    public static IReadOnlyList<(string Name, Func<CommitBuild, IEnumerable<Figure>> Measure)> All { get; } =
    [
        ("bytes-to-pane", build => Benchmarks(build, "*BytesToPane.DecodeAndAdd*")),
        ("slide-and-evaluate", build =>
            Benchmarks(build, "*SlideAndEvaluate.MoveShortest*(*True*True)", "*SlideAndEvaluate.Apply*(*True*True)")),
        ("scrape", build => Benchmarks(build, "*Scrape.Answer*")),
        ("calibration", Calibration),
        ("capacity", Capacity),
    ];

    /// <summary>The median CPU time of an operation, as BenchmarkDotNet works it out.</summary>
    private static List<Figure> Benchmarks(CommitBuild build, params string[] filters)
    {
        var artifacts = Directory.CreateTempSubdirectory("driftmonitor-benchmarks-");
        try
        {
            _ = build.Run(["--exporters", "briefjson", "--artifacts", artifacts.FullName, "--filter", .. filters]).Count();
            return [.. artifacts.EnumerateFiles("*.json", SearchOption.AllDirectories)
                .SelectMany(file => JsonNode.Parse(File.ReadAllText(file.FullName))!["Benchmarks"]!.AsArray())
                .Select(benchmark => new Figure(
                    $"{benchmark!["Type"]}.{benchmark["Method"]} {benchmark["Parameters"]}".Trim(),
                    "CPU ns",
                    (double)benchmark["Statistics"]!["Median"]!))];
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    /// <summary>The table's last column. Its first row is the just-in-time compiler's.</summary>
    private static IEnumerable<Figure> Calibration(CommitBuild build) =>
        build.Run("detection", "calibration").Select(Cells)
            .Where(cells => cells.Length > 2 && double.TryParse(cells[^2], CultureInfo.InvariantCulture, out _))
            .Skip(1)
            .Select(cells => new Figure($"calibration, {cells[1]}", "CPU s", Number(cells[^2])));

    /// <summary>The first row only, of one replica; the program is ended then.</summary>
    private static IEnumerable<Figure> Capacity(CommitBuild build)
    {
        var cells = build.Run("capacity").Select(Cells).First(cells => cells is ["256, keyed", "1", ..]);
        yield return new Figure("capacity, one replica", "events/s", Number(cells[2]));
        yield return new Figure("capacity, one replica", "CPU µs/event", Number(cells[3]));
    }

    private static string[] Cells(string line) => line.Split('|', StringSplitOptions.TrimEntries);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
