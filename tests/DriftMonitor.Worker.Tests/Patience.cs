namespace DriftMonitor.Worker.Tests;

/// <summary>Waiting for a state that can only be looked at, with a limit that only a hang reaches.</summary>
/// <remarks>
/// For states that last: one that passes within 50 ms may be missed. The looks take the core from what is waited for, since each costs the
/// monitor a scrape. Where virtual time goes on by a step a look, the steps may come sooner.
/// </remarks>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until something is so.</summary>
    /// <param name="what">What is waited for, as the exception names it.</param>
    /// <param name="isSo">Whether it is so.</param>
    /// <param name="state">What is instead, for the exception.</param>
    /// <param name="between">Done between two looks: virtual time goes on by it.</param>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, Func<Task<string>>? state = null, Action? between = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Limit);
        using var timer = new PeriodicTimer(between is null ? BetweenLooks : BetweenSteps);
        try
        {
            while (!await isSo())
            {
                between?.Invoke();
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested
            && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"it never came to this: {what}\n{(state is null ? "" : await state())}");
        }
    }

    public static Task UntilAsync(string what, Func<bool> isSo, Func<string>? state = null) =>
        UntilAsync(what, () => Task.FromResult(isSo()), state is null ? null : () => Task.FromResult(state()));

    public static Task UntilAsync(string what, Func<Task<bool>> isSo, Func<string> state) =>
        UntilAsync(what, isSo, () => Task.FromResult(state()));
}
