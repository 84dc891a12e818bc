using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>Confluent's framing where there is a schema registry: Avro becomes JSON by its schema, and JSON stays what it is.</summary>
/// <remarks>
/// Throws <see cref="SchemaRegistryUnavailable"/> while the registry does not answer: the partition has to wait, since the record cannot be
/// told from what is none. A schema that is neither Avro nor JSON Schema is <see cref="RejectionReason.UnknownSchema"/> as well.
/// </remarks>
internal sealed class AvroFrame(SchemaRegistry registry) : IFrame
{
    private readonly AvroJson _json = new();
    private RegistrySchema? _last;
    private int _lastId = -1;

    public RejectionReason Unwrap(ReadOnlySpan<byte> value, Headers? headers, RecordFacts facts, out ReadOnlySpan<byte> payload)
    {
        if (!ConfluentFraming.TryUnwrap(value, out var id, out payload))
        {
            return RejectionReason.Malformed;
        }

        if (id != _lastId || _last is null)
        {
            _last = registry.Find(id);
            _lastId = id;
        }

        return _last is { Avro: { } schema } ? _json.Write(payload, schema, out payload)
            : _last is { IsJson: true } ? RejectionReason.None
            : RejectionReason.UnknownSchema;
    }
}
