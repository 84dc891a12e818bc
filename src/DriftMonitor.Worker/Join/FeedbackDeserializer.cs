using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Join;

/// <summary>Decodes feedback records inside the consumer: the key first, which may name the model, then the value.</summary>
/// <param name="labels">Reads the labels of a record.</param>
/// <param name="predictions">Decodes predictions, those that labels bring along and those that they wait for.</param>
/// <param name="keepsOriginal">Whether records may have to be copied.</param>
/// <param name="isRouted">Whether records say which of their rows are meant.</param>
internal sealed class FeedbackDeserializer(LabelReader labels, PredictionDecoder predictions, bool keepsOriginal, bool isRouted = false)
    : IDeserializer<Ignore>, IDeserializer<IReadOnlyList<FeedbackRecord>>
{
    public LabelReader Labels => labels;

    public PredictionDecoder Predictions => predictions;

    /// <summary>The last record as it was.</summary>
    public OriginalRecord Original { get; } = new(keepsOriginal);

    Ignore IDeserializer<Ignore>.Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeKey(data, isNull);
        return null!;
    }

    IReadOnlyList<FeedbackRecord> IDeserializer<IReadOnlyList<FeedbackRecord>>.Deserialize(
        ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        Original.TakeValue(data, isNull);
        var read = labels.Read(data, isNull, context.Headers, Original.ModelKey);
        return isRouted && RoutedRecord.RowsOf(context.Headers) is { } rows ? labels.Keep(rows) : read;
    }
}
