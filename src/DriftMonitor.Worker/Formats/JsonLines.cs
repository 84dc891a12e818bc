namespace DriftMonitor.Worker.Formats;

/// <summary>Reads a file of one JSON document a line, as bytes and with one buffer.</summary>
internal static class JsonLines
{
    /// <summary>Calls <paramref name="line"/> with each non-empty line's bytes, its number from 0, and the bytes read so far.</summary>
    public static void Read(string path, LineReader line)
    {
        using var file = File.OpenRead(path);
        Read(file, line);
    }

    /// <inheritdoc cref="Read(string, LineReader)"/>
    public static void Read(Stream file, LineReader line)
    {
        var buffer = new byte[64 * 1024];
        var (filled, number, total) = (0, 0L, 0L);
        while (true)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length); // a line longer than the buffer
            }

            var read = file.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            total += read;
            var rest = buffer.AsSpan(0, filled);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                Emit(rest[..end]);
            }

            if (read == 0)
            {
                Emit(rest);
                return;
            }

            filled = rest.Length;
            rest.CopyTo(buffer);
        }

        void Emit(ReadOnlySpan<byte> bytes)
        {
            bytes = bytes.TrimEnd((byte)'\r');
            if (!bytes.IsEmpty)
            {
                line(bytes, number, total);
            }

            number++;
        }
    }

    public delegate void LineReader(ReadOnlySpan<byte> line, long number, long bytesRead);
}
