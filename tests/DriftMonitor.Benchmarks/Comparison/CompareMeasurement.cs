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
        try
        {
            return Compare(baseCommit, more);
        }
        catch (Exception exception) // one that nobody catches would leave the worktrees behind
        {
            Console.Error.WriteLine(exception);
            return false;
        }
    }

    private static bool Compare(string baseCommit, string[] more)
    {
        var headCommit = more is [var first, ..] && !first.StartsWith("--", StringComparison.Ordinal) ? first : "HEAD";
        var rounds = Option(more, "--rounds") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : UsualRounds;
        var only = Option(more, "--only") ?? "";
        var measurements = Measurements.All.Where(measurement => measurement.Name.Contains(only, StringComparison.Ordinal)).ToArray();
        var interrupted = false;
        Console.CancelKeyPress += (_, press) => interrupted = press.Cancel = true; // the child gets the signal, too, which ends the rounds
        using var before = new CommitBuild(baseCommit);
        using var after = new CommitBuild(headCommit);
        var pairs = new List<(Figure Base, Figure Head)>();
        try
        {
            for (var round = 1; round <= rounds && !interrupted; round++)
            {
                foreach (var (name, measure) in measurements.TakeWhile(_ => !interrupted))
                {
                    Console.Error.WriteLine($"round {round} of {rounds}: {name}");
                    Figure[] baseFigures = [.. measure(before)];
                    Figure[] headFigures = [.. measure(after)];
                    pairs.AddRange(baseFigures.Join(headFigures, Key, Key, (b, h) => (b, h)));
                    if (baseFigures.Length == 0 || baseFigures.ExceptBy(headFigures.Select(Key), Key).Any())
                    {
                        throw new InvalidOperationException(
                            $"{name}: {after.Commit} lacks figures that {before.Commit} has, or neither has any");
                    }
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
            Console.WriteLine(
                $"| {rounds.Key.Name} | {rounds.Key.Unit} | {Median(pair => pair.Base)} | {Median(pair => pair.Head)} " +
                FormattableString.Invariant($"| {ratio.Median:0.00} | {ratio.Q1:0.00}–{ratio.Q3:0.00} | {(worse ? "worse" : "")} |"));

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
