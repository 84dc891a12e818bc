using System.IO.Compression;
using System.Security.Cryptography;

namespace DriftMonitor.Worker.Pages;

/// <summary>A file that pages load: what is sent of it. Immutable.</summary>
internal sealed class PageAsset
{
    private const int NameOfHash = 16;

    private readonly Lazy<ReadOnlyMemory<byte>> _gzip;

    public PageAsset(string name, byte[] bytes)
    {
        Name = name;
        Bytes = bytes;
        Hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        ContentType = Path.GetExtension(name) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".json" => "application/json",
            ".svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
        _gzip = new Lazy<ReadOnlyMemory<byte>>(() => Compress(bytes));
    }

    public string Name { get; }

    public string ContentType { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The SHA-256 of its bytes.</summary>
    public string Hash { get; }

    /// <summary>What the hash is called in its address: another content has another one.</summary>
    public string Version => Hash[..NameOfHash];

    /// <summary>The same compressed, which is done when it is first asked for.</summary>
    public ReadOnlyMemory<byte> Gzip => _gzip.Value;

    private static ReadOnlyMemory<byte> Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream(bytes.Length / 2);
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
