namespace DriftMonitor.Worker.Kafka;

/// <summary>The values that nobody may see: those read from files, and those of clients' properties that are secret by name.</summary>
/// <remarks>What librdkafka says goes through <see cref="Hide"/> before it is logged or told: it may repeat a rejected value.</remarks>
internal sealed class Secrets
{
    private const int Shortest = 3; // of a shorter one, half of all texts would be hidden

    /// <summary>Parts of the names of secret properties.</summary>
    public static readonly ImmutableArray<string> Names =
        ["password", "passphrase", "secret", "pem", "oauthbearer.config", "jaas", "user.info"];

    private readonly string[] _values;

    /// <param name="fromFiles">The names of those whose values were read from files.</param>
    public Secrets(IEnumerable<KeyValuePair<string, string>> properties, IReadOnlySet<string> fromFiles) => _values =
    [
        .. properties
            .Where(
                property => fromFiles.Contains(property.Key)
                    || Names.Any(word => property.Key.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(property => new[] { property.Value, property.Value?[(property.Value.IndexOf(':') + 1)..] }) // user:password
            .OfType<string>()
            .Where(value => value.Length >= Shortest)
            .OrderByDescending(value => value.Length), // one that holds another goes first
    ];

    /// <summary>The text with every secret in it blotted out.</summary>
    public string Hide(string text) => _values.Aggregate(text, (seen, secret) => seen.Replace(secret, "***", StringComparison.Ordinal));
}
