namespace DriftMonitor.Worker.Views;

/// <summary>How many models are in a state.</summary>
internal sealed record StateCount(ModelState State, int Models);
