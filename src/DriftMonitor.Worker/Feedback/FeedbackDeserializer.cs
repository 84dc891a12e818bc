using System.Buffers;
using Confluent.Kafka;
using DriftMonitor.Feedback;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Feedback;

/// <summary>Decodes feedback records inside the consumer: the key first, which may name the model, then the value.</summary>
internal sealed class FeedbackDeserializer(FeedbackJsonDecoder decoder) : IDeserializer<Ignore>, IDeserializer<FeedbackRecord>
{
    private const int MaxModelBytes = 1_024;

    private readonly ArrayBufferWriter<byte> _key = new();

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        _key.ResetWrittenCount();
        if (data.Length <= MaxModelBytes)
        {
            _key.Write(data);
        }

        return null!;
    }

    FeedbackRecord IDeserializer<FeedbackRecord>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        decoder.Decode(data, _key.WrittenSpan);
}
