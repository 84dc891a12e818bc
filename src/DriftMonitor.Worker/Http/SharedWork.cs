namespace DriftMonitor.Worker.Http;

/// <summary>
/// Work whose result is shared by all that ask for it while it is done; who asks later has it done anew. Safe for concurrent use.
/// </summary>
/// <remarks>It keeps no result: that lives for as long as those that asked for it hold it.</remarks>
/// <param name="work">The work. It is never done twice at once.</param>
/// <typeparam name="T">What comes of it.</typeparam>
internal sealed class SharedWork<T>(Func<Task<T>> work)
{
    private readonly Lock _starting = new();
    private Task<T>? _running;

    /// <summary>The result of the work that is being done, or is begun now.</summary>
    public Task<T> ResultAsync()
    {
        lock (_starting)
        {
            return _running ??= Task.Run(DoAsync);
        }
    }

    private async Task<T> DoAsync()
    {
        try
        {
            return await work();
        }
        finally
        {
            lock (_starting)
            {
                _running = null;
            }
        }
    }
}
