using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>How the schema registry of a source is reached.</summary>
/// <param name="Url">Where it answers, as it may be shown.</param>
/// <param name="Client">The properties of Confluent's client, the address among them.</param>
/// <param name="Secrets">What nobody may see of them.</param>
internal sealed record SchemaRegistrySettings(string Url, ImmutableSortedDictionary<string, string> Client, Secrets Secrets)
{
    /// <summary>How the names of its client's properties begin.</summary>
    public const string Prefix = "schema.registry.";
}
