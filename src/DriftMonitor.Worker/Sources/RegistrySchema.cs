using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>A schema of a registry: how its records are to be read.</summary>
/// <param name="Avro">Null for a schema that is not Avro.</param>
/// <param name="IsJson">Whether it is a JSON Schema, whose records are JSON.</param>
internal sealed record RegistrySchema(AvroNode? Avro, bool IsJson);
