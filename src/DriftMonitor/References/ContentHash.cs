using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DriftMonitor.References;

/// <summary>SHA-256 over texts and numbers: equal content, equal hash, on every machine. Used by one thread.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a text as UTF-8, without a mark of its end.</summary>
    public void Add(string text) => _hash.AppendData(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds numbers, little-endian.</summary>
    public void Add(params ReadOnlySpan<long> numbers)
    {
        if (BitConverter.IsLittleEndian)
        {
            _hash.AppendData(MemoryMarshal.AsBytes(numbers));
            return;
        }

        var reversed = new long[numbers.Length];
        BinaryPrimitives.ReverseEndianness(numbers, reversed);
        _hash.AppendData(MemoryMarshal.AsBytes<long>(reversed));
    }

    /// <summary>Adds the bits of numbers.</summary>
    public void Add(ReadOnlySpan<ulong> numbers) => Add(MemoryMarshal.Cast<ulong, long>(numbers));

    /// <summary>Adds the bits of numbers.</summary>
    public void Add(ReadOnlySpan<double> numbers) => Add(MemoryMarshal.Cast<double, long>(numbers));

    /// <summary>Adds a value's bins and blocks.</summary>
    public void Add(ValueBaseline baseline)
    {
        Add(baseline.BinMeans.Length);
        Add(baseline.BinMeans.AsSpan());
        foreach (var block in baseline.Blocks)
        {
            Add(block.StartMs);
            Add(block.Counts.AsSpan());
        }
    }

    /// <summary>Adds the events of blocks.</summary>
    public void Add(ImmutableArray<ReferenceBlock> blocks)
    {
        foreach (var block in blocks)
        {
            Add(block.StartMs, block.Events);
            Add(block.Mass.AsSpan());
        }
    }

    /// <summary>The hash's first bytes in lower-case hexadecimal digits, two a byte.</summary>
    public string Text(int bytes) => Convert.ToHexStringLower(_hash.GetHashAndReset().AsSpan(0, bytes));

    public void Dispose() => _hash.Dispose();
}
