namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Waiting for a state, with a limit that only a hang reaches.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks again and again until something is so.</summary>
    /// <exception cref="TimeoutException">It never was; <paramref name="state"/> tells what was instead.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, Func<string>? state = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Limit);
        using var timer = new PeriodicTimer(BetweenLooks);
        try
        {
            while (!await isSo())
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"it never came to this: {what}\n{state?.Invoke()}");
        }
    }

    public static Task UntilAsync(string what, Func<bool> isSo, Func<string>? state = null) => UntilAsync(what, () => Task.FromResult(isSo()), state);
}
