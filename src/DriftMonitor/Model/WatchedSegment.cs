namespace DriftMonitor.Model;

/// <summary>A segment of a model, or a version of it, that was admitted. Safe for concurrent use.</summary>
public sealed class WatchedSegment : WatchedName
{
    private const int Cells = 5; // a series' key

    private readonly MemoryShare _share;

    internal WatchedSegment(string model, string name, RecordClock clock, MemoryBudget memory)
        : base(name, clock)
    {
        _share = new MemoryShare(memory);
        Series = new SeriesKey(model, name);
    }

    /// <summary>The series that its events count in: one object in a process, until it retires.</summary>
    public SeriesKey Series { get; }

    /// <summary>Takes its memory, unless there is not so much left.</summary>
    internal bool TryTakePlace() => _share.TryCover(Cells + MemoryBudget.CellsOf(1, Name.Length));

    /// <inheritdoc/>
    internal override void Retire()
    {
        base.Retire();
        _share.Fit(0);
    }
}
