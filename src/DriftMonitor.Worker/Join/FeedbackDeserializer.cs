using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Lanes;

namespace DriftMonitor.Worker.Join;

/// <summary>Decodes feedback records inside the consumer: the key first, which may name the model, then the value.</summary>
/// <remarks>The decoder does not throw; should it do so all the same, its record is rejected as malformed.</remarks>
internal sealed class FeedbackDeserializer(FeedbackJsonDecoder decoder, bool keepsOriginal, DecodingFaults faults)
    : IDeserializer<Ignore>, IDeserializer<FeedbackRecord>
{
    /// <summary>The last record as it was.</summary>
    public OriginalRecord Original { get; } = new(keepsOriginal);

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeKey(data, isNull);
        return null!;
    }

    FeedbackRecord IDeserializer<FeedbackRecord>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeValue(data, isNull);
        try
        {
            return decoder.Decode(data, Original.ModelKey);
        }
        catch (Exception problem)
        {
            faults.Tell(problem, context.Topic);
            return FeedbackRecord.Rejected(RejectionReason.Malformed);
        }
    }
}
