using System.Buffers.Binary;

namespace DriftMonitor.Worker.Wire;

/// <summary>
/// Which partition of each of our topics a model's records are in: the same number in all, so that one replica has all of it.
/// </summary>
/// <remarks>
/// As Kafka's own clients place a record whose key is the model's name: 32-bit MurmurHash2 with the seed 0x9747b28c, its sign bit cleared,
/// modulo the partitions. Not left to them since our keys, for compaction, say more than the model.
/// </remarks>
internal static class ModelPartitions
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Shift = 24;

    /// <summary>The partition of a model's records in a topic of so many partitions.</summary>
    public static int Of(string model, int partitions)
    {
        var bytes = Encoding.UTF8.GetBytes(model).AsSpan();
        var hash = Seed ^ (uint)bytes.Length;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
        {
            var block = BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Multiplier;
            hash = (hash * Multiplier) ^ ((block ^ (block >> Shift)) * Multiplier);
        }

        if (bytes.Length > 0)
        {
            Span<byte> last = stackalloc byte[sizeof(uint)];
            last.Clear();
            bytes.CopyTo(last);
            hash = (hash ^ BinaryPrimitives.ReadUInt32LittleEndian(last)) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        hash ^= hash >> 15;
        return (int)(hash & int.MaxValue) % partitions;
    }
}
