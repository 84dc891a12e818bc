using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Shares what calibrations work out with the other replicas and with the next start, on a thread of its own.</summary>
/// <remarks>
/// The topic only saves work: whatever is wrong with it, thresholds are worked out as without it. What references in use have asked for is
/// written again when its record is a third as old as records get, so that only what nobody uses is deleted.
/// </remarks>
internal sealed class CalibrationTopic(
    MonitorSettings settings, int partitions, KeptCalibrations kept, Calibrations calibrations, ServiceMetrics metrics,
    KafkaConnection connection, ILogger<CalibrationTopic> log) : IHostedService, IDisposable
{
    /// <summary>How long records are kept that are not written again.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenRefreshes = TimeSpan.FromHours(1);
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceAtStop = TimeSpan.FromSeconds(2);

    private readonly CalibrationPublisher _publisher = new(settings.CalibrationsTopic, connection);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    /// <summary>Waits until what was worked out before has been read, but not for long, nor for a topic that cannot be read.</summary>
    public void WaitUntilRead(CancellationToken stop)
    {
        try
        {
            _read.Task.WaitAsync(PatienceAtStart, connection.Time, stop).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            log.LogInformation(
                "{Topic} has not been read to its end within {Seconds} s: thresholds are worked out meanwhile", settings.CalibrationsTopic,
                PatienceAtStart.TotalSeconds);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        kept.OnWorkedOut = _publisher.Publish;
        _running = Task.Factory.StartNew(
            () => Run(_stopping.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        kept.OnWorkedOut = null;
        await _stopping.CancelAsync();
        await _running;
        _publisher.Flush(PatienceAtStop);
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _stopping.Dispose();
    }

    private void Run(CancellationToken stop)
    {
        try
        {
            using var reader = new CalibrationReader(
                settings, partitions, kept, metrics.Topic(settings.CalibrationsTopic), connection);
            var refreshed = connection.Time.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                reader.Read();
                if (reader.HasReachedEnd)
                {
                    _read.TrySetResult();
                }

                if (connection.Time.GetElapsedTime(refreshed) >= BetweenRefreshes)
                {
                    refreshed = connection.Time.GetTimestamp();
                    Refresh();
                }

                stop.WaitHandle.WaitOne(BetweenReads);
            }
        }
        catch (KafkaException fault)
        {
            log.LogError(
                fault, "{Topic} is read no more: what other replicas work out is worked out here too", settings.CalibrationsTopic);
        }
        finally
        {
            _read.TrySetResult();
        }
    }

    private void Refresh()
    {
        var due = connection.Time.GetUtcNow() - (Retention / 3);
        foreach (var (key, value) in kept.WrittenBefore(calibrations.Keys, due.ToUnixTimeMilliseconds()))
        {
            _publisher.Publish(key, value);
        }
    }
}
