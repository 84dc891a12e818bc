namespace DriftMonitor.Worker.Kafka;

/// <summary>How our clients reach the brokers.</summary>
/// <param name="BootstrapServers">host:port, several separated by commas.</param>
/// <param name="Properties">The librdkafka properties that the user passes through.</param>
/// <param name="Secrets">What of them nobody may be shown.</param>
internal sealed record ClientSettings(string BootstrapServers, ImmutableSortedDictionary<string, string> Properties, Secrets Secrets);
