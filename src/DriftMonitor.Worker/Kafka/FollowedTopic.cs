using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Reads a topic of ours whole and follows it, on a thread of its own beside the stages.</summary>
/// <remarks>
/// Whatever is wrong with the topic, the stages go on without it. What goes wrong with its records once they are read ends the process, as
/// in a stage.
/// </remarks>
/// <typeparam name="TValue">What record values are read as.</typeparam>
internal abstract class FollowedTopic<TValue>(string topic, KafkaConnection connection)
{
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
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

    /// <summary>Reads until it is stopped, or cannot read any more.</summary>
    public virtual void Run(CancellationToken stop)
    {
        try
        {
            using var reader = Open();
            while (!stop.IsCancellationRequested && TryRead(reader))
            {
                AfterRead(reader.HasReachedEnd);
                if (reader.HasReachedEnd)
                {
                    _read.TrySetResult();
                }

                stop.WaitHandle.WaitOne(BetweenReads);
            }
        }
        finally
        {
            _read.TrySetResult();
        }
    }

    protected abstract WholeTopicReader<TValue> Open();

    /// <summary>Called after each reading, on its thread.</summary>
    /// <param name="hasReachedEnd">Whether all that was there at the start has been read.</param>
    protected abstract void AfterRead(bool hasReachedEnd);

    /// <summary>Says what is done meanwhile: the end was not reached in time.</summary>
    protected abstract void TellSlow(TimeSpan patience);

    /// <summary>Says what follows: the topic is read no more.</summary>
    protected abstract void TellEnded(KafkaException fault);

    private bool TryRead(WholeTopicReader<TValue> reader)
    {
        try
        {
            reader.Read();
            return true;
        }
        catch (KafkaException fault)
        {
            TellEnded(fault);
            return false;
        }
    }
}
