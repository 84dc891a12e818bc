using System.Collections.Concurrent;
using System.Reactive;
using System.Reactive.Subjects;
using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Kafka;

/// <summary>An assigned partition of the panes topic, as observables: its messages and the times to move its windows to.</summary>
internal sealed class PanePartition(TopicPartition partition, WindowPlan plan, long resumeOffset)
{
    private readonly ConcurrentDictionary<SeriesKey, bool> _series = [];
    private readonly Subject<Unit> _closed = new();

    private bool _begun;

    public TopicPartition Partition => partition;

    public UnsettledPanes Unsettled { get; } = new(plan);

    public Subject<PaneMessage> Messages { get; } = new();

    public Subject<long> TicksMs { get; } = new();

    /// <summary>Ends the partition's query.</summary>
    public IObservable<Unit> Closed => _closed;

    /// <summary>Whether a series is reported from this partition.</summary>
    public bool Reported(SeriesKey series) => _series.ContainsKey(series);

    /// <summary>Takes note of a series that is reported, or retires. Reports come from the consumer's thread and from that of the references.</summary>
    public void Note(DriftReport report)
    {
        if (report.Window.Retired)
        {
            _series.TryRemove(report.Window.Series, out _);
        }
        else
        {
            _series[report.Window.Series] = true;
        }
    }

    /// <summary>Up to when all panes are final; null before any is.</summary>
    public long? SettledBeforeMs { get; set; }

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool Restored { get; set; }

    /// <summary>Whether the first record is not that which was to be: the topic has dropped some, or was made anew.</summary>
    public bool LacksWhatWasBefore(long offset)
    {
        var lacks = !_begun && offset != resumeOffset;
        _begun = true;
        return lacks;
    }

    public void Close() => _closed.OnNext(Unit.Default);
}
