namespace DriftMonitor.Worker.Views;

/// <summary>Who says that an alarm is being worked on.</summary>
/// <param name="Why">What is being done, or known: 1 to 500 characters.</param>
/// <param name="UntilMs">Until when it holds, epoch milliseconds, at most 30 days ahead.</param>
/// <param name="By">The person; the token's name stands beside it. Null for the token's name alone.</param>
internal sealed record AcknowledgementRequest(string Why, long UntilMs, string? By = null);
