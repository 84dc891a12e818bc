namespace DriftMonitor.Evaluation;

/// <summary>The mean divergence between two policies over a window's events.</summary>
/// <param name="Estimate">Its direction, and how it is estimated.</param>
/// <param name="Nats">The mean, nats.</param>
/// <param name="StandardErrorNats">The standard error of the mean, nats; null for a single event.</param>
public readonly record struct PolicyDivergence(PolicyEstimate Estimate, double Nats, double? StandardErrorNats);
