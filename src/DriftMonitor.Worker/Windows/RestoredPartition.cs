
namespace DriftMonitor.Worker.Windows;

/// <summary>What one partition of the rollups topic says: its last settlement, and the panes that were settled by then.</summary>
/// <remarks>
/// A newer version writes over what was written before it, so of a partition that holds records of its format nothing is taken: windows
/// start anew from the panes topic.
/// </remarks>
internal sealed class RestoredPartition
{
    private readonly Dictionary<(SeriesKey Series, long StartMs, long LengthMs), SettledPane> _panes = [];
    private Settlement? _last;

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
        ? last with { Panes = [.. _panes.Values.Where(pane => pane.EndMs <= last.BeforeMs)], LostBeforeMs = LaneProgress.Nothing }
        : null;

    private Settlement? Last => Newer == 0 ? _last : null;

    /// <summary>Takes a record in; null for one that says nothing under this configuration of windows.</summary>
    public void Add(PaneMessage? message)
    {
        switch (message)
        {
            case SettledPane pane:
                _panes[(pane.Series, pane.StartMs, pane.LengthMs)] = pane;
                break;
            case Settlement settlement:
                _last = _last is null || settlement.BeforeMs > _last.BeforeMs ? settlement : _last;
                NoteLoss(settlement.LostBeforeMs);
                break;
            case UnreadableLane:
                Newer++;
                break;
            default:
                break;
        }
    }

    public void NoteLoss(long beforeMs)
    {
        if (beforeMs != LaneProgress.Nothing)
        {
            LostBeforeMs = Math.Max(LostBeforeMs ?? beforeMs, beforeMs);
        }
    }
}
