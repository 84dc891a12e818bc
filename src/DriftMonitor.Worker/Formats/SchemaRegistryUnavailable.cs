namespace DriftMonitor.Worker.Formats;

/// <summary>A schema registry that does not answer, or refuses to: the record cannot be read now, and may be read later.</summary>
internal sealed class SchemaRegistryUnavailable(string message, Exception cause) : Exception(message, cause);
