using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>A store on disk, larger than memory: RocksDB, one database a partition, one column family a bucket of time.</summary>
/// <remarks>
/// What is put waits in memory until the next commit, which writes it in one batch together with the offsets: either all of it is on disk
/// or nothing, also after a kill. A bucket is dropped whole, which takes no compaction, once the batch that may name it is written. The
/// default column family has the position, class spaces, panes, how many labels wait in each bucket, and what the data was made with
/// (<see cref="StoreKeys"/>).
/// </remarks>
internal sealed class RocksDbFeedbackStore : IFeedbackStore
{
    private const int BloomBits = 10;

    private readonly RocksDb _db;
    private readonly StoreBuckets _buckets;
    private readonly StoredPanes _panes;
    private readonly StoredSpaces _spaces = new();
    private readonly Dictionary<long, long> _waiting = [];
    private readonly Dictionary<JoinKey, JoinEntry> _entries = [];
    private long _forgottenBeforeMs = long.MinValue;
    private long _forgottenAtOnce;
    private WriteBatch _batch = new();

    private RocksDbFeedbackStore(string directory, long bucketMs, Cache cache, ulong writeBufferBytes)
    {
        var table = new BlockBasedTableOptions()
            .SetBlockCache(cache)
                .SetCacheIndexAndFilterBlocks(true)
                .SetFilterPolicy(BloomFilterPolicy.Create(BloomBits, false))
                .SetFormatVersion(5);
        var family = new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(table).SetWriteBufferSize(writeBufferBytes / 2).SetCompression(Compression.Lz4);
        var options = new DbOptions()
            .SetCreateIfMissing(true).SetCreateMissingColumnFamilies(true)
            .SetDbWriteBufferSize(writeBufferBytes).SetMaxTotalWalSize(2 * writeBufferBytes)
            .SetMaxOpenFiles(256).SetKeepLogFileNum(2).SetInfoLogLevel(InfoLogLevel.Error);
        var families = new ColumnFamilies(family);
        var names = RocksDb.TryListColumnFamilies(options, directory, out var present) ? present.Where(StoreBuckets.IsBucket).ToList() : [];
        names.ForEach(name => families.Add(name, family));
        _db = RocksDb.Open(options, directory, families);
        (_buckets, _panes) = (new StoreBuckets(_db, family, bucketMs), new StoredPanes(_db));
        try
        {
            StoredEntries.Read(() =>
            {
                names.ForEach(_buckets.Load);
                Load();
                return true;
            });
        }
        catch
        {
            Dispose(); // else the directory stays locked
            throw;
        }
    }

    /// <inheritdoc/>
    public FeedbackPosition Position { get; private set; } = FeedbackPosition.Start;

