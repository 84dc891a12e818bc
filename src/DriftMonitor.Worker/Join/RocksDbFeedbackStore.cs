using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>A store on disk, larger than memory: RocksDB, one database a partition, one column family a bucket of time.</summary>
/// <remarks>
/// What is put waits in memory until the next commit, which writes it in one batch together with the offsets: either all of it is on disk or
/// nothing, also after a kill. A bucket is dropped whole, which takes no compaction, once the batch that may name it is written. The
/// default column family has, by the first byte of the key: the position (o), class spaces (s), panes (p), how many labels wait in a
/// bucket (w), and what the data was made with (v).
/// </remarks>
internal sealed class RocksDbFeedbackStore : IFeedbackStore
{
    private const int BloomBits = 10;
    private const char BucketPrefix = 'b';

    private static readonly byte[] PositionKey = [(byte)'o'];
    private static readonly byte[] MadeWithKey = [(byte)'v'];

    private readonly long _bucketMs;
    private readonly RocksDb _db;
    private readonly ColumnFamilyOptions _options;
    private readonly SortedDictionary<long, ColumnFamilyHandle> _buckets = new(Comparer<long>.Create((a, b) => b.CompareTo(a))); // the youngest is looked into first
    private readonly Dictionary<long, long> _waiting = [];
    private readonly List<ClassSpace> _spaces = [];
    private readonly Dictionary<string, int> _spaceNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<JoinKey, JoinEntry> _entries = [];
    private readonly Dictionary<FeedbackPaneKey, FeedbackSums> _panes = [];
    private readonly Dictionary<long, long> _panesForgotten = [];
    private readonly List<(string Name, ColumnFamilyHandle Family)> _expired = [];
    private long _forgottenBeforeMs = long.MinValue;
    private long _forgottenAtOnce;
    private WriteBatch _batch = new();

