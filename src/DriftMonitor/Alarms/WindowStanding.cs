using DriftMonitor.Evaluation;

namespace DriftMonitor.Alarms;

/// <summary>How a window stands to its threshold. Immutable.</summary>
/// <param name="Series">The series.</param>
/// <param name="Window">The window.</param>
/// <param name="ToMs">Its exclusive end, epoch milliseconds.</param>
/// <param name="Ready">Whether it may raise an alarm.</param>
/// <param name="Events">How many events, or labels, the value is of.</param>
/// <param name="Measure">Which value: of those with a threshold the one furthest above it, or least below.</param>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Threshold">Its threshold of the alarm's severity; null when there is none, or it has not been worked out yet.</param>
/// <param name="AboveSinceMs">Since when it has been above, epoch milliseconds; null when it is not, or is another series'.</param>
public sealed record WindowStanding(
    SeriesKey Series, WindowSpec Window, long ToMs, bool Ready, long Events, Measure Measure, double? Value, double? Threshold,
    long? AboveSinceMs = null)
{
    /// <summary>Whether its drift came suddenly or gradually; null for what is no drift of outputs.</summary>
    public DriftPace? Pace { get; init; }

    /// <summary>What it is decided by where alarms have reported some of it; null where it is decided as a whole.</summary>
    public LeftOut? LeftOut { get; init; }

    /// <summary>The same measure of what it is decided by; null where it is decided as a whole, or too little is left.</summary>
    internal Reading? Left => LeftOut?.Decided.Where(reading => reading.Measure == Measure).Cast<Reading?>().FirstOrDefault();

    /// <summary>Whether what it is decided by is above its threshold now, however small the effect.</summary>
    public bool Above => Ready && (LeftOut is null ? Value > Threshold : Left?.Exceeds == true);

    /// <summary>
    /// Which of several tells most: as of readings, and first of all one that is decided as a whole, since any other shows what has been
    /// reported, too.
    /// </summary>
    public (bool IsWhole, bool IsDivergenceAbove, double Ratio) Rank =>
        (Above && LeftOut is null, Above && Measure != Measure.CusumLiveVsReference, Ratio);

    /// <summary>How many times its threshold the value is that it is decided by; 0 without one.</summary>
    public double Ratio => (LeftOut is null ? Value / Threshold : Left?.Ratio) ?? 0;
}
