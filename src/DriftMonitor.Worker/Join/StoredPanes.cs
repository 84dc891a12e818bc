using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>The panes of a store on disk. Those that were asked for since the last write are kept in memory, where they change.</summary>
internal sealed class StoredPanes(RocksDb db)
{
    private readonly Dictionary<FeedbackPaneKey, FeedbackSums> _panes = [];
    private readonly Dictionary<long, long> _forgottenBeforeMs = []; // by the panes' length

    public FeedbackSums Get(FeedbackPaneKey key) =>
        _panes.TryGetValue(key, out var sums) ? sums : _panes[key] = Load(key);

    public IEnumerable<FeedbackPaneKey> Keys() =>
        StoreKeys.Scan(db, StoreKeys.PanePrefix)
            .Select(entry => StoredEntries.Read(() => StoreKeys.PaneOf(entry.Key())))
            .Union(_panes.Keys)
            .ToList();

    /// <summary>Drops the panes of a length that start before a time.</summary>
    public void Forget(long lengthMs, long beforeMs, WriteBatch batch)
    {
        beforeMs = Math.Max(0, beforeMs / lengthMs * lengthMs);
        if (beforeMs <= _forgottenBeforeMs.GetValueOrDefault(lengthMs))
        {
            return;
        }

        _forgottenBeforeMs[lengthMs] = beforeMs;
        foreach (var key in _panes.Keys.Where(key => key.LengthMs == lengthMs && key.StartMs < beforeMs).ToList())
        {
            _panes.Remove(key);
        }

        var (from, to) = (StoreKeys.PaneStart(lengthMs, 0), StoreKeys.PaneStart(lengthMs, beforeMs));
        batch.DeleteRange(from, (ulong)from.Length, to, (ulong)to.Length, null);
    }

    public void Write(WriteBatch batch)
    {
        foreach (var (key, sums) in _panes)
        {
            batch.Put(StoreKeys.Pane(key), SumsCodec.Encode(sums).ToByteArray());
        }
    }

    /// <summary>Forgets what was written, once it is.</summary>
    public void Clear() => _panes.Clear();

    private FeedbackSums Load(FeedbackPaneKey key) =>
        db.Get(StoreKeys.Pane(key)) is { } bytes ? StoredEntries.Read(() => SumsCodec.Decode(LabelSums.Parser.ParseFrom(bytes)))
        : new FeedbackSums();
}
