using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Decodes records in the consumer over librdkafka's memory: first the key, which may name the model, then the value.</summary>
/// <remarks>
/// One instance a consumer, whose thread calls it. The record it gives is used again for the next. The original bytes are kept until then
/// only when there is a dead-letter topic to copy them to. Decoders do not throw; should one do so all the same, its record is rejected as
/// malformed, so that it is counted and copied like any other.
/// </remarks>
internal sealed class PredictionDeserializer(MonitorSettings settings, PredictionDecoder decoder, DecodingFaults faults)
    : IDeserializer<Ignore>, IDeserializer<PredictionRecord>
{
    private readonly PredictionRecord _record = new();

    /// <summary>The last record as it was.</summary>
    public OriginalRecord Original { get; } = new(isKept: settings.DeadLetterTopic is not null);

    /// <summary>Records that count without their segment, which is beyond the model's cap.</summary>
    public long SegmentsRefused => decoder.SegmentsRefused;

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeKey(data, isNull);
        return null!;
    }

    PredictionRecord IDeserializer<PredictionRecord>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeValue(data, isNull);
        try
        {
            decoder.Decode(
                data, settings.FormatOf(context.Topic), context.Headers, settings.PredictionTopics[context.Topic], Original.ModelKey,
                _record);
        }
        catch (Exception problem)
        {
            faults.Tell(problem, context.Topic);
            _record.Reject(RejectionReason.Malformed);
        }

        return _record;
    }
}
