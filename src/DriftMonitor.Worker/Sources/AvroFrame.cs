using Confluent.Kafka;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Confluent's framing where there is a schema registry: Avro becomes JSON by its schema, and JSON stays what it is.</summary>
/// <remarks>
/// Throws <see cref="SchemaRegistryUnavailable"/> while the registry does not answer: the partition has to wait, since the record cannot be
/// told from what is none.
/// </remarks>
internal sealed class AvroFrame(SchemaRegistry registry) : IFrame
{
    private readonly ConfluentAvro _avro = new(registry);

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload) =>
        _avro.Unwrap(value, out payload);
}
