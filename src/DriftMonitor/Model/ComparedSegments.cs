namespace DriftMonitor.Model;

/// <summary>
/// The segments that are compared with the rest of their model's live traffic, as a canary with what is stable. Immutable.
/// </summary>
/// <param name="General">Those of models without a list of their own.</param>
/// <param name="ByModel">Those of models that have one.</param>
public sealed record ComparedSegments(
    ImmutableArray<string> General, ImmutableSortedDictionary<string, ImmutableArray<string>> ByModel)
{
    /// <summary>No segment at all.</summary>
    public static ComparedSegments None { get; } = new([], ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty);

    /// <summary>Whether no segment is compared.</summary>
    public bool IsEmpty => General.IsEmpty && ByModel.All(model => model.Value.IsEmpty);

    /// <summary>Those of a model.</summary>
    public ImmutableArray<string> Of(string model) => ByModel.GetValueOrDefault(model, General);

    /// <summary>Whether a series takes part in a comparison: a segment that is compared, or all traffic of such a model.</summary>
    internal bool Involves(SeriesKey series) =>
        Of(series.Model) is { IsEmpty: false } segments
        && (series.Segment == SeriesKey.All || segments.Contains(series.Segment, StringComparer.Ordinal));
}
