using System.Collections.Frozen;

namespace DriftMonitor.References;

/// <summary>What a model's outputs looked like when they were good: what live windows are compared with. Immutable.</summary>
public sealed class ReferenceSnapshot
{
    private string? _blocksId;

    /// <summary>Checks that the parts fit each other and works out the id.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">At least 1. Of two snapshots of one model the higher version is used.</param>
    /// <param name="createdAt">When it was made.</param>
    /// <param name="classSpace">The classes.</param>
    /// <param name="segments">The sums of each segment's events, none empty; <see cref="SeriesKey.All"/> must be among them.</param>
    /// <param name="blocks">The events of <see cref="SeriesKey.All"/> again, in pane-sized blocks of time, oldest first.</param>
    /// <param name="bins">The bins of scores when the classes are such, else null.</param>
    /// <param name="losses">What labels cost its predictions, null without any.</param>
    /// <param name="policies">What its events said of two policies, null for nothing.</param>
    /// <param name="errors">1 for each label that was not the most probable class, 0 for the others; null without labels.</param>
    /// <param name="entropies">The entropies of single outputs; null where all are 0, or where they are not known.</param>
    /// <exception cref="ArgumentException">Names the part that does not fit.</exception>
    public ReferenceSnapshot(
        string model,
        int version,
        DateTimeOffset createdAt,
        ClassSpace classSpace,
        IReadOnlyDictionary<string, PaneSums> segments,
        ImmutableArray<ReferenceBlock> blocks,
        ScoreBins? bins = null,
        ValueBaseline? losses = null,
        IReadOnlyDictionary<PolicyEstimate, ValueBaseline>? policies = null,
        ValueBaseline? errors = null,
        ValueBaseline? entropies = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        if (version < 1)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"version {version}: a version is at least 1"), nameof(version));
        }

        if (!segments.TryGetValue(SeriesKey.All, out var all))
        {
            throw new ArgumentException($"no events in segment {SeriesKey.All}", nameof(segments));
        }

        foreach (var (name, sums) in segments)
        {
            if (sums.Events == 0)
            {
                throw new ArgumentException($"no events in segment {name}", nameof(segments));
            }

            if (sums.Cells != classSpace.CellCount)
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"segment {name} has {sums.Cells} cells, the class space {classSpace.CellCount}"), nameof(segments));
            }
        }

        if (!AreThePartsOf(all, blocks))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the blocks do not hold the {all.Events} events of segment {SeriesKey.All}, oldest first"), nameof(blocks));
        }

        if (bins is not null && !bins.Space.Equals(classSpace))
        {
            throw new ArgumentException($"the classes are not the bins of the {bins.Edges.Count} score edges", nameof(bins));
        }

        if (errors is not null && errors.BinMeans is not [0, 1])
        {
            throw new ArgumentException("errors have two bins, 0 of what was right and 1 of what was wrong", nameof(errors));
        }

        (Model, Version, CreatedAt, ClassSpace, Blocks, Bins) = (model, version, createdAt, classSpace, blocks, bins);
        (Losses, Errors, Entropies) = (losses, errors, entropies);
        Policies = policies?.ToFrozenDictionary() ?? FrozenDictionary<PolicyEstimate, ValueBaseline>.Empty;
        Segments = segments.ToFrozenDictionary(
            segment => segment.Key, segment => new ReferenceDistribution(segment.Value, classSpace.Choices), StringComparer.Ordinal);
        Id = HashContent();
    }

    /// <summary>The hash of model, classes, sums and baselines, 16 hexadecimal digits: equal content, equal hash, whenever made.</summary>
    public string Id { get; }

    /// <summary>The model.</summary>
    public string Model { get; }

    /// <summary>Of two snapshots of one model the higher version is used.</summary>
    public int Version { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The classes.</summary>
    public ClassSpace ClassSpace { get; }

    /// <summary>The distribution of each segment that the reference knows, <see cref="SeriesKey.All"/> among them.</summary>
    public FrozenDictionary<string, ReferenceDistribution> Segments { get; }

    /// <summary>What a series over classes of such an id is compared with; null where it has other classes or lacks the segment.</summary>
    internal ReferenceDistribution? DistributionOf(SeriesKey series, string spaceId) =>
        ClassSpace.Id == spaceId ? Segments.GetValueOrDefault(SegmentOf(series.Segment)) : null;

    /// <summary>
    /// The segment that one of live traffic is compared with: its own, but all traffic for a version that has none, as one just deployed.
    /// </summary>
    internal string SegmentOf(string segment) =>
        SeriesKey.IsVersion(segment) && !Segments.ContainsKey(segment) ? SeriesKey.All : segment;

    /// <summary>All events.</summary>
    public ReferenceDistribution All => Segments[SeriesKey.All];

    /// <summary>All events in pane-sized blocks of time, oldest first: what keeps autocorrelation for calibration.</summary>
    public ImmutableArray<ReferenceBlock> Blocks { get; }

    /// <summary>The bins of scores when the classes are such, else null.</summary>
    public ScoreBins? Bins { get; }

    /// <summary>What labels cost its predictions; null when it was built without any.</summary>
    public ValueBaseline? Losses { get; }

    /// <summary>
    /// How often its most probable class was not the label's: the value 1, else 0. Null when it was built without labels, or before there
    /// was this baseline.
    /// </summary>
    public ValueBaseline? Errors { get; }

    /// <summary>
    /// The entropies of single outputs, nats: how sure they were. Null where all were 0, as of labels and scores, or when it was built
    /// before there was this baseline.
    /// </summary>
    public ValueBaseline? Entropies { get; }

    /// <summary>What those of a segment are compared with: a baseline of all traffic; null where there is none.</summary>
    internal ValueBaseline? EntropiesOf(string segment) => segment == SeriesKey.All ? Entropies : null;

    /// <summary>The share of its labels that were the most probable class; null when it is not known.</summary>
    public double? AccuracyRatio => 1 - Errors?.Mean;

    /// <summary>What its events said of two policies, for each estimate that there was; empty for models without.</summary>
    public FrozenDictionary<PolicyEstimate, ValueBaseline> Policies { get; }

    /// <summary>What the class space is to a model that this reference is put into use for.</summary>
    public ModelClasses Classes => new(ClassSpace, CreatedAt.ToUnixTimeMilliseconds(), Bins);

    /// <summary>The hash of the blocks alone; worked out when first asked for.</summary>
    internal string BlocksId
    {
        get
        {
            if (_blocksId is null)
            {
                using var hash = new ContentHash();
                hash.Add(Blocks);
                _blocksId = hash.Text(bytes: 16);
            }

            return _blocksId;
        }
    }

    private static bool AreThePartsOf(PaneSums all, ImmutableArray<ReferenceBlock> blocks)
    {
        var (events, mass, lastStartMs) = (0L, new ulong[all.Cells], long.MinValue);
        foreach (var block in blocks.IsDefault ? [] : blocks)
        {
            if (block.StartMs < lastStartMs || block.Mass.Length != mass.Length)
            {
                return false;
            }

            (events, lastStartMs) = (events + block.Events, block.StartMs);
            TensorPrimitives.Add(mass, block.Mass.AsSpan(), mass);
        }

        return events == all.Events && all.MassOfAll().AsSpan().SequenceEqual(mass);
    }

    private string HashContent()
    {
        using var hash = new ContentHash();
        hash.Add($"{Model}\0{ClassSpace.Id}\0");
        foreach (var (name, distribution) in Segments.OrderBy(segment => segment.Key, StringComparer.Ordinal))
        {
            hash.Add($"{name}\0");
            hash.Add(distribution.Sums.Events);
            hash.Add(distribution.Sums.MassOfAll());
            hash.Add(distribution.Sums.SquaresOfAll());
        }

        hash.Add(Blocks);

        // A snapshot without baselines has the id that it had before there were any.
        void Baseline(string name, ValueBaseline baseline)
        {
            hash.Add($"{name}\0");
            hash.Add(baseline);
        }

        if (Losses is { } losses)
        {
            Baseline("losses", losses);
        }

        if (Errors is { } errors)
        {
            Baseline("errors", errors);
        }

        if (Entropies is { } entropies)
        {
            Baseline("entropies", entropies);
        }

        foreach (var (estimate, baseline) in Policies.OrderBy(policy => policy.Key))
        {
            Baseline(estimate.ToString(), baseline);
        }

        return hash.Text(bytes: 8);
    }
}
