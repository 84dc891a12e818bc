namespace DriftMonitor.Worker.Formats;

/// <summary>What a time that is a number counts since 1970.</summary>
internal enum TimeUnit
{
    Milliseconds,
    Seconds,
    Microseconds,
    Nanoseconds,
}
