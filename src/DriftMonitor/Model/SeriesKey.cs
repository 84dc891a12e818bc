namespace DriftMonitor.Model;

/// <summary>A model and a slice of its traffic: what windows are kept for. Compared by value.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Segment">The slice, <c>country=DE</c>, or <see cref="All"/>.</param>
public sealed record SeriesKey(string Model, string Segment)
{
    /// <summary>The segment that every event of a model counts in.</summary>
    public const string All = "_all";

    /// <summary>What stands before a version in the segment that its events count in: <c>version=2026-11-27</c>.</summary>
    public const string VersionPrefix = "version=";

    private const string AgainstRest = " vs rest";

    /// <summary>The series of a segment's comparison with the rest of its model's live traffic: <c>canary vs rest</c>.</summary>
    public SeriesKey VersusRest => this with { Segment = Segment + AgainstRest };

    /// <summary>The series of the segment that it compares; itself if it is none.</summary>
    internal SeriesKey Compared => IsComparison ? this with { Segment = Segment[..^AgainstRest.Length] } : this;

    /// <summary>Whether it is such a comparison.</summary>
    internal bool IsComparison => Segment.EndsWith(AgainstRest, StringComparison.Ordinal);

    /// <summary>Whether a segment is that of a version.</summary>
    internal static bool IsVersion(string segment) =>
        segment.StartsWith(VersionPrefix, StringComparison.Ordinal) && !IsReserved(segment);

    /// <summary>Whether a segment's name is the monitor's own, so that no prediction may have it.</summary>
    public static bool IsReserved(ReadOnlySpan<char> segment) =>
        segment is All || segment.EndsWith(AgainstRest, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Model}/{Segment}";
}
