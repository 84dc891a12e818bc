namespace DriftMonitor.Worker.Views;

/// <summary>Who says that an alarm is being worked on.</summary>
/// <param name="By">The person; the token's name stands beside it.</param>
/// <param name="Why">What is being done, or known: 1 to 500 characters.</param>
/// <param name="UntilMs">Until when it holds, epoch milliseconds, at most 30 days ahead.</param>
internal sealed record AcknowledgementRequest(string? By, string Why, long UntilMs);
