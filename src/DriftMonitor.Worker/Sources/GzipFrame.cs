using System.IO.Compression;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>A value that is compressed with gzip. It may not become larger than a record may be.</summary>
internal sealed class GzipFrame(int maxBytes) : IFrame
{
    private byte[] _payload = new byte[1024];

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        payload = [];
        try
        {
            using var unzipped = new GZipStream(new MemoryStream(value.ToArray()), CompressionMode.Decompress);
            var length = 0;
            while (unzipped.Read(_payload, length, _payload.Length - length) is > 0 and var read)
            {
                length += read;
                if (length > maxBytes)
                {
                    return RejectionReason.TooLarge;
                }

                if (length == _payload.Length)
                {
                    Array.Resize(ref _payload, 2 * length);
                }
            }

            payload = _payload.AsSpan(0, length);
            return RejectionReason.None;
        }
        catch (InvalidDataException)
        {
            return RejectionReason.Malformed;
        }
    }
}
