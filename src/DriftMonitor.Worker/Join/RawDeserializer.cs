using Confluent.Kafka;

namespace DriftMonitor.Worker.Join;

/// <summary>Copies a record's key and value as they are.</summary>
internal sealed class RawDeserializer : IDeserializer<Ignore>, IDeserializer<byte[]?>
{
    /// <summary>The last record's key; null for none.</summary>
    public byte[]? Key { get; private set; }

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Key = isNull ? null : data.ToArray();
        return null!;
    }

    byte[]? IDeserializer<byte[]?>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? null : data.ToArray();
}
