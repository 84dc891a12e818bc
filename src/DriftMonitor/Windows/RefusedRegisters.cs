using System.Runtime.InteropServices;
using DriftMonitor.Join;

namespace DriftMonitor.Windows;

/// <summary>Counts the events of registers that count in no window: each once, however often its register is published.</summary>
/// <param name="plan">The windows.</param>
/// <param name="lanes">The lanes that publish the registers.</param>
/// <param name="events">Where <see cref="RefusedEvents"/> are added.</param>
internal sealed class RefusedRegisters(WindowPlan plan, LaneStates lanes, ICollection<StageEvent> events)
{
    private const int MaxRegisters = 100_000; // of which growth is told from repeats

    // events; source partitions of labels are complements, and their registers name no class space
    private readonly Dictionary<(int SourcePartition, SeriesKey Series, string SpaceId, long PaneStartMs), long> _counted = [];

    /// <summary>Counts the events of a register that were not counted before.</summary>
    /// <param name="register">The register.</param>
    /// <param name="why">Why they count in no window.</param>
    /// <param name="merged">How many of its events do.</param>
    public void Add(PaneRegister register, RegisterRefusal why, long merged)
    {
        if (lanes.Find(register.SourcePartition) is { } lane && register.LastOffset < lane.NextOffset)
        {
            return; // a repeat
        }

        if (register.Sums.AllEvents - Note(register, merged) is > 0 and var more)
        {
            Add(why, more);
        }
    }

    /// <summary>Counts events of which no register is known any more.</summary>
    public void Add(RegisterRefusal why, long count) => events.Add(new RefusedEvents(why, count));

    /// <summary>Counts the labelled events of a register of a series that has no place, if they were not counted before.</summary>
    public void Add(FeedbackRegister register, RegisterRefusal why)
    {
        var key = register.Key; // of the many panes of an event one is counted
        if (key.Attribution == Attribution.LabelTime && key.LengthMs == plan.BasePaneMs
            && register.Sums.Events - Note(
                (~register.SourcePartition, key.Series, "", key.StartMs), register.Sums.Events, 0) is > 0 and var more)
        {
            Add(why, more);
        }
    }

    /// <summary>Takes note of a merged register that windows know by its sums only, if its lane may still add to it.</summary>
    public void NoteMerged(PaneRegister register)
    {
        if (lanes.Find(register.SourcePartition) is not { } lane || lane.ClosedBeforeMs <= register.PaneStartMs + plan.BasePaneMs)
        {
            Note(register, merged: 0);
        }
    }

    /// <summary>Forgets the registers of a source partition's labels before a time.</summary>
    public void ForgetLabels(int sourcePartition, long beforeMs) => Forget(~sourcePartition, beforeMs);

    /// <summary>Forgets the registers of a source partition that cannot grow any more.</summary>
    public void Forget(int sourcePartition, long closedBeforeMs)
    {
        foreach (var key in _counted.Keys
            .Where(key => key.SourcePartition == sourcePartition && key.PaneStartMs + plan.BasePaneMs < closedBeforeMs))
        {
            _counted.Remove(key);
        }
    }

    private long Note(PaneRegister register, long merged) => Note(
        (register.SourcePartition, register.Series, register.Classes.SpaceId, register.PaneStartMs), register.Sums.AllEvents, merged);

    /// <returns>How many events of the register were counted or merged before.</returns>
    private long Note((int SourcePartition, SeriesKey Series, string SpaceId, long PaneStartMs) key, long count, long merged)
    {
        if (_counted.Count >= MaxRegisters)
        {
            _counted.Clear();
        }

        ref var counted = ref CollectionsMarshal.GetValueRefOrAddDefault(_counted, key, out _);
        var before = Math.Max(counted, merged);
        counted = Math.Max(before, count);
        return before;
    }
}
