namespace DriftMonitor.Worker.State;

/// <summary>A change of which of a model's references is in use.</summary>
/// <param name="What">What was done.</param>
/// <param name="Version">The version that was pushed or taken back.</param>
/// <param name="By">Who did it: the name of a token, or of the user of a command; empty where that is not known.</param>
/// <param name="AtMs">When, epoch milliseconds, wall-clock time.</param>
internal sealed record ReferenceChange(ReferenceAct What, int Version, string By, long AtMs);
