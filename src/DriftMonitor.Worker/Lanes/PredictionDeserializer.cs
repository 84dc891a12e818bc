using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Decodes records in the consumer over librdkafka's memory: first the key, which may name the model, then the value.</summary>
/// <remarks>
/// One instance a consumer, whose thread calls it. It gives the reader of the record's source, from which the record's predictions are to
/// be taken before the next record comes. The original bytes are kept until then
/// only when there is a dead-letter topic to copy them to. Decoders do not throw; should one do so all the same, its record is rejected as
/// malformed, so that it is counted and copied like any other.
/// </remarks>
/// <param name="topicOf">Which topic's source a record is of; null for the topic that it is in.</param>
internal sealed class PredictionDeserializer(
    MonitorSettings settings, PredictionDecoder decoder, DecodingFaults faults, Func<SerializationContext, string>? topicOf = null)
    : IDeserializer<Ignore>, IDeserializer<PredictionReader>
{
    private readonly Dictionary<string, PredictionReader> _readers = Readers(settings, decoder, faults);

    /// <summary>The last record as it was.</summary>
    public OriginalRecord Original { get; } = new(isKept: settings.DeadLetterTopic is not null);

    /// <summary>Records that count without their segment, which is beyond the model's cap.</summary>
    public long SegmentsRefused => decoder.SegmentsRefused;

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeKey(data, isNull);
        return null!;
    }

    PredictionReader IDeserializer<PredictionReader>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeValue(data, isNull);
        var isKnown = _readers.TryGetValue(topicOf?.Invoke(context) ?? context.Topic, out var reader);
        reader ??= _readers.Values.First(); // copied from a topic that is no source any more: passed over as a null value is
        reader.Begin(data, isNull || !isKnown, context.Headers, Original.ModelKey);
        return reader;
    }

    private static Dictionary<string, PredictionReader> Readers(MonitorSettings settings, PredictionDecoder decoder, DecodingFaults faults)
    {
        var registries = new SchemaRegistries();
        return settings.Predictions.Values.ToDictionary(
            source => source.Topic,
            source => new PredictionReader(
                source, decoder, settings.MaxRecordBytes, problem => faults.Tell(problem, source.Topic), registries),
            StringComparer.Ordinal);
    }
}
