using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>CloudEvents, binary or structured. Their attributes say what the payload does not.</summary>
/// <param name="zone">The zone of times that name none; null for UTC.</param>
internal sealed class CloudEventsFrame(TimeZoneInfo? zone) : IFrame
{
    private readonly PredictionBuffers _buffers = new();

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        var envelope = new CloudEvent();
        var problem = envelope.Read(value, headers, _buffers, zone);
        payload = envelope.Data;
        facts.Model = envelope.Model;
        facts.Id = envelope.Id;
        facts.TimeMs = envelope.TimeMs;
        facts.HasUnreadableTime = envelope.HasUnreadableTime;
        return problem;
    }
}
