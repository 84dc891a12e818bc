namespace DriftMonitor.Benchmarks.Detection;

/// <summary>What a simulated stream is like while nothing drifts.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="Classes">K.</param>
/// <param name="EventsPerWindow">Events expected in five minutes.</param>
/// <param name="Traffic">How composition and rate vary.</param>
/// <param name="Concentration">Of the Dirichlet distribution of soft outputs, a class on average; null for one-hot ones.</param>
internal sealed record StreamKind(
    string Name, int Classes, double EventsPerWindow, Traffic Traffic = Traffic.Independent, double? Concentration = null)
{
    /// <summary>The share of each class, Zipf's: 1/rank.</summary>
    public double[] Shares { get; } = Zipf(Classes);

    private static double[] Zipf(int classes)
    {
        var sum = Enumerable.Range(1, classes).Sum(rank => 1.0 / rank);
        return [.. Enumerable.Range(1, classes).Select(rank => 1 / (rank * sum))];
    }
}
