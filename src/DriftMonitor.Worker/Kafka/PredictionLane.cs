using System.Reactive;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Worker.Prometheus;

namespace DriftMonitor.Worker.Kafka;

/// <summary>An assigned partition of a predictions topic, as observables: its records and when to publish.</summary>
internal sealed class PredictionLane(TopicPartition partition, int id, TopicMetrics metrics)
{
    private readonly Subject<Unit> _abandoned = new();

    public TopicPartition Partition => partition;

    public int Id => id;

    public TopicMetrics Metrics => metrics;

    public Subject<PredictionRecord> Records { get; } = new();

    /// <summary>Ticks carry whether the lane has no backlog.</summary>
    public Subject<bool> PublishTicks { get; } = new();

    /// <summary>Ends the lane without a last publication.</summary>
    public IObservable<Unit> Abandoned => _abandoned;

    /// <summary>What was published last and waits for its acknowledgement; null when nothing does.</summary>
    public PendingPublication? Pending { get; set; }

    public long PendingSinceMs { get; set; }

    public bool AtEnd { get; set; }

    public long LastRecordMs { get; set; }

    public bool Paused { get; set; }

    public void Abandon() => _abandoned.OnNext(Unit.Default);
}
