using System.Buffers.Binary;
using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>The store's keys on disk. In the default column family the first byte is the kind of entry; big-endian numbers sort.</summary>
internal static class StoreKeys
{
    public const byte SpacePrefix = (byte)'s';
    public const byte PanePrefix = (byte)'p';
    public const byte WaitingPrefix = (byte)'w';

    /// <summary>How far both logs have been read.</summary>
    public static byte[] Position { get; } = [(byte)'o'];

    /// <summary>What the data was made with.</summary>
    public static byte[] MadeWith { get; } = [(byte)'v'];

    /// <summary>An entry, within a bucket.</summary>
    public static byte[] Of(JoinKey key) => Encoding.UTF8.GetBytes($"{key.Model}\0{key.Id}");

    public static byte[] Space(long number) => [SpacePrefix, .. BigEndian(number)];

    /// <summary>How many labels wait in a bucket.</summary>
    public static byte[] Waiting(long bucketMs) => [WaitingPrefix, .. BigEndian(bucketMs)];

    public static long WaitingBucketOf(byte[] key) => BinaryPrimitives.ReadInt64BigEndian(key.AsSpan(1));

    /// <summary>What the keys of all panes of a length that start at a time begin with.</summary>
    public static byte[] PaneStart(long lengthMs, long startMs) => [PanePrefix, .. BigEndian(lengthMs), .. BigEndian(startMs)];

    public static byte[] Pane(FeedbackPaneKey key) =>
        [
            .. PaneStart(key.LengthMs, key.StartMs), (byte)key.Attribution,
            .. Encoding.UTF8.GetBytes($"{key.Series.Model}\0{key.Series.Segment}")];

    public static FeedbackPaneKey PaneOf(ReadOnlySpan<byte> key)
    {
        var series = Encoding.UTF8.GetString(key[18..]).Split('\0', 2);
        return new FeedbackPaneKey(
            new SeriesKey(series[0], series[1]), (Attribution)key[17], BinaryPrimitives.ReadInt64BigEndian(key[1..]),
            BinaryPrimitives.ReadInt64BigEndian(key[9..]));
    }

    /// <summary>The iterator at each entry with this prefix. An unreadable block ends it as the last does: only its error tells.</summary>
    public static IEnumerable<Iterator> Scan(RocksDb db, byte prefix)
    {
        using var iterator = db.NewIterator();
        for (iterator.Seek([prefix]); iterator.Valid() && iterator.Key()[0] == prefix; iterator.Next())
        {
            yield return iterator;
        }

        Native.Instance.rocksdb_iter_get_error(iterator.Handle);
    }

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
