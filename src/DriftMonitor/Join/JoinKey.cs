namespace DriftMonitor.Join;

/// <summary>What a label finds its prediction by.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Id">The prediction's id.</param>
public readonly record struct JoinKey(string Model, string Id);
