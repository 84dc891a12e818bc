namespace DriftMonitor.Windows;

/// <summary>The sums of a window, stretch by stretch of its time, for what asks how they came about. Immutable.</summary>
/// <remarks>A stretch is a pane, or in a window of many panes several: at most <see cref="MostStretches"/> of them.</remarks>
/// <param name="Events">How many events each stretch has, the oldest first.</param>
/// <param name="Mass">Σ p in events, stretch by stretch, every cell of each.</param>
public sealed record WindowPanes(long[] Events, double[] Mass)
{
    /// <summary>The most stretches that a window is told in.</summary>
    public const int MostStretches = 72;

    private const int LeastPanes = 10;
    private const int LeastEvents = 10;

    /// <summary>
    /// Whether windows are told in stretches: those of ten panes or more, over cells of which every one is kept, with ten events a stretch
    /// on average; what few soft outputs show by chance is not known well enough.
    /// </summary>
    public static bool AreKept(WindowSpec window, int cells, long events) =>
        window.Panes >= LeastPanes && cells <= PaneSums.MaxDenseCells && events >= LeastEvents * Stretches(window);

    /// <summary>How many stretches a window is told in.</summary>
    public static int Stretches(WindowSpec window) => (window.Panes + PanesOfStretch(window) - 1) / PanesOfStretch(window);

    /// <summary>How many panes a stretch has; the oldest has what is left.</summary>
    public static int PanesOfStretch(WindowSpec window) => (window.Panes + MostStretches - 1) / MostStretches;

    /// <summary>The sums of no panes.</summary>
    internal static WindowPanes Create(WindowSpec window, int cells) =>
        new(new long[Stretches(window)], new double[Stretches(window) * cells]);

    /// <summary>Adds the pane so many slides before the window's end; for whoever has created the sums.</summary>
    internal void Add(WindowSpec window, int back, PaneSums pane)
    {
        var stretch = Events.Length - 1 - ((back - 1) / PanesOfStretch(window));
        Events[stretch] += pane.Events;
        var from = pane.Mass;
        var into = Mass.AsSpan(stretch * pane.Cells, pane.Cells);
        for (var k = 0; k < into.Length; k++)
        {
            into[k] += FixedPoint.ToEvents(from[k]);
        }
    }

    /// <summary>Σ p of each cell over a stretch, in events.</summary>
    public ReadOnlySpan<double> MassOf(int stretch) => Mass.AsSpan(stretch * (Mass.Length / Events.Length), Mass.Length / Events.Length);
}
