namespace DriftMonitor.Worker.State;

/// <summary>Numbers the label sets of one kind, so that an exporter knows how many distinct ones it may still be shown.</summary>
/// <remarks>
/// The SDK keeps every label set that a metric ever had until its provider is disposed, up to the metric's cardinality limit; what comes
/// after that is lost. A label set that comes back counts again here though not there: the count errs to the safe side. Thread-safe.
/// </remarks>
internal sealed class LabelSets
{
    private long _issued;
    private long _alive;
    private long _shownUpTo = long.MaxValue;

    /// <summary>How many were ever issued: the highest number.</summary>
    public long Issued => Volatile.Read(ref _issued);

    /// <summary>How many of them are in use.</summary>
    public long Alive => Volatile.Read(ref _alive);

    /// <summary>Takes new label sets into use.</summary>
    /// <returns>The number of the last one.</returns>
    public long Issue(int count = 1)
    {
        Interlocked.Add(ref _alive, count);
        return Interlocked.Add(ref _issued, count);
    }

    /// <summary>Keeps a label set in use once more: one <see cref="Release"/> more will follow.</summary>
    public void Reuse() => Interlocked.Increment(ref _alive);

    /// <summary>Says that label sets are no longer in use.</summary>
    public void Release(int count = 1) => Interlocked.Add(ref _alive, -count);

    /// <summary>Whether the label set may be shown: one that is made in the middle of a scrape waits for the next.</summary>
    public bool Shows(long number) => number <= Volatile.Read(ref _shownUpTo);

    /// <summary>Shows the label sets up to a number and none after it.</summary>
    public void ShowUpTo(long number) => Volatile.Write(ref _shownUpTo, number);
}
