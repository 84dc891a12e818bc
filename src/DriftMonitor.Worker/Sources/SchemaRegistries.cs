using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>The schema registries of the sources that one consumer reads: one client for all that name the same.</summary>
/// <remarks>So one that does not answer holds the consumer up once, and not once a source. Not safe for concurrent use.</remarks>
internal sealed class SchemaRegistries
{
    private readonly Dictionary<string, SchemaRegistry> _registries = new(StringComparer.Ordinal);

    /// <summary>The registry that is reached so.</summary>
    public SchemaRegistry Of(SchemaRegistrySettings settings)
    {
        var key = string.Join('\n', settings.Client.Select(property => $"{property.Key}={property.Value}"));
        return _registries.TryGetValue(key, out var known) ? known
            : _registries[key] = new SchemaRegistry(settings, TimeProvider.System);
    }
}
