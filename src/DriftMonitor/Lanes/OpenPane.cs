namespace DriftMonitor.Lanes;

/// <summary>A base pane of one series and source partition that still takes events.</summary>
/// <remarks>
/// Used by one thread. Its first offset is that of its first event, or an earlier one from which on it must be re-read to find the same
/// duplicates; the offset before that of the record that had set the clock before this pane, −1 for none.
/// </remarks>
internal sealed class OpenPane(long startMs, ModelClasses classes, long firstOffset, long clockOffsetBefore)
{
    private readonly PaneSums _sums = new(classes.Space.CellCount);
    private long _firstOffset = firstOffset;
    private long _lastOffset;
    private long _earliestEventMs = long.MaxValue;
    private long _latestEventMs = long.MinValue;
    private bool _changed;

    public long StartMs => startMs;

    /// <summary>From where on a re-read counts the same in it.</summary>
    public long SafeOffset => clockOffsetBefore >= 0 ? Math.Min(_firstOffset, clockOffsetBefore) : _firstOffset;

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

    /// <summary>Has it re-read from an offset on: registers of one that was re-read from later must not take its place.</summary>
    public void NeedFrom(long offset)
    {
        _changed |= offset < _firstOffset;
        _firstOffset = Math.Min(_firstOffset, offset);
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
        new PaneClasses(
            classes.Space.Id, classes.Generation, classes.Generation == ModelClasses.Inferred ? classes.Space : null,
            classes.Space.Choices),
        _firstOffset,
        _lastOffset,
        _earliestEventMs,
        _latestEventMs,
        _sums.Copy());
}
