using System.Reactive;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Kafka;

/// <summary>An assigned partition of the panes topic, as observables: its messages and the times to move its windows to.</summary>
internal sealed class PanePartition(TopicPartition partition)
{
    private readonly Subject<Unit> _closed = new();

    public TopicPartition Partition => partition;

    public Subject<PaneMessage> Messages { get; } = new();

    public Subject<long> TicksMs { get; } = new();

    /// <summary>Ends the partition's query.</summary>
    public IObservable<Unit> Closed => _closed;

    /// <summary>The series that were reported from this partition.</summary>
    public HashSet<SeriesKey> Series { get; } = [];

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool Restored { get; set; }

    public void Close() => _closed.OnNext(Unit.Default);
}
