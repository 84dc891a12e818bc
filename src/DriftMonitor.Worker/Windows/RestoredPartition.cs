using Confluent.Kafka;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;

namespace DriftMonitor.Worker.Windows;

/// <summary>What one partition of the rollups topic says: its last settlement, and the panes that were settled by then.</summary>
/// <remarks>
/// A newer version writes over what was written before it, so of a partition that holds records of its format nothing is taken: windows
/// start anew from the panes topic.
/// </remarks>
internal sealed class RestoredPartition(SourcePartitions sources)
{
    private readonly Dictionary<(SeriesKey Series, long StartMs, long LengthMs), SettledPane> _panes = [];
    private Settled? _last;

    /// <summary>How many records are of a newer format.</summary>
    public int Newer { get; private set; }

    /// <summary>
    /// Event time before which events may be missing; null when none are. The largest that any settlement names: a replica that has lost
    /// the partition may not know of a loss.
    /// </summary>
    public long? LostBeforeMs { get; private set; }

    /// <summary>From where on the panes partition must be read; its beginning when nothing has settled yet.</summary>
    public long ResumeOffset => Last?.ResumeOffset ?? 0;

    /// <summary>What a successor's windows start from; null before a settlement. Panes written after the last one are not in it.</summary>
    public Settlement? Settlement => Last is { } last
        ? new Settlement(last.BeforeMs, [.. _panes.Values.Where(pane => pane.EndMs <= last.BeforeMs)])
        {
            NextOffsets = [.. last.Heard.Select(lane => (sources.IdOf(new TopicPartition(lane.Topic, lane.Partition)), lane.NextOffset))],
        }
        : null;

    private Settled? Last => Newer == 0 ? _last : null;

    public void Add(Rollup rollup)
    {
        Newer += rollup.IsNewer ? 1 : 0;
        if (rollup.Pane is { } pane)
        {
            _panes[(pane.Series, pane.StartMs, pane.LengthMs)] = pane;
        }
        else if (rollup.Settled is { } settled)
        {
            _last = _last is null || settled.BeforeMs > _last.BeforeMs ? settled : _last;
            if (settled.HasLostBeforeMs)
            {
                NoteLoss(settled.LostBeforeMs);
            }
        }
    }

    public void NoteLoss(long beforeMs) => LostBeforeMs = Math.Max(LostBeforeMs ?? long.MinValue, beforeMs);
}
