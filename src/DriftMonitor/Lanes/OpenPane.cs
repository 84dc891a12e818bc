namespace DriftMonitor.Lanes;

/// <summary>A base pane of one series and source partition that still takes events.</summary>
/// <remarks>Used by one thread. <see cref="ClockOffsetBefore"/>: the record that had set the clock before this pane, −1 for none.</remarks>
internal sealed class OpenPane(long startMs, ModelClasses classes, long firstOffset, long clockOffsetBefore)
{
    private readonly PaneSums _sums = new(classes.Space.CellCount);
    private long _lastOffset;
    private long _earliestEventMs = long.MaxValue;
    private long _latestEventMs = long.MinValue;
    private bool _changed;

    public long StartMs => startMs;

    public long FirstOffset => firstOffset;

    public long ClockOffsetBefore => clockOffsetBefore;

    /// <summary>What it takes of a <see cref="MemoryBudget"/>.</summary>
    public long Weight => _sums.Weight;

    public bool Holds(ModelClasses other) => ReferenceEquals(classes, other) || classes.Space.Equals(other.Space);

    public void Add(PredictionRecord record)
    {
        if (record.HasDistribution)
        {
            _sums.Add(record);
        }

        if (record.Paired is { } paired)
        {
            _sums.Add(paired);
        }

        if (record.Sampled is { } sampled)
        {
            _sums.Add(sampled);
        }

        _lastOffset = record.Offset;
        _earliestEventMs = Math.Min(_earliestEventMs, record.EventTimeMs);
        _latestEventMs = Math.Max(_latestEventMs, record.EventTimeMs);
        _changed = true;
    }

    /// <summary>Whether events came since the last call.</summary>
    public bool TakeChanged()
    {
        var changed = _changed;
        _changed = false;
        return changed;
    }

    public PaneRegister ToRegister(int sourcePartition, SeriesKey series) => new(
        sourcePartition,
        series,
        startMs,
        new PaneClasses(classes.Space.Id, classes.Generation, classes.Generation == ModelClasses.Inferred ? classes.Space : null),
        firstOffset,
        _lastOffset,
        _earliestEventMs,
        _latestEventMs,
        _sums.Copy());
}
