using System.Collections.Immutable;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.Windows;

namespace DriftMonitor.References;

/// <summary>Builds the snapshot of one model from its predictions.</summary>
/// <remarks>Used by one thread. Event times need no order; memory grows with the number of blocks.</remarks>
public sealed class ReferenceBuilder(string model, ClassSpace classSpace, long blockMs = 10_000, ScoreBins? bins = null)
{
    /// <summary>The most blocks a snapshot keeps: with more, blocks are made twice as long until they fit. Large class spaces have fewer.</summary>
    public const int MaxBlocks = 5_000;

    private const int MaxBlockCells = 20_000_000; // 160 MB

    private readonly Dictionary<string, PaneSums> _segments = new(StringComparer.Ordinal) { [SeriesKey.All] = new(classSpace.CellCount) };
    private readonly SortedDictionary<long, PaneSums> _blocks = [];
    private readonly int _maxBlocks = Math.Clamp(MaxBlockCells / classSpace.CellCount, 1, MaxBlocks);
    private long _blockMs = blockMs > 0
        ? blockMs
        : throw new ArgumentOutOfRangeException(nameof(blockMs), blockMs, "a block lasts at least 1 ms");

    /// <summary>How many predictions were added.</summary>
    public long Events => _segments[SeriesKey.All].Events;

    /// <summary>Adds a prediction.</summary>
    /// <exception cref="ArgumentException">It is no prediction, or one of another model or class space.</exception>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Rejection != RejectionReason.None || record.Model.Name != model || !record.Classes.Space.Equals(classSpace) || !record.HasDistribution)
        {
            throw new ArgumentException($"not a prediction of {model} over {classSpace}", nameof(record));
        }

        _segments[SeriesKey.All].Add(record);
        if (record.Segment is { } segment)
        {
            SumsIn(_segments, segment.Segment).Add(record);
        }

        SumsIn(_blocks, BlockStart(record.EventTimeMs)).Add(record);
        while (_blocks.Count > _maxBlocks)
        {
            MakeBlocksLonger();
        }
    }

    /// <summary>The snapshot of what was added.</summary>
    /// <exception cref="ArgumentException">Nothing was added, or the version is less than 1.</exception>
    public ReferenceSnapshot Build(int version, DateTimeOffset createdAt) => new(
        model,
        version,
        createdAt,
        classSpace,
        _segments.ToDictionary(segment => segment.Key, segment => segment.Value.Copy(), StringComparer.Ordinal),
        [.. _blocks.Select(block => new ReferenceBlock(block.Key, block.Value.Events, [.. block.Value.MassOfAll()]))],
        bins);

    private PaneSums SumsIn<TKey>(IDictionary<TKey, PaneSums> sums, TKey key)
    {
        if (!sums.TryGetValue(key, out var found))
        {
            sums[key] = found = new PaneSums(classSpace.CellCount);
        }

        return found;
    }

    private long BlockStart(long timeMs) => timeMs - (((timeMs % _blockMs) + _blockMs) % _blockMs);

    private void MakeBlocksLonger()
    {
        _blockMs *= 2;
        var shorter = _blocks.ToImmutableArray();
        _blocks.Clear();
        foreach (var (start, sums) in shorter)
        {
            SumsIn(_blocks, BlockStart(start)).Add(sums);
        }
    }
}
