namespace DriftMonitor.Worker.Status;

/// <summary>Somebody's word that an alarm is being worked on. It silences nothing: that is Alertmanager's.</summary>
/// <param name="By">Who: the name of the token that was used, and whom the person said to be.</param>
/// <param name="Why">What they said.</param>
/// <param name="AtMs">When, epoch milliseconds, wall-clock time.</param>
/// <param name="UntilMs">Until when it holds, wall-clock time.</param>
internal sealed record Acknowledgement(string By, string Why, long AtMs, long UntilMs);
