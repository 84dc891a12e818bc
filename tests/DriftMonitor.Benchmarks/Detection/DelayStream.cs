namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A stream and the drifts that are to be found in it.</summary>
internal sealed record DelayStream(StreamKind Kind, DriftScenario[] Scenarios)
{
    public static DelayStream[] All { get; } =
    [
        new(new("one-hot, K=10, n=1000", 10, 1000), Drifts([0.025, 0.05, 0.1, 0.2, 0.4], [0.1, 0.3], [0.05, 0.1, 0.2])),
        new(new("soft, K=10, n=500", 10, 500, Concentration: 1), Drifts([0.0125, 0.025, 0.05, 0.1, 0.2], [0.05, 0.15], [0.025, 0.05, 0.1])),
        new(new("one-hot, K=100, n=3000", 100, 3000), Drifts([0.025, 0.05, 0.1, 0.2, 0.4], [0.1, 0.3], [0.15, 0.3, 0.5])),
        new(
            new("autocorrelated, K=10, n=1000", 10, 1000, Traffic.Autocorrelated),
            Drifts([0.05, 0.1, 0.2, 0.4, 0.8], [0.2, 0.6], [0.1, 0.2, 0.4])),
    ];

    /// <summary>Those that show what the smallest effect does to an alarm.</summary>
    public static DelayStream[] AboutTheEffect { get; } =
    [
        new(new("one-hot, K=2, n=100000", 2, 100_000), Drifts([0.007], [], [])),
        new(new("one-hot, K=10, n=1000", 10, 1000), Drifts([0.025, 0.05, 0.1, 0.2], [0.1, 0.3], [0.1])),
        new(new("soft, K=10, n=500", 10, 500, Concentration: 1), Drifts([0.025, 0.05, 0.1], [0.15], [])),
        new(new("one-hot, K=100, n=3000", 100, 3000), Drifts([0.05, 0.1], [0.3], [])),
        new(new("autocorrelated, K=10, n=1000", 10, 1000, Traffic.Autocorrelated), Drifts([0.2], [0.6], [])),
    ];

    private static DriftScenario[] Drifts(double[] sudden, double[] gradual, double[] oneClass) =>
    [
        .. sudden.Select(size => new DriftScenario(DriftShape.Spread, size)),
        .. gradual.Select(size => new DriftScenario(DriftShape.Spread, size, 120)),
        .. oneClass.Select(size => new DriftScenario(DriftShape.OneClass, size)),
    ];
}
