using System.Collections.Concurrent;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Produces random traffic: what is due before now at once, as a backlog, and the rest as its time comes.</summary>
internal sealed class TrafficPlayer : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly IProducer<Null, byte[]> _producer;
    private readonly string _topic;
    private readonly RandomTraffic _traffic;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, TestEvent> _events = [];
    private readonly Task _playing;
    private long _latestMs;
    private long _driftFromMs;
    private int _produced;

    public TrafficPlayer(string bootstrapServers, string topic, int seed, long startMs)
    {
        _topic = topic;
        _traffic = new RandomTraffic(seed, startMs);
        _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            EnableIdempotence = true,
            LingerMs = 2,
            ReconnectBackoffMaxMs = 200,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _playing = Task.Run(PlayAsync);
    }

    /// <summary>How many events have been handed to the producer.</summary>
    public int Produced => Volatile.Read(ref _produced);

    /// <summary>Lets models drift, or no longer, from a whole second on that no event has come to.</summary>
    /// <returns>That event time.</returns>
    public long Drift(bool begins)
    {
        var atMs = (WallClock.NowMs / 1_000 * 1_000) + 3_000; // beyond what any event that counts is ahead
        _traffic.Drift(begins ? atMs : _driftFromMs, begins ? long.MaxValue : atMs);
        return begins ? _driftFromMs = atMs : atMs;
    }

    /// <summary>The event of that number, when there is one.</summary>
    public TestEvent? EventOf(int id) => _events.GetValueOrDefault(id);

    /// <summary>
    /// Ends the traffic with one event a lane whose record's timestamp is beyond all others, and waits until every record is acknowledged.
    /// </summary>
    /// <returns>That timestamp.</returns>
    public async Task<long> FinishAsync()
    {
        await StopAsync();
        var lastMs = _latestMs + 100; // less ahead of the wall clock than the allowed skew
        for (var lane = 0; lane < RandomTraffic.Lanes; lane++)
        {
            Produce(_traffic.Last(lastMs), lane, lastMs);
        }

        _producer.Flush(TestContext.Current.CancellationToken);
        return lastMs;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _producer.Dispose();
        _stop.Dispose();
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _playing;
    }

    private async Task PlayAsync()
    {
        using var timer = new PeriodicTimer(Beat);
        var next = _traffic.Next();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                for (var now = WallClock.NowMs; next.DueMs <= now; next = _traffic.Next())
                {
                    Produce(next.Event, next.Lane, next.RecordMs);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // finished
        }
    }

    private void Produce(TestEvent made, int lane, long recordMs)
    {
        _events[made.Id] = made;
        _latestMs = Math.Max(_latestMs, recordMs);
        _producer.Produce(
            new TopicPartition(_topic, lane),
            new Message<Null, byte[]> { Value = made.ToJson(), Timestamp = new Timestamp(recordMs, TimestampType.CreateTime) });
        Interlocked.Increment(ref _produced);
    }
}
