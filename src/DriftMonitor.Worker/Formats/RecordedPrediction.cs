using Confluent.Kafka;

namespace DriftMonitor.Worker.Formats;

/// <summary>One record of recorded predictions: a line of a file, or a record of a topic. Valid only until the next.</summary>
internal readonly ref struct RecordedPrediction(ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Value { get; } = value;

    public PredictionFormat Format { get; init; } = PredictionFormat.Json;

    /// <summary>Empty for none; it may name the model.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Null for none.</summary>
    public Headers? Headers { get; init; }

    /// <summary>The record's own timestamp, epoch milliseconds; null for a line, whose payload alone tells its time.</summary>
    public long? TimeMs { get; init; }
}
