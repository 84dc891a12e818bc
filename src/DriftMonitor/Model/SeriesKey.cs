namespace DriftMonitor.Model;

/// <summary>A model and a slice of its traffic: what windows are kept for. Compared by value.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Segment">The slice, <c>country=DE</c>, or <see cref="All"/>.</param>
public sealed record SeriesKey(string Model, string Segment)
{
    /// <summary>The segment that every event of a model counts in.</summary>
    public const string All = "_all";

    /// <inheritdoc/>
    public override string ToString() => $"{Model}/{Segment}";
}
