using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Lanes;

namespace DriftMonitor.Worker.Join;

/// <summary>Decodes feedback records inside the consumer: the key first, which may name the model, then the value.</summary>
/// <remarks>The decoder does not throw; should it do so all the same, its record is rejected as malformed.</remarks>
/// <param name="predictions">Decodes predictions, those that labels bring along and those that they wait for.</param>
/// <param name="keepsOriginal">Whether records may have to be copied.</param>
internal sealed class FeedbackDeserializer(
    FeedbackJsonDecoder labels, PredictionDecoder predictions, bool keepsOriginal, DecodingFaults faults)
    : IDeserializer<Ignore>, IDeserializer<FeedbackRecord>
{
    public PredictionDecoder Predictions => predictions;

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
            return labels.Decode(data, Original.ModelKey);
        }
        catch (Exception problem)
        {
            faults.Tell(problem, context.Topic);
            return FeedbackRecord.Rejected(RejectionReason.Malformed);
        }
    }
}
