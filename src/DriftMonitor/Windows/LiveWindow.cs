namespace DriftMonitor.Windows;

/// <summary>A series' sums over one window, [<see cref="FromMs"/>, <see cref="ToMs"/>) of event time. Immutable.</summary>
/// <param name="Series">The series.</param>
/// <param name="Window">The window's length and slide.</param>
/// <param name="ToMs">The exclusive end, epoch milliseconds.</param>
/// <param name="Classes">The class space of <paramref name="Mass"/>.</param>
/// <param name="Events">How many events.</param>
/// <param name="Mass">Σ p of each cell or of <paramref name="KeptCells"/>, in units of <see cref="FixedPoint"/>, not to be changed.</param>
/// <param name="Complete">Whether every event of the window can have been seen; after a start only once the window lies behind it.</param>
/// <param name="LatestEventMs">The time of the latest event of the series, also when it lies outside the window.</param>
/// <param name="Retired">Whether the series has been silent for so long that this is its last window.</param>
/// <param name="Policy">What the events say of two policies, not to be changed; null when none does.</param>
/// <param name="KeptCells">The cells that hold anything, not to be changed, if the space is too large to keep all; else null.</param>
public sealed record LiveWindow(
    SeriesKey Series,
    WindowSpec Window,
    long ToMs,
    PaneClasses Classes,
    long Events,
    UInt128[] Mass,
    bool Complete,
    long LatestEventMs,
    bool Retired,
    PolicySums? Policy = null,
    int[]? KeptCells = null) : StageEvent
{
    /// <summary>How many cells the class space has.</summary>
    public int Cells { get => KeptCells is null ? Mass.Length : field; init; }

    /// <summary>
    /// How sure the outputs were, of several choices on average over them: of all events, unless an older version has written some.
    /// </summary>
    public EntropySums Entropy { get; init; }

    /// <summary>The series' window just before, [<see cref="FromMs"/> − length, <see cref="FromMs"/>); null when none is kept.</summary>
    public OtherWindow? Trailing { get; init; }

    /// <summary>
    /// The rest of the model's traffic at the same time, of a series that is compared with it instead of a reference; null of any other.
    /// </summary>
    public OtherWindow? Rest { get; init; }

    /// <summary>Σ p² of the cells of <see cref="Mass"/>, not to be changed; null when nothing asks for it.</summary>
    public UInt128[]? Squares { get; init; }

    /// <summary>The same sums pane by pane, for an evaluation; null when they are not kept.</summary>
    public WindowPanes? Panes { get; init; }

    /// <summary>The same without anything pane by pane, which is many times as large as the rest.</summary>
    public LiveWindow WithoutPanes() => Panes is null && Rest?.Panes is null
        ? this
        : this with { Panes = null, Rest = Rest is null ? null : Rest with { Panes = null } };

    /// <summary>
    /// From when on every event of the series can have been seen, epoch milliseconds: the window is complete once it lies behind that, and
    /// all that feeds it has been read.
    /// </summary>
    public long SeenFromMs { get; init; }

    /// <summary>The inclusive start, epoch milliseconds.</summary>
    public long FromMs => ToMs - Window.LengthMs;
}
