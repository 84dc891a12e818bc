namespace DriftMonitor.Worker.Configuration;

/// <summary>Who reaches the monitor where, and what they may do.</summary>
/// <param name="PublicUrl">Where people reach the monitor, without a slash at its end; null when nobody has said so.</param>
/// <param name="AdvertisedUrl">Where the other replicas reach this one; null for its machine's name and its port.</param>
/// <param name="MetricsUrl">An address of their own for metrics and health; null for none.</param>
/// <param name="PeerSecretFile">The file with what the replicas have in common; null for none: then they do not ask each other.</param>
/// <param name="Tokens">The tokens, each in a file that is read when the service starts.</param>
internal sealed record HttpSettings(
    string? PublicUrl, string? AdvertisedUrl, string? MetricsUrl, string? PeerSecretFile,
    ImmutableArray<(string Name, bool MayChange, string File)> Tokens);
