using System.Globalization;
using BenchmarkDotNet.Mathematics;

namespace DriftMonitor.Benchmarks.Comparison;

/// <summary>
/// How many times worse a commit is than another, measured alternately in fresh processes.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- compare BASE [HEAD] [--rounds N] [--only NAME]</c>
/// </summary>
/// <remarks>
/// A round runs each measurement of the base and then of the head, and each pair of figures makes a ratio. The ratio shown is the median of
/// the rounds, its spread the lower and the upper quartile. What changes slowly on the machine hits both halves of a pair alike.
/// </remarks>
internal static class CompareMeasurement
{
    private const double MostRatio = 1.05;
    private const int UsualRounds = 5;

    /// <returns>Whether no figure is worse than 1.05 beyond its spread.</returns>
    public static bool Run(string baseCommit, string[] more)
    {
        var (headCommit, options) = more is [var first, .. var others] && !first.StartsWith("--", StringComparison.Ordinal) ? (first, others) : ("HEAD", more);
        var rounds = Option(options, "--rounds") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : UsualRounds;
        var only = Option(options, "--only") ?? "";
        var interrupted = false;
        Console.CancelKeyPress += (_, press) => interrupted = press.Cancel = true; // the child gets the signal, too, and its end ends the rounds
        using var before = new CommitBuild(baseCommit);
        using var after = new CommitBuild(headCommit);
        var pairs = new List<(Figure Base, Figure Head)>();
        try
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var (name, measure) in Measurements.All.Where(measurement => measurement.Name.Contains(only, StringComparison.Ordinal)))
                {
                    Console.Error.WriteLine($"round {round} of {rounds}: {name}");
                    Figure[] figures = [.. measure(before)];
                    pairs.AddRange(figures.Join(measure(after), Key, Key, (b, h) => (b, h)));
                }
            }
        }
        catch (InvalidOperationException) when (interrupted)
        {
            Console.Error.WriteLine("interrupted: the table is of what had been measured");
        }

        return Print(pairs, before.Commit, after.Commit);

        static (string Name, string Unit) Key(Figure figure) => (figure.Name, figure.Unit);
    }

    private static bool Print(List<(Figure Base, Figure Head)> pairs, string before, string after)
    {
        Console.WriteLine($"| measure | unit | {before} | {after} | ratio | spread | |\n|---|---|---:|---:|---:|---:|---|");
        var held = true;
        foreach (var rounds in pairs.GroupBy(pair => (pair.Base.Name, pair.Base.Unit)))
        {
            var ratio = new Statistics(rounds.Select(pair => pair.Head.RatioTo(pair.Base)));
            var worse = ratio.Q1 > MostRatio;
            held &= !worse;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {rounds.Key.Name} | {rounds.Key.Unit} | {Median(pair => pair.Base)} | {Median(pair => pair.Head)} | {ratio.Median:0.00} | {ratio.Q1:0.00}–{ratio.Q3:0.00} | {(worse ? "worse" : "")} |"));

            string Median(Func<(Figure Base, Figure Head), Figure> figure)
            {
                var median = new Statistics(rounds.Select(pair => figure(pair).Value)).Median;
                return median.ToString(median < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture);
            }
        }

        return held;
    }

    private static string? Option(string[] options, string name) => Array.IndexOf(options, name) is >= 0 and var i ? options[i + 1] : null;
}
