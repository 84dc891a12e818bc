using System.Buffers;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Decodes records inside the consumer, over librdkafka's own memory: the key first, which may name the model, then the value.</summary>
/// <remarks>
/// One instance a consumer, whose thread calls it. The record it gives is used again for the next. The original bytes are kept until then only
/// when there is a dead-letter topic to copy them to.
/// </remarks>
internal sealed class PredictionDeserializer(MonitorSettings settings, PredictionDecoder decoder)
    : IDeserializer<Ignore>, IDeserializer<PredictionRecord>
{
    private const int MaxModelBytes = 1_024; // as long as a model's name can be

    private readonly PredictionRecord _record = new();
    private readonly bool _keepsOriginal = settings.DeadLetterTopic is not null;
    private readonly ArrayBufferWriter<byte> _key = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    /// <summary>What a consumer of predictions must fetch: headers cost an allocation a record, and only CloudEvents have something in them.</summary>
    public static string Fields(MonitorSettings settings) =>
        settings.Formats.Values.Any(format => format.InCloudEvents) ? "timestamp,topic,headers" : "timestamp,topic";

    /// <summary>Records that count without their segment, which is beyond the model's cap.</summary>
    public long SegmentsRefused => decoder.SegmentsRefused;

    /// <summary>The last record's key as it was; without a dead-letter topic no more of it than can name a model.</summary>
    public ReadOnlySpan<byte> Key => _key.WrittenSpan;

    public bool HasKey { get; private set; }

    /// <summary>The last record's value as it was; empty without a dead-letter topic.</summary>
    public ReadOnlySpan<byte> Value => _value.WrittenSpan;

    public bool HasValue { get; private set; }

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        HasKey = !isNull;
        _key.ResetWrittenCount();
        if (_keepsOriginal || data.Length <= MaxModelBytes)
        {
            _key.Write(data);
        }

        return null!;
    }

    PredictionRecord IDeserializer<PredictionRecord>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        HasValue = !isNull;
        if (_keepsOriginal)
        {
            _value.ResetWrittenCount();
            _value.Write(data);
        }

        decoder.Decode(
            data, settings.FormatOf(context.Topic), context.Headers, settings.PredictionTopics[context.Topic], Key.Length <= MaxModelBytes ? Key : default, _record);
        return _record;
    }
}
