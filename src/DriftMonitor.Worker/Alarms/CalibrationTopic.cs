using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Shares what calibrations work out with the other replicas and with the next start, on a thread of its own.</summary>
/// <remarks>
/// The topic only saves work: whatever is wrong with it, thresholds are worked out as without it. What references in use have asked for is
/// written again when its record is a third as old as records get, so that only what nobody uses is deleted.
/// </remarks>
internal sealed class CalibrationTopic(
    MonitorSettings settings, int partitions, KeptCalibrations kept, Calibrations calibrations, ServiceMetrics metrics,
    KafkaConnection connection, ILogger<CalibrationTopic> log)
    : FollowedTopic<CalibrationRecord?>(settings.CalibrationsTopic, connection), IDisposable
{
    /// <summary>How long records are kept that are not written again.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(90);

    private static readonly TimeSpan BetweenRefreshes = TimeSpan.FromHours(1);
    private static readonly TimeSpan PatienceAtStop = TimeSpan.FromSeconds(2);

    private readonly CalibrationPublisher _publisher = new(settings.CalibrationsTopic, connection);
    private long _refreshed = connection.Time.GetTimestamp();

    public override void Run(CancellationToken stop)
    {
        kept.OnWorkedOut = _publisher.Publish;
        try
        {
            base.Run(stop);
            stop.WaitHandle.WaitOne(); // what is worked out here is written also where nothing can be read
        }
        finally
        {
            kept.OnWorkedOut = null;
            _publisher.Flush(PatienceAtStop);
        }
    }

    public void Dispose() => _publisher.Dispose();

    protected override WholeTopicReader<CalibrationRecord?> Open() =>
        new CalibrationReader(settings, partitions, kept, metrics.Topic(Topic), Connection);

    protected override void AfterRead(bool hasReachedEnd)
    {
        if (Connection.Time.GetElapsedTime(_refreshed) >= BetweenRefreshes)
        {
            _refreshed = Connection.Time.GetTimestamp();
            Refresh();
        }
    }

    protected override void TellSlow(TimeSpan patience) => log.CalibrationsSlow(Topic, patience.TotalSeconds);

    protected override void TellEnded(KafkaException fault) =>
        log.CalibrationsEnded(fault, Topic);

    private void Refresh()
    {
        var due = Connection.Time.GetUtcNow() - (Retention / 3);
        foreach (var (key, value) in kept.WrittenBefore(calibrations.Keys, due.ToUnixTimeMilliseconds()))
        {
            _publisher.Publish(key, value);
        }
    }
}
