namespace DriftMonitor.References;

/// <summary>Sums by equal stretches of time, aligned to the epoch, which become twice as long whenever there are too many.</summary>
/// <remarks>Times need no order: what the blocks are in the end depends on the times alone. Used by one thread.</remarks>
/// <param name="blockMs">A block's length at first, milliseconds, at least 1.</param>
/// <param name="most">The most blocks there may be, at least 1.</param>
/// <param name="empty">Makes the sums of a new block.</param>
/// <param name="add">Adds the second sums to the first.</param>
internal sealed class TimeBlocks<TSums>(long blockMs, int most, Func<TSums> empty, Action<TSums, TSums> add)
{
    private readonly SortedDictionary<long, TSums> _blocks = [];
    private long _blockMs = blockMs > 0
        ? blockMs
        : throw new ArgumentOutOfRangeException(nameof(blockMs), blockMs, "a block lasts at least 1 ms");

    /// <summary>The blocks by their starts, oldest first.</summary>
    public IReadOnlyCollection<KeyValuePair<long, TSums>> OldestFirst => _blocks;

    /// <summary>The sums of the block that a time lies in, to be added to at once.</summary>
    public TSums At(long timeMs)
    {
        var sums = Block(timeMs);
        while (_blocks.Count > most)
        {
            MakeLonger();
            sums = Block(timeMs);
        }

        return sums;
    }

    private TSums Block(long timeMs)
    {
        var start = timeMs - (((timeMs % _blockMs) + _blockMs) % _blockMs);
        if (!_blocks.TryGetValue(start, out var sums))
        {
            _blocks[start] = sums = empty();
        }

        return sums;
    }

    private void MakeLonger()
    {
        _blockMs *= 2;
        var shorter = _blocks.ToArray();
        _blocks.Clear();
        foreach (var (start, sums) in shorter)
        {
            add(Block(start), sums);
        }
    }
}
