namespace DriftMonitor.Worker.Views;

/// <summary>A reference that was taken back.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version that is undone.</param>
/// <param name="InUse">What is in use now, in words.</param>
internal sealed record UndoneReference(string Model, int Version, string InUse);
