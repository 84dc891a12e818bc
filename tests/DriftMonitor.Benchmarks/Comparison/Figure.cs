namespace DriftMonitor.Benchmarks.Comparison;

/// <summary>One figure that one process of a commit measured.</summary>
internal sealed record Figure(string Name, string Unit, double Value)
{
    /// <summary>How many times worse it is than that of another commit: for a rate, less is worse; for anything else, more.</summary>
    public double RatioTo(Figure other) => Unit.EndsWith("/s", StringComparison.Ordinal) ? other.Value / Value : Value / other.Value;
}
