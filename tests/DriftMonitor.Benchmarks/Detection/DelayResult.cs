namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// The delays of every detector on every drift of a stream, repetition by repetition; the first detector is the monitor's own.
/// </summary>
internal sealed class DelayResult(DelayStream stream, string[] detectors, int repetitions)
{
    /// <summary>What a drift that was not found within a day counts as.</summary>
    public const double NotFoundMinutes = 1440.0001;

    private const int Resamples = 2_000;

    private readonly double[][][] _minutes =
        [.. detectors.Select(_ => stream.Scenarios.Select(_ => Enumerable.Repeat(NotFoundMinutes, repetitions).ToArray()).ToArray())];

    public DelayStream Stream { get; } = stream;

    public string[] Detectors { get; } = detectors;

    /// <summary>An alarm so many minutes after the onset; says whether it is the first.</summary>
    public bool Find(int detector, int scenario, int repetition, double minutes)
    {
        ref var found = ref _minutes[detector][scenario][repetition];
        var first = found == NotFoundMinutes;
        found = first ? minutes : found;
        return first;
    }

    /// <summary>The delay that so large a part of the repetitions does not exceed.</summary>
    public double Quantile(int detector, int scenario, double part) => Quantile(_minutes[detector][scenario], part);

    /// <summary>In what part of the repetitions the drift was found within a day.</summary>
    public double Found(int detector, int scenario) =>
        _minutes[detector][scenario].Count(minutes => minutes < NotFoundMinutes) / (double)repetitions;

    /// <summary>
    /// Whether a detector's median is below another's (−1), above it (1) or neither, by the bootstrap of the repetitions (95 %).
    /// </summary>
    public int Compare(int detector, int other, int scenario)
    {
        var random = new MathNet.Numerics.Random.MersenneTwister(7, threadSafe: false);
        var (first, second) = (new double[repetitions], new double[repetitions]);
        var differences = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var r = 0; r < repetitions; r++)
            {
                var drawn = random.Next(repetitions); // the same stream for both
                (first[r], second[r]) = (_minutes[detector][scenario][drawn], _minutes[other][scenario][drawn]);
            }

            differences[i] = Quantile(first, 0.5) - Quantile(second, 0.5);
        }

        var (low, high) = (Quantile(differences, 0.025), Quantile(differences, 0.975));
        return high < 0 ? -1 : low > 0 ? 1 : 0;
    }

    private static double Quantile(double[] values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, part * sorted.Length)];
    }
}
