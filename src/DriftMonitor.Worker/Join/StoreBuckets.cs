using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>The buckets of a store on disk: a column family for each stretch of event time, which is dropped whole.</summary>
/// <param name="bucketMs">How many milliseconds of event time a bucket holds.</param>
internal sealed class StoreBuckets(RocksDb db, ColumnFamilyOptions options, long bucketMs)
{
    private const char Prefix = 'b';

    private readonly SortedDictionary<long, ColumnFamilyHandle> _families = new(Comparer<long>.Create((a, b) => b.CompareTo(a)));
    private readonly List<(string Name, ColumnFamilyHandle Family)> _expired = [];

    /// <summary>The starts of the buckets, epoch milliseconds.</summary>
    public IEnumerable<long> Starts => _families.Keys;

    /// <summary>The buckets, the youngest first.</summary>
    public SortedDictionary<long, ColumnFamilyHandle>.ValueCollection Families => _families.Values;

    public static bool IsBucket(string family) => family[0] == Prefix;

    /// <summary>Takes in a bucket that the database has.</summary>
    public void Load(string name) => _families[long.Parse(name[1..], CultureInfo.InvariantCulture)] = db.GetColumnFamily(name);

    public long StartOf(JoinEntry entry) => entry.TimeMs / bucketMs * bucketMs;

    /// <summary>Whether a bucket ends by a time: it takes nothing more, since nothing can match, and expires at the next commit.</summary>
    public bool EndsBy(long start, long timeMs) => start + bucketMs <= timeMs;

    public ColumnFamilyHandle? Find(long start) => _families.GetValueOrDefault(start);

    public ColumnFamilyHandle GetOrCreate(long start) =>
        _families.TryGetValue(start, out var family) ? family : _families[start] = db.CreateColumnFamily(options, NameOf(start));

    /// <summary>Marks a bucket to be dropped: what is written until then may still name it.</summary>
    public void Expire(long start)
    {
        if (_families.Remove(start, out var family))
        {
            _expired.Add((NameOf(start), family));
        }
    }

    /// <summary>Drops the expired buckets. The next call tries again those that fail: what was written is written all the same.</summary>
    public void DropExpired() => _expired.RemoveAll(expired =>
    {
        try
        {
            db.DropColumnFamily(expired.Name);
        }
        catch (RocksDbSharpException)
        {
            return false;
        }

        ((IDisposable)expired.Family).Dispose(); // or its files stay, and stay open, until the database is closed
        return true;
    });

    private static string NameOf(long start) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{start}");
}
