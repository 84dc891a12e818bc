using Confluent.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>One record of recorded predictions: a line of a file, or a record of a topic. Valid only until the next.</summary>
/// <param name="value">Its value.</param>
/// <param name="log">The file, or the topic and partition.</param>
/// <param name="position">The line, from 1, or the offset.</param>
internal readonly ref struct RecordedPrediction(ReadOnlySpan<byte> value, string log, long position)
{
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The file, or the topic and partition.</summary>
    public string Log { get; } = log;

    /// <summary>The line, from 1, or the offset.</summary>
    public long Position { get; } = position;

    /// <summary>Whether the record has a null value.</summary>
    public bool IsNull { get; init; }

    /// <summary>Empty for none; it may name the model.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>Null for none.</summary>
    public Headers? Headers { get; init; }

    /// <summary>The record's own timestamp, epoch milliseconds; null for a line, whose payload alone tells its time.</summary>
    public long? TimeMs { get; init; }
}
