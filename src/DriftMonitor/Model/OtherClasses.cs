namespace DriftMonitor.Model;

/// <summary>A class space that was inferred from outputs which do not fit the first inferred one.</summary>
internal sealed class OtherClasses(ModelClasses classes)
{
    private long _latestMs;

    public ModelClasses Classes => classes;

    /// <summary>The time of the records that counted when an output was last read in it, epoch milliseconds.</summary>
    public long LatestMs
    {
        get => Volatile.Read(ref _latestMs);
        set => Volatile.Write(ref _latestMs, value);
    }
}
