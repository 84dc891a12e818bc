using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>CloudEvents, binary or structured. Their attributes say what the payload does not.</summary>
/// <remarks>Where there are no headers, in a file, what is no structured event is the data of a binary one.</remarks>
/// <param name="zone">The zone of times that name none; null for UTC.</param>
internal sealed class CloudEventsFrame(TimeZoneInfo? zone) : IFrame
{
    private readonly PredictionBuffers _buffers = new();

    /// <summary>Whether the last one has its attributes in its value.</summary>
    public bool IsStructured { get; private set; }

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        var envelope = new CloudEvent();
        var problem = envelope.Read(value, headers, _buffers, zone);
        IsStructured = envelope.IsStructured;
        if (problem == RejectionReason.NotACloudEvent && headers is null)
        {
            payload = value;
            return RejectionReason.None;
        }

        payload = envelope.Data;
        facts.Model = envelope.Model;
        facts.Id = envelope.Id;
        facts.TimeMs = envelope.TimeMs;
        facts.HasUnreadableTime = envelope.HasUnreadableTime;
        return problem;
    }
}