    private RocksDbFeedbackStore(string directory, long bucketMs, Cache cache, ulong writeBufferBytes)
    {
        _bucketMs = bucketMs;
        var table = new BlockBasedTableOptions()
            .SetBlockCache(cache).SetCacheIndexAndFilterBlocks(true).SetFilterPolicy(BloomFilterPolicy.Create(BloomBits, false)).SetFormatVersion(5);
        _options = new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(table).SetWriteBufferSize(writeBufferBytes / 2).SetCompression(Compression.Lz4);
        var options = new DbOptions()
            .SetCreateIfMissing(true).SetCreateMissingColumnFamilies(true)
            .SetDbWriteBufferSize(writeBufferBytes).SetMaxTotalWalSize(2 * writeBufferBytes)
            .SetMaxOpenFiles(256).SetKeepLogFileNum(2).SetInfoLogLevel(InfoLogLevel.Error);
        var families = new ColumnFamilies(_options);
        var names = RocksDb.TryListColumnFamilies(options, directory, out var present) ? present.Where(name => name[0] == BucketPrefix).ToList() : [];
        names.ForEach(name => families.Add(name, _options));
        _db = RocksDb.Open(options, directory, families);
        try
        {
            StoredEntries.Read(() =>
            {
                names.ForEach(name => _buckets[long.Parse(name[1..], CultureInfo.InvariantCulture)] = _db.GetColumnFamily(name));
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

    /// <summary>The database, for tests to look into.</summary>
    internal RocksDb Database => _db;

    /// <summary>Opens what a directory holds, or begins anew when it is empty or was made with another plan.</summary>
    /// <param name="directory">The database's own directory.</param>
    /// <param name="plan">The windows and the horizon.</param>
    /// <param name="bucketMs">How many milliseconds of event time are dropped at once.</param>
    /// <param name="cache">Memory for reading, shared by all partitions.</param>
    /// <param name="writeBufferBytes">Memory for writing.</param>
    public static RocksDbFeedbackStore Open(string directory, FeedbackPlan plan, long bucketMs, Cache cache, ulong writeBufferBytes)
    {
        var madeWith = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"1 {plan.HorizonMs} {bucketMs} {string.Join(' ', plan.Levels.Select(level => $"{level.ReachMs}/{level.PaneMs}"))}"));
        var store = new RocksDbFeedbackStore(directory, bucketMs, cache, writeBufferBytes);
        try
        {
            if (store._db.Get(MadeWithKey) is { } before && !before.AsSpan().SequenceEqual(madeWith))
            {
                store.Dispose();
                Directory.Delete(directory, recursive: true); // panes of other lengths: all is rebuilt from the topics
                store = new RocksDbFeedbackStore(directory, bucketMs, cache, writeBufferBytes);
            }

            store._db.Put(MadeWithKey, madeWith);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public JoinedPrediction AsKept(JoinedPrediction prediction) => prediction with { Probabilities = StoredEntries.Rounded(prediction.Probabilities) };

    /// <inheritdoc/>
    public JoinEntry Find(JoinKey key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            return entry;
        }

        var bytes = StoredEntries.Key(key);
        foreach (var bucket in _buckets.Values)
        {
            if (_db.Get(bytes, bucket) is { } found)
            {
                return StoredEntries.Read(() => StoredEntries.Decode(found, _spaces));
            }
        }

        return JoinEntry.Empty;
    }

    /// <inheritdoc/>
    public void Put(JoinKey key, JoinEntry found, JoinEntry entry)
    {
        if (found.Waiting > 0)
        {
            Wait(BucketOf(found), -found.Waiting);
        }

        if (IsForgotten(BucketOf(entry), _forgottenBeforeMs))
        {
            _forgottenAtOnce += entry.Waiting;
            _entries[key] = JoinEntry.Empty;
        }
        else
        {
            if (entry.Waiting > 0)
            {
                Wait(BucketOf(entry), entry.Waiting);
            }

            _entries[key] = entry;
        }

        if (!ReferenceEquals(found, JoinEntry.Empty) && BucketOf(found) != BucketOf(entry) && _buckets.TryGetValue(BucketOf(found), out var bucket))
        {
            _batch.Delete(StoredEntries.Key(key), bucket);
        }
    }

    /// <inheritdoc/>
    public FeedbackSums Pane(FeedbackPaneKey key)
    {
        if (!_panes.TryGetValue(key, out var sums))
        {
            sums = _db.Get(KeyOf(key)) is { } bytes ? StoredEntries.Read(() => Sums(bytes)) : new FeedbackSums();
            _panes[key] = sums;
        }

        return sums;
    }

    /// <inheritdoc/>
    public IEnumerable<FeedbackPaneKey> Panes()
    {
        var keys = new HashSet<FeedbackPaneKey>(_panes.Keys);
        keys.UnionWith(Entries('p').Select(entry => StoredEntries.Read(() => PaneOf(entry.Key()))));
        return keys;
    }

    /// <inheritdoc/>
    public long Forget(long beforeMs)
    {
        var waiting = _forgottenAtOnce;
        _forgottenAtOnce = 0;
        _forgottenBeforeMs = Math.Max(_forgottenBeforeMs, beforeMs);
        foreach (var start in _buckets.Keys.Concat(_waiting.Keys).Distinct().Where(start => IsForgotten(start, beforeMs)).ToList())
        {
            waiting += _waiting.GetValueOrDefault(start);
            _waiting.Remove(start);
            _batch.Delete(WaitingKey(start));
            if (_buckets.Remove(start, out var family))
            {
                _expired.Add((NameOf(start), family));
            }
        }

        foreach (var (key, entry) in _entries)
        {
            if (!ReferenceEquals(entry, JoinEntry.Empty) && IsForgotten(BucketOf(entry), beforeMs))
            {
                _entries.Remove(key);
            }
        }

        return waiting;
    }

    /// <inheritdoc/>
    public void ForgetPanes(long lengthMs, long beforeMs)
    {
        beforeMs = Math.Max(0, beforeMs / lengthMs * lengthMs);
        if (beforeMs <= _panesForgotten.GetValueOrDefault(lengthMs))
        {
            return;
        }

        _panesForgotten[lengthMs] = beforeMs;
        foreach (var key in _panes.Keys.Where(key => key.LengthMs == lengthMs && key.StartMs < beforeMs).ToList())
        {
            _panes.Remove(key);
        }

        var (from, to) = (PaneKeyStart(lengthMs, 0), PaneKeyStart(lengthMs, beforeMs));
        _batch.DeleteRange(from, (ulong)from.Length, to, (ulong)to.Length, null);
    }

    /// <inheritdoc/>
    public void Commit(FeedbackPosition position)
    {
        foreach (var (key, entry) in _entries.Where(put => !ReferenceEquals(put.Value, JoinEntry.Empty)))
        {
            _batch.Put(StoredEntries.Key(key), StoredEntries.Encode(entry, NumberOf), Bucket(BucketOf(entry)));
        }

        foreach (var (key, sums) in _panes)
        {
            _batch.Put(KeyOf(key), FeedbackPaneCodec.Encode(sums).ToByteArray());
        }

        foreach (var (bucket, count) in _waiting)
        {
            _batch.Put(WaitingKey(bucket), BitConverter.GetBytes(count));
        }

        var stored = new StoredPosition
        {
            PredictionsNext = position.PredictionsNext,
            FeedbackNext = position.FeedbackNext,
            PredictionsClockMs = position.PredictionsClockMs,
            FeedbackClockMs = position.FeedbackClockMs,
            PredictionsFromMs = position.PredictionsFromMs,
            PredictionsLostBeforeMs = position.PredictionsLostBeforeMs,
            LabelsLostBeforeMs = position.LabelsLostBeforeMs,
            ReadOfFormerLogs = position.ReadOfFormerLogs,
        };
        _batch.Put(PositionKey, stored.ToByteArray());
        _db.Write(_batch);
        _batch.Dispose();
        _batch = new WriteBatch();
        _entries.Clear();
        _panes.Clear();
        Position = position;
        _expired.RemoveAll(expired => IsDropped(expired.Name, expired.Family));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _db.Dispose();
    }

    private void Load()
    {
        if (_db.Get(PositionKey) is { } position)
        {
            var stored = StoredPosition.Parser.ParseFrom(position);
            Position = new FeedbackPosition(
                stored.PredictionsNext, stored.FeedbackNext, stored.PredictionsClockMs, stored.FeedbackClockMs, stored.PredictionsFromMs)
            {
                PredictionsLostBeforeMs = stored.PredictionsLostBeforeMs,
                LabelsLostBeforeMs = stored.LabelsLostBeforeMs,
                ReadOfFormerLogs = stored.ReadOfFormerLogs,
            };
        }

        foreach (var entry in Entries('s'))
        {
            Remember(ClassSpace.Create(StoredSpace.Parser.ParseFrom(entry.Value()).Names)); // in the order of their numbers
        }

        foreach (var entry in Entries('w'))
        {
            _waiting[BinaryPrimitives.ReadInt64BigEndian(entry.Key().AsSpan(1))] = BitConverter.ToInt64(entry.Value());
        }
    }

    /// <summary>The iterator at each entry whose key begins so. At a block that cannot be read it ends as at the last: only its error tells.</summary>
    private IEnumerable<Iterator> Entries(char prefix)
    {
        using var iterator = _db.NewIterator();
        for (iterator.Seek([(byte)prefix]); iterator.Valid() && iterator.Key()[0] == prefix; iterator.Next())
        {
            yield return iterator;
        }

        Native.Instance.rocksdb_iter_get_error(iterator.Handle);
    }

    /// <summary>Drops an expired bucket, which the next commit tries again when it fails: what was written is written all the same.</summary>
    private bool IsDropped(string name, ColumnFamilyHandle family)
    {
        try
        {
            _db.DropColumnFamily(name);
        }
        catch (RocksDbSharpException)
        {
            return false;
        }

        ((IDisposable)family).Dispose(); // or its files stay, and stay open, until the database is closed
        return true;
    }

    private void Wait(long bucket, long labels) => _waiting[bucket] = _waiting.GetValueOrDefault(bucket) + labels;

    private void Remember(ClassSpace space)
    {
        _spaces.Add(space);
        _spaceNumbers[space.Id] = _spaces.Count;
    }

    private int NumberOf(ClassSpace space)
    {
        if (!_spaceNumbers.TryGetValue(space.Id, out var number))
        {
            Remember(space);
            number = _spaces.Count;
            var wire = new StoredSpace();
            wire.Names.AddRange(space.Names);
            _batch.Put(new byte[] { (byte)'s' }.Concat(BigEndian(number)).ToArray(), wire.ToByteArray());
        }

        return number;
    }

    private ColumnFamilyHandle Bucket(long start)
    {
        if (!_buckets.TryGetValue(start, out var bucket))
        {
            _buckets[start] = bucket = _db.CreateColumnFamily(_options, NameOf(start));
        }

        return bucket;
    }

    /// <summary>Such a bucket takes nothing more: it is gone with the next commit, and nothing can match what would be in it.</summary>
    private bool IsForgotten(long bucket, long beforeMs) => bucket + _bucketMs <= beforeMs;

    private long BucketOf(JoinEntry entry) => entry.TimeMs / _bucketMs * _bucketMs;

    private static string NameOf(long start) => string.Create(CultureInfo.InvariantCulture, $"{BucketPrefix}{start}");

    private static byte[] WaitingKey(long start) => [(byte)'w', .. BigEndian(start)];

    private static byte[] PaneKeyStart(long lengthMs, long startMs) => [(byte)'p', .. BigEndian(lengthMs), .. BigEndian(startMs)];

    private static byte[] KeyOf(FeedbackPaneKey key) =>
        [.. PaneKeyStart(key.LengthMs, key.StartMs), (byte)key.Attribution, .. Encoding.UTF8.GetBytes($"{key.Series.Model}\0{key.Series.Segment}")];

    private static FeedbackPaneKey PaneOf(ReadOnlySpan<byte> bytes)
    {
        var series = Encoding.UTF8.GetString(bytes[18..]).Split('\0', 2);
        return new FeedbackPaneKey(
            new SeriesKey(series[0], series[1]), (Attribution)bytes[17], BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]));
    }

    private static FeedbackSums Sums(byte[] bytes) =>
        FeedbackPaneCodec.Decode(FeedbackPaneSums.Parser.ParseFrom(bytes))
        ?? throw new InvalidDataException("a pane has other bins than are written");

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