    /// <summary>Opens what a directory holds, or begins anew when it is empty or was made with another plan or from other topics.</summary>
    /// <param name="madeFrom">Which topics it is made from.</param>
    /// <param name="bucketMs">How many milliseconds of event time are dropped at once.</param>
    /// <param name="cache">Memory for reading, shared by all partitions.</param>
    /// <param name="writeBufferBytes">Memory for writing.</param>
    public static RocksDbFeedbackStore Open(
        string directory, FeedbackPlan plan, string madeFrom, long bucketMs, Cache cache, ulong writeBufferBytes)
    {
        var madeWith = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"1 {plan.HorizonMs} {bucketMs} {string.Join(' ', plan.Levels.Select(level => $"{level.ReachMs}/{level.PaneMs}"))} "
            + $"{madeFrom}"));
        var store = new RocksDbFeedbackStore(directory, bucketMs, cache, writeBufferBytes);
        try
        {
            if (store._db.Get(StoreKeys.MadeWith) is { } before && !before.AsSpan().SequenceEqual(madeWith))
            {
                var former = store.Position;
                store.Dispose();
                Directory.Delete(directory, recursive: true); // other panes, or of other logs: all is rebuilt from the topics
                store = new RocksDbFeedbackStore(directory, bucketMs, cache, writeBufferBytes) { Position = former.Anew() };
            }

            store._db.Put(StoreKeys.MadeWith, madeWith);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public JoinedPrediction AsKept(JoinedPrediction prediction) =>
        prediction with { Probabilities = StoredEntries.Rounded(prediction.Probabilities) };

    /// <inheritdoc/>
    public JoinEntry Find(JoinKey key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            return entry;
        }

        var bytes = StoreKeys.Of(key);
        foreach (var bucket in _buckets.Families)
        {
            if (_db.Get(bytes, bucket) is { } found)
            {
                return StoredEntries.Read(() => StoredEntries.Decode(found, _spaces.All));
            }
        }

        return JoinEntry.Empty;
    }

    /// <inheritdoc/>
    public void Put(JoinKey key, JoinEntry found, JoinEntry entry)
    {
        if (found.Waiting > 0)
        {
            Wait(_buckets.StartOf(found), -found.Waiting);
        }

        if (_buckets.EndsBy(_buckets.StartOf(entry), _forgottenBeforeMs))
        {
            _forgottenAtOnce += entry.Waiting;
            _entries[key] = JoinEntry.Empty;
        }
        else
        {
            if (entry.Waiting > 0)
            {
                Wait(_buckets.StartOf(entry), entry.Waiting);
            }

            _entries[key] = entry;
        }

        if (!ReferenceEquals(found, JoinEntry.Empty)
            && _buckets.StartOf(found) != _buckets.StartOf(entry)
            && _buckets.Find(_buckets.StartOf(found)) is { } bucket)
        {
            _batch.Delete(StoreKeys.Of(key), bucket);
        }
    }

    /// <inheritdoc/>
    public FeedbackSums Pane(FeedbackPaneKey key) => _panes.Get(key);

    /// <inheritdoc/>
    public IEnumerable<FeedbackPaneKey> Panes() => _panes.Keys();

    /// <inheritdoc/>
    public long Forget(long beforeMs)
    {
        var waiting = _forgottenAtOnce;
        _forgottenAtOnce = 0;
        _forgottenBeforeMs = Math.Max(_forgottenBeforeMs, beforeMs);
        foreach (var start in _buckets.Starts.Concat(_waiting.Keys).Distinct().Where(start => _buckets.EndsBy(start, beforeMs)).ToList())
        {
            waiting += _waiting.GetValueOrDefault(start);
            _waiting.Remove(start);
            _batch.Delete(StoreKeys.Waiting(start));
            _buckets.Expire(start);
        }

        foreach (var (key, entry) in _entries)
        {
            if (!ReferenceEquals(entry, JoinEntry.Empty) && _buckets.EndsBy(_buckets.StartOf(entry), beforeMs))
            {
                _entries.Remove(key);
            }
        }

        return waiting;
    }

    /// <inheritdoc/>
    public void ForgetPanes(long lengthMs, long beforeMs) => _panes.Forget(lengthMs, beforeMs, _batch);

    /// <inheritdoc/>
    public void Commit(FeedbackPosition position)
    {
        foreach (var (key, entry) in _entries.Where(put => !ReferenceEquals(put.Value, JoinEntry.Empty)))
        {
            _batch.Put(
                StoreKeys.Of(key), StoredEntries.Encode(entry, space => _spaces.NumberOf(space, _batch)),
                _buckets.GetOrCreate(_buckets.StartOf(entry)));
        }

        _panes.Write(_batch);
        foreach (var (bucket, count) in _waiting)
        {
            _batch.Put(StoreKeys.Waiting(bucket), BitConverter.GetBytes(count));
        }

        _batch.Put(StoreKeys.Position, PositionCodec.Encode(position));
        _db.Write(_batch);
        _batch.Dispose();
        _batch = new WriteBatch();
        _entries.Clear();
        _panes.Clear();
        Position = position;
        _buckets.DropExpired();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _db.Dispose();
    }

    private void Load()
    {
        if (_db.Get(StoreKeys.Position) is { } position)
        {
            Position = PositionCodec.Decode(position);
        }

        foreach (var entry in StoreKeys.Scan(_db, StoreKeys.SpacePrefix))
        {
            _spaces.Load(entry.Value());
        }

        foreach (var entry in StoreKeys.Scan(_db, StoreKeys.WaitingPrefix))
        {
            _waiting[StoreKeys.WaitingBucketOf(entry.Key())] = BitConverter.ToInt64(entry.Value());
        }
    }

    private void Wait(long bucket, long labels) => _waiting[bucket] = _waiting.GetValueOrDefault(bucket) + labels;
}
