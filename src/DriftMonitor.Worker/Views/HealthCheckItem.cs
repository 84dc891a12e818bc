namespace DriftMonitor.Worker.Views;

/// <summary>A health check.</summary>
/// <param name="Name">What is asked.</param>
/// <param name="Status">Healthy, Degraded or Unhealthy.</param>
/// <param name="Text">What is wrong; null for nothing.</param>
internal sealed record HealthCheckItem(string Name, string Status, string? Text);
