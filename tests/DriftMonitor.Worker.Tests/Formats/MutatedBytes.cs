namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Bits and bytes flipped, cut, joined and repeated: what a length says and what is there no longer agree.</summary>
internal static class MutatedBytes
{
    public static byte[] Next(Random random, byte[][] valid)
    {
        var bytes = valid[random.Next(valid.Length)];
        for (var mutations = random.Next(1, 4); mutations > 0; mutations--)
        {
            var at = random.Next(bytes.Length + 1);
            var other = valid[random.Next(valid.Length)];
            bytes = random.Next(6) switch
            {
                0 when at < bytes.Length => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
                1 => bytes[..at],
                2 => [.. bytes[..at], .. other[random.Next(other.Length + 1)..]],
                3 => [.. bytes, .. other],
                4 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                _ => [.. bytes[..at], .. Enumerable.Repeat((byte)random.Next(256), random.Next(20)), .. bytes[at..]],
            };
        }

        return bytes;
    }
}
