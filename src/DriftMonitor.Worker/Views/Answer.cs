namespace DriftMonitor.Worker.Views;

/// <summary>What is known of something that one replica owns: the thing, or why it cannot be shown.</summary>
/// <param name="Outcome">Whether it can be shown, and if not, why.</param>
/// <param name="Value">The thing; null unless it was found.</param>
/// <param name="Replica">The replica that owns it; null where nobody does.</param>
/// <param name="Url">Where that replica says that it is reached; null where it does not.</param>
/// <param name="Problem">What went wrong when it was asked; null where it was not, or answered.</param>
internal sealed record Answer<T>(AnswerOutcome Outcome, T? Value, string? Replica = null, string? Url = null, string? Problem = null)
    where T : class
{
    public static Answer<T> Found(T value, string? replica = null) => new(AnswerOutcome.Found, value, replica);

    public static Answer<T> Missing { get; } = new(AnswerOutcome.NotFound, null);
}
