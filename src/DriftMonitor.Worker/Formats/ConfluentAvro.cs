namespace DriftMonitor.Worker.Formats;

/// <summary>Records that begin with the id of a registry's schema: Avro becomes JSON, and JSON stays what it is.</summary>
/// <remarks>Not safe for concurrent use: each consumer has its own; the registry is shared.</remarks>
internal sealed class ConfluentAvro(SchemaRegistry registry)
{
    private readonly AvroJson _json = new();
    private RegistrySchema? _last;
    private int _lastId = -1;

    /// <summary>Takes the wrapping off.</summary>
    /// <param name="payload">JSON, until the next call.</param>
    /// <returns>
    /// <see cref="RejectionReason.None"/>, or why there is none: <see cref="RejectionReason.UnknownSchema"/> also for a schema that is
    /// neither Avro nor JSON.
    /// </returns>
    /// <exception cref="SchemaRegistryUnavailable">The registry does not tell what the schema is.</exception>
    public RejectionReason Unwrap(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> payload)
    {
        if (!ConfluentFraming.TryUnwrap(value, out var id, out payload))
        {
            return RejectionReason.Malformed;
        }

        if (id != _lastId || _last is null)
        {
            (_lastId, _last) = (id, registry.Find(id));
        }

        return _last is { Avro: { } schema } ? _json.Write(payload, schema, out payload)
            : _last is { IsJson: true } ? RejectionReason.None
            : RejectionReason.UnknownSchema;
    }
}
