namespace DriftMonitor.Worker.Formats;

/// <summary>What a name in a record stands for. Immutable.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The segment of its version, null for none.</param>
/// <param name="LosesVersion">Whether it names a version that none may be called.</param>
internal sealed record MappedName(string Model, string? Version, bool LosesVersion);
