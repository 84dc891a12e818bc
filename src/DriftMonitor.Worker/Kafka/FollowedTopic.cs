namespace DriftMonitor.Worker.Kafka;

/// <summary>Reads a topic of ours whole and follows it, on a thread of its own beside the stages.</summary>
/// <remarks>Whatever is wrong with the topic, the stages go on without it.</remarks>
/// <typeparam name="TValue">What record values are read as.</typeparam>
internal abstract class FollowedTopic<TValue>(string topic, KafkaConnection connection) : IHostedService, IDisposable
{
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _isSlow;

    protected string Topic => topic;

    protected KafkaConnection Connection => connection;

    /// <summary>Waits until what was there at the start is read, but not for long, nor for a topic that cannot be read.</summary>
    public void WaitUntilRead(CancellationToken stop)
    {
        try
        {
            _read.Task.WaitAsync(PatienceAtStart, connection.Time, stop).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            if (Interlocked.Exchange(ref _isSlow, 1) == 0)
            {
                TellSlow(PatienceAtStart);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // whoever waits looks at it
        }
    }

    public virtual Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Factory.StartNew(
            () => Run(_stopping.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public virtual async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _stopping.Dispose();

    protected abstract WholeTopicReader<TValue> Open();

    /// <summary>Called after each reading, on its thread.</summary>
    /// <param name="hasReachedEnd">Whether all that was there at the start has been read.</param>
    protected abstract void AfterRead(bool hasReachedEnd);

    /// <summary>Says what is done meanwhile: the end was not reached in time.</summary>
    protected abstract void TellSlow(TimeSpan patience);

    /// <summary>Says what follows: the topic is read no more.</summary>
    protected abstract void TellEnded(Exception fault);

    private void Run(CancellationToken stop)
    {
        try
        {
            using var reader = Open();
            while (!stop.IsCancellationRequested)
            {
                reader.Read();
                AfterRead(reader.HasReachedEnd);
                if (reader.HasReachedEnd)
                {
                    _read.TrySetResult();
                }

                stop.WaitHandle.WaitOne(BetweenReads);
            }
        }
#pragma warning disable CA1031 // whatever ends it must be told: a topic that is quietly read no more is the worst of all
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TellEnded(fault);
        }
        finally
        {
            _read.TrySetResult();
        }
    }
}
