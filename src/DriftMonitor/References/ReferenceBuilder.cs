using DriftMonitor.Lanes;

namespace DriftMonitor.References;

/// <summary>Builds the snapshot of one model from its predictions.</summary>
/// <remarks>Used by one thread. Event times need no order; memory grows with the number of blocks.</remarks>
/// <param name="model">The model.</param>
/// <param name="classSpace">Its classes.</param>
/// <param name="blockMs">How long a block is, milliseconds, unless there are too many.</param>
/// <param name="bins">The bins of scores when the classes are such.</param>
/// <param name="policies">What the model's events before any of these have said of two policies; null for nothing.</param>
/// <param name="versions">
/// Whether each version gets a distribution of its own; without one it is compared with that of all traffic, as a version is that is yet to
/// come.
/// </param>
/// <param name="panes">When panes close, within which duplicates are found; null for the default settings.</param>
public sealed class ReferenceBuilder(
    string model, ClassSpace classSpace, long blockMs = ReferenceBuilder.DefaultBlockMs, ScoreBins? bins = null,
    PolicyBaselinesBuilder? policies = null, bool versions = false, WindowPlan? panes = null)
{
    /// <summary>How long a block is, milliseconds, unless there are too many.</summary>
    public const long DefaultBlockMs = 10_000;

    /// <summary>The most blocks a snapshot keeps: more are merged, twice as long, until they fit. Large class spaces have fewer.</summary>
    public const int MaxBlocks = 5_000;

    /// <summary>The service's panes, unless its settings say otherwise.</summary>
    private static readonly WindowPlan DefaultPanes = WindowPlan.Create(
        [WindowSpec.TryParse("10s/10s", out var pane, out var problem) ? pane : throw new InvalidOperationException(problem)],
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

    private const int MaxBlockCells = 20_000_000; // 160 MB

    private readonly Dictionary<string, PaneSums> _segments = new(StringComparer.Ordinal) { [SeriesKey.All] = new(classSpace.CellCount) };
    private readonly TimeBlocks<PaneSums> _blocks = new(
        blockMs, Math.Clamp(MaxBlockCells / classSpace.CellCount, 1, MaxBlocks), () => new PaneSums(classSpace.CellCount),
        (sums, more) => sums.Add(more));

    private readonly WindowPlan _panes = panes ?? DefaultPanes;
    private readonly SeenIds _ids = new(panes ?? DefaultPanes, MemoryBudget.Unlimited());
    private long _clockMs = long.MinValue;

    private readonly PolicyBaselinesBuilder _policies = policies ?? new(blockMs);
    private readonly ValueBaselineBuilder _losses = new(blockMs);
    private readonly ValueBaselineBuilder _entropies = new(blockMs);
    private bool _anyIsUnsure;
    private readonly TimeBlocks<long[]> _errors = new(
        blockMs, MaxBlocks, () => new long[2], (counts, more) => TensorPrimitives.Add(counts, more, counts));

    /// <summary>How many predictions were added that are distributions.</summary>
    public long Events => _segments[SeriesKey.All].Events;

    /// <summary>
    /// How many predictions count in nothing, since one with their id came before them, in the time that the service looks back.
    /// </summary>
    public long Duplicates { get; private set; }

    /// <summary>How many ids are kept to find duplicates by.</summary>
    internal int KeptIds => _ids.Count;

    /// <summary>How many labels were added.</summary>
    public long Labels => _losses.Events;

    /// <summary>Adds a prediction. One that is no distribution only counts in what is known of two policies.</summary>
    /// <exception cref="ArgumentException">It is no prediction, or one of another model or class space.</exception>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Rejection != RejectionReason.None
            || record.Model.Name != model
            || (record.HasDistribution && !record.Classes.Space.Equals(classSpace)))
        {
            throw new ArgumentException($"not a prediction of {model} over {classSpace}", nameof(record));
        }

        if (IsDuplicate(record))
        {
            Duplicates++;
            return;
        }

        _policies.Add(record);
        if (!record.HasDistribution)
        {
            return;
        }

        foreach (var series in record.Series)
        {
            if (versions || !SeriesKey.IsVersion(series.Segment))
            {
                SumsOf(series.Segment).Add(record);
            }
        }

        _blocks.At(record.EventTimeMs).Add(record);
        var entropy = FixedPoint.FromNats(record.EntropyNats);
        _entropies.Add(record.EventTimeMs, entropy);
        _anyIsUnsure |= entropy > 0;
    }

    private bool IsDuplicate(PredictionRecord record)
    {
        if (record.KeepsDuplicates || record.Id.IsEmpty)
        {
            return false;
        }

        var (id, pane) = (SeenIds.HashOf(record), _panes.PaneStart(record.EventTimeMs));
        if (record.EventTimeMs > _clockMs)
        {
            _clockMs = record.EventTimeMs;
            _ids.Close(_panes.ClosedBefore(_clockMs));
        }

        // what is older than the service would look at is neither looked for nor kept
        return !Lateness.IsClosed(_panes, pane, _clockMs)
            && _ids.IsDuplicate(id, pane, offset: 0, _clockMs, clockOffset: -1, out _);
    }

    /// <summary>How many of them cost the cap (<see cref="Join.FeedbackOutcome.MaxLossNats"/>).</summary>
    public long CappedLabels { get; private set; }

    /// <summary>Whether the snapshot gets no baseline of cross-entropy, since more than a tenth of the labels cost the cap.</summary>
    /// <remarks>A loss that is capped is not measured: the mean would be that of the cap, and hide any rise of the others.</remarks>
    public bool LossesAreCapped => 10 * CappedLabels > Labels;

    /// <summary>Adds how a prediction came out by its label.</summary>
    /// <param name="predictionMs">When the prediction was made, epoch milliseconds.</param>
    /// <param name="lossUnits">The cross-entropy, in units of <see cref="FixedPoint"/>.</param>
    /// <param name="correct">Whether its most probable class is the label's.</param>
    /// <param name="capped">Whether the cross-entropy is the cap.</param>
    public void AddLabel(long predictionMs, long lossUnits, bool correct, bool capped = false)
    {
        _losses.Add(predictionMs, lossUnits);
        _errors.At(predictionMs)[correct ? 0 : 1]++;
        CappedLabels += capped ? 1 : 0;
    }

    /// <summary>The snapshot of what was added.</summary>
    /// <exception cref="ArgumentException">No distribution was added, or the version is less than 1.</exception>
    public ReferenceSnapshot Build(int version, DateTimeOffset createdAt) => new(
        model,
        version,
        createdAt,
        classSpace,
        _segments.ToDictionary(segment => segment.Key, segment => segment.Value.Copy().With(default), StringComparer.Ordinal),
        [.. _blocks.OldestFirst.Select(block => new ReferenceBlock(block.Key, block.Value.Events, [.. block.Value.MassOfAll()]))],
        bins,
        _losses.Events > 0 && !LossesAreCapped ? _losses.Build() : null,
        _policies.Build(),
        Labels > 0
            ? new ValueBaseline([0, 1], [.. _errors.OldestFirst.Select(block => new ValueBlock(block.Key, [.. block.Value]))])
            : null,
        _anyIsUnsure ? _entropies.Build() : null);

    private PaneSums SumsOf(string segment) =>
        _segments.TryGetValue(segment, out var found) ? found : _segments[segment] = new PaneSums(classSpace.CellCount);
}
