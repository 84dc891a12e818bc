using Confluent.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>Takes the wrapping off a record's value. An instance belongs to one reader and owns the memory that it writes to.</summary>
internal interface IFrame
{
    /// <summary>Finds or makes the payload, which stays valid until the next call. Never throws for any bytes.</summary>
    /// <param name="value">The record's value, or the payload of the frame around this one; never empty.</param>
    /// <param name="headers">The record's headers, null for none.</param>
    /// <param name="facts">Takes what the frame says of the prediction besides its payload.</param>
    /// <param name="payload">The payload; empty if there is none.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why the value does not have this frame.</returns>
    RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload);
}
