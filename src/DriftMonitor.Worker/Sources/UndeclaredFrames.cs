using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>Logs what to do about frames that a source does not declare, once a topic and frame. Not thread-safe.</summary>
internal sealed class UndeclaredFrames(ILogger log)
{
    private readonly HashSet<(string Topic, SourceFrame Frame)> _logged = [];

    /// <param name="frame">Null for none.</param>
    public void Note(SourceFrame? frame, TopicPartitionOffset record)
    {
        if (frame is { } undeclared && _logged.Add((record.Topic, undeclared)))
        {
            log.LogWarning("{Record} and all records like it are rejected: {Remedy}", record, UndeclaredFrame.Remedy(undeclared));
        }
    }
}
