namespace DriftMonitor.Worker.State;

/// <summary>Who did something, and when.</summary>
/// <param name="By">The name of the token that was used, or of the user of a command; empty where that is not known.</param>
/// <param name="AtMs">When, epoch milliseconds, wall-clock time.</param>
internal sealed record DoneBy(string By, long AtMs);
