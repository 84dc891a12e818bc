namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Writes delays as Markdown.</summary>
internal static class DelayTable
{
    /// <summary>The delays of one stream.</summary>
    public static void Write(DelayResult result)
    {
        Console.WriteLine(
            $"\n{result.Stream.Kind.Name}: minutes to the alarm, median / 90th percentile (part found within a day when not all)\n");
        Console.WriteLine($"| drift | {string.Join(" | ", result.Detectors)} |");
        Console.WriteLine($"|---|{string.Concat(result.Detectors.Select(_ => "---:|"))}");
        for (var s = 0; s < result.Stream.Scenarios.Length; s++)
        {
            var best = Enumerable.Range(0, result.Detectors.Length).MinBy(d => result.Quantile(d, s, 0.5));
            var anyFound = result.Quantile(best, s, 0.5) < DelayResult.NotFoundMinutes;
            var cells = Enumerable.Range(0, result.Detectors.Length).Select(d =>
            {
                var cell = $"{Minutes(result.Quantile(d, s, 0.5))} / {Minutes(result.Quantile(d, s, 0.9))}";
                cell = anyFound && result.Compare(d, best, s) == 0 ? $"**{cell}**" : cell;
                return result.Found(d, s) < 1 ? FormattableString.Invariant($"{cell} ({result.Found(d, s):0%})") : cell;
            });
            Console.WriteLine($"| {result.Stream.Scenarios[s].Name} | {string.Join(" | ", cells)} |");
        }
    }

    /// <summary>On how many drifts each detector is sooner than the first one, and which.</summary>
    public static void WriteTally(IReadOnlyCollection<DelayResult> results)
    {
        Console.WriteLine("\n| detector | sooner | equal | later | sooner on |\n|---|---:|---:|---:|---|");
        foreach (var name in results.SelectMany(result => result.Detectors).Distinct().Skip(1))
        {
            var compared = results.Where(result => result.Detectors.Contains(name))
                .Select(result => (Result: result, Detector: Array.IndexOf(result.Detectors, name)))
                .SelectMany(pair => pair.Result.Stream.Scenarios.Select((scenario, s) => (
                    Name: $"{pair.Result.Stream.Kind.Name}: {scenario.Name} ({Minutes(pair.Result.Quantile(pair.Detector, s, 0.5))} "
                        + $"for {Minutes(pair.Result.Quantile(0, s, 0.5))})",
                    Order: pair.Result.Compare(pair.Detector, 0, s))))
                .ToLookup(pair => pair.Order, pair => pair.Name);
            Console.WriteLine(
                $"| {name} | {compared[-1].Count()} | {compared[0].Count()} | {compared[1].Count()} | {string.Join("; ", compared[-1])} |");
        }
    }

    /// <summary>As few digits as matter.</summary>
    public static string Minutes(double minutes) => minutes >= DelayResult.NotFoundMinutes
        ? "–"
        : FormattableString.Invariant($"{(minutes < 10 ? Math.Round(minutes, 1) : Math.Round(minutes))}");
}
