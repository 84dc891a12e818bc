using System.Reactive.Linq;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Messages;
using DriftMonitor.Worker.Prometheus;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Stage 2: reads the panes of the series that this replica owns, slides their windows and reports their drift.</summary>
/// <remarks>
/// A partition is read from its beginning, which rebuilds its windows; only then do they move with the clock. What this replica no longer
/// owns it no longer exports.
/// </remarks>
internal sealed class PaneConsumer : PartitionConsumer<Ignore, PaneMessage?, PanePartition>
{
    private readonly MonitorSettings _settings;
    private readonly ReportStore _reports;
    private readonly MonitorMetrics _metrics;
    private readonly Subject<PanePartition> _partitions = new();
    private readonly IDisposable _subscription;
    private readonly TopicMetrics _topic;
    private volatile bool _restored;
    private volatile Exception? _fault;
    private long _lastTickMs;
    private long _evaluated;

    public PaneConsumer(
        MonitorSettings settings,
        PaneCodec codec,
        IObservable<ReferenceSet> references,
        ReportStore reports,
        MonitorMetrics metrics,
        TimeProvider time,
        ILogger<PaneConsumer> log)
        : base(
            settings,
            WithStart(KafkaClients.Consumer(settings, $"{settings.GroupId}-panes")),
            [settings.PanesTopic],
            Deserializers.Ignore,
            codec,
            Offset.Beginning,
            KafkaClient.Panes,
            metrics,
            time,
            log)
    {
        _settings = settings;
        _reports = reports;
        _metrics = metrics;
        _topic = metrics.Topic(settings.PanesTopic);
        var evaluator = new DriftEvaluator(settings.Evaluation);
        _subscription = _partitions
            .SelectMany(partition => partition.Messages
                .MonitorDrift(partition.TicksMs, references, settings.Plan, settings.MaxSeriesPerPartition, evaluator, OnRefused, OnFailed)
                .TakeUntil(partition.Closed)
                .Do(partition.Note))
            .Subscribe(
                report =>
                {
                    reports.Update(report);
                    Interlocked.Increment(ref _evaluated);
                },
                fault => _fault = fault); // on the references' own thread, where an exception would be heard of by nobody
    }

    /// <summary>Whether every partition that this replica owns has been read up to where it was when it was assigned.</summary>
    public bool Restored => Joined && _restored;

    protected override PanePartition Open(TopicPartition partition)
    {
        var opened = new PanePartition(partition);
        _partitions.OnNext(opened);
        return opened;
    }

    protected override void Read(PanePartition partition, ConsumeResult<Ignore, PaneMessage?> record)
    {
        _topic.CountConsumed();
        if (record.Message.Value is { } message)
        {
            partition.Messages.OnNext(message);
        }
        else
        {
            _topic.CountRejected(Events.RejectionReason.Malformed);
        }
    }

    protected override void ReachedEnd(PanePartition partition) => partition.Restored = true;

    protected override void Tick(long nowMs)
    {
        if (_fault is { } fault)
        {
            throw new InvalidOperationException("the query over the panes has ended", fault);
        }

        _restored = Partitions.All(partition => partition.Restored);
        var tick = _settings.Plan.PaneStart(nowMs - (long)_settings.EvaluationDelay.TotalMilliseconds);
        if (tick == _lastTickMs)
        {
            return;
        }

        _lastTickMs = tick;
        var started = Time.GetTimestamp();
        foreach (var partition in Partitions)
        {
            if (partition.Restored)
            {
                partition.TicksMs.OnNext(tick);
            }
        }

        _metrics.CountEvaluations(Interlocked.Exchange(ref _evaluated, 0), Time.GetElapsedTime(started));
        ReportPartitions();
    }

    protected override void Close(IReadOnlyList<PanePartition> partitions, bool lost)
    {
        foreach (var partition in partitions)
        {
            partition.Close();
            _reports.Remove(partition.Reported);
        }

        ReportPartitions();
    }

    private void OnRefused(PaneRegister register, RegisterRefusal reason) => _metrics.CountRefused(reason);

    private void OnFailed(LiveWindow window, Exception fault)
    {
        _metrics.CountEvaluationFailure();
        Log.LogError(fault, "{Series} over {Window} could not be evaluated", window.Series, window.Window.Name);
    }

    private void ReportPartitions() =>
        _topic.UsePartitions(Partitions.Select(partition => new PartitionLag(partition.Partition.Partition, Lag(partition.Partition))));

    private static ConsumerConfig WithStart(ConsumerConfig config)
    {
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.EnableAutoCommit = false; // read from the beginning by every owner
        config.ConsumeResultFields = "topic";
        return config;
    }
}
