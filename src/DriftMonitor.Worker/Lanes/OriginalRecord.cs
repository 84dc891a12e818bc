using System.Buffers;

namespace DriftMonitor.Worker.Lanes;

/// <summary>The last record's key and value as they were, for whoever must copy it; librdkafka's own memory is gone by then.</summary>
/// <param name="isKept">Whether anybody may: else only what of a key can name a model is kept.</param>
internal sealed class OriginalRecord(bool isKept)
{
    public const int MaxModelBytes = 1_024; // as long as a model's name can be

    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    public ReadOnlySpan<byte> Key => _key.WrittenSpan;

    public bool HasKey { get; private set; }

    /// <summary>Empty when nobody may copy it.</summary>
    public ReadOnlySpan<byte> Value => _value.WrittenSpan;

    public bool HasValue { get; private set; }

    /// <summary>The key where it may name a model, else nothing.</summary>
    public ReadOnlySpan<byte> ModelKey => Key.Length <= MaxModelBytes ? Key : default;

    public void TakeKey(ReadOnlySpan<byte> key, bool isNull)
    {
        HasKey = !isNull;
        _key.ResetWrittenCount();
        if (isKept || key.Length <= MaxModelBytes)
        {
            _key.Write(key);
        }
    }

    public void TakeValue(ReadOnlySpan<byte> value, bool isNull)
    {
        HasValue = !isNull;
        if (isKept)
        {
            _value.ResetWrittenCount();
            _value.Write(value);
        }
    }
}
