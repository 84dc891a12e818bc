namespace DriftMonitor.Worker.Http;

/// <summary>
/// Work whose result is shared by all that ask for it while it is done, or soon after its beginning; who asks later has it done anew. Safe
/// for concurrent use.
/// </summary>
/// <remarks>It keeps no result for longer, and no failure: they live for as long as those that asked hold them.</remarks>
/// <param name="work">The work. It is never done twice at once.</param>
/// <param name="sharedFor">How soon.</param>
/// <param name="time">What that is measured by.</param>
/// <typeparam name="T">What comes of it.</typeparam>
internal sealed class SharedWork<T>(Func<Task<T>> work, TimeSpan sharedFor, TimeProvider time)
{
    private readonly Lock _starting = new();
    private Task<T>? _latest;
    private long _begun;

    /// <summary>The result of the work that is being done, has begun just before, or is begun now.</summary>
    public Task<T> ResultAsync()
    {
        lock (_starting)
        {
            Forget();
            if (_latest is { } latest)
            {
                return latest;
            }

            _begun = time.GetTimestamp();
            var begun = _latest = Task.Run(work);
            _ = ForgetLaterAsync(begun); // at once, when nothing is to be shared
            return begun;
        }
    }

    private async Task ForgetLaterAsync(Task latest)
    {
        await Task.WhenAll(latest.ContinueWith(_ => { }, TaskScheduler.Default), Task.Delay(sharedFor, time));
        lock (_starting)
        {
            Forget();
        }
    }

    private void Forget()
    {
        if (_latest is { IsCompleted: true } && (!_latest.IsCompletedSuccessfully || time.GetElapsedTime(_begun) >= sharedFor))
        {
            _latest = null;
        }
    }
}
