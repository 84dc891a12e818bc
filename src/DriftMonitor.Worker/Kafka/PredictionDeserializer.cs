using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Decodes records inside the consumer, over librdkafka's own memory: the key first, which may name the model, then the value.</summary>
/// <remarks>One instance a consumer, whose thread calls it. The record it gives is used again for the next.</remarks>
internal sealed class PredictionDeserializer(MonitorSettings settings, PredictionJsonDecoder decoder)
    : IDeserializer<Ignore>, IDeserializer<PredictionRecord>
{
    private const int MaxKeyBytes = 1_024; // as long as a model's name can be

    private readonly PredictionRecord _record = new();
    private readonly byte[] _key = new byte[MaxKeyBytes];
    private int _keyLength;

    /// <summary>Records that count without their segment, which is beyond the model's cap.</summary>
    public long SegmentsRefused => decoder.SegmentsRefused;

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        _keyLength = data.Length <= MaxKeyBytes ? data.Length : 0;
        data[.._keyLength].CopyTo(_key);
        return null!;
    }

    PredictionRecord IDeserializer<PredictionRecord>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        decoder.Decode(data, settings.PredictionTopics[context.Topic], _key.AsSpan(0, _keyLength), _record);
        return _record;
    }
}
