namespace DriftMonitor.Worker.Kafka;

/// <summary>A schema registry does not tell what a schema is: whatever has it must wait.</summary>
internal sealed class SchemaRegistryUnavailable(string message) : Exception(message);
