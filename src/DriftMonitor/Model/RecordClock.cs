namespace DriftMonitor.Model;

/// <summary>The highest time of the records that counted: no clock and no rejected record moves it. Safe for concurrent use.</summary>
internal sealed class RecordClock
{
    private long _latestMs = long.MinValue;

    /// <summary>Epoch milliseconds; <see cref="long.MinValue"/> before the first.</summary>
    public long LatestMs => Volatile.Read(ref _latestMs);

    /// <summary>Takes note of the time of a record that counted.</summary>
    public void Note(long recordMs)
    {
        if (recordMs > LatestMs)
        {
            Volatile.Write(ref _latestMs, recordMs); // partitions may overtake each other by moments: silence is of hours
        }
    }
}
