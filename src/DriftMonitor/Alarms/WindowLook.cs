namespace DriftMonitor.Alarms;

/// <summary>A window of a series at one end of it, as alarms are decided by it.</summary>
/// <param name="Series">The series.</param>
/// <param name="Kind">What its readings are of.</param>
/// <param name="Window">Which of the windows, the shortest first.</param>
/// <param name="ToMs">Its exclusive end, epoch milliseconds.</param>
/// <param name="Readings">Its values beside their thresholds; none when it is not ready.</param>
internal sealed record WindowLook(SeriesKey Series, AlarmKind Kind, int Window, long ToMs, IReadOnlyCollection<Reading> Readings)
{
    /// <summary>Whether it is ready: then it has readings of every threshold that there is.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether there is nothing left to decide: of two sides that were compared all of one has gone.</summary>
    public bool IsOver { get; init; }

    /// <summary>Whether a threshold is being worked out.</summary>
    public bool IsPending { get; init; }

    /// <summary>What tells apart values of one kind that are decided each for itself.</summary>
    public int Stream { get; init; }

    /// <summary>
    /// The reference compared with, empty for none, null where that is not known. An alarm by another one ends: what comes is another
    /// drift.
    /// </summary>
    public string? ReferenceId { get; init; }

    /// <summary>Its panes, if it is complete and they are known; asked for while it is decided.</summary>
    public Func<PaneRun?> Panes { get; init; } = () => null;

    /// <summary>What its sums say; null where there is nothing to compare with.</summary>
    public IDeparture? Departure { get; init; }

    /// <summary>The readings of the panes that count, when some do not.</summary>
    public Func<bool[], IReadOnlyCollection<Reading>> Judge { get; init; } = _ => [];

    /// <summary>Whether panes are kept of such windows at all; of others the window is decided as a whole.</summary>
    public bool HasPanes { get; init; } = true;

    /// <summary>The effect of the whole window; null where it cannot be told.</summary>
    public double? Effect { get; init; }

    /// <summary>The least effect that is worth an alarm.</summary>
    public double SmallestEffect { get; init; }
}
