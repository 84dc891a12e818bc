namespace DriftMonitor.Windows;

/// <summary>The sums of a window, pane by pane, for what asks how they came about. Immutable.</summary>
/// <param name="Events">How many events each pane has, the oldest first.</param>
/// <param name="Mass">Σ p in events, pane by pane, every cell of each; not to be changed.</param>
public sealed record WindowPanes(long[] Events, double[] Mass)
{
    /// <summary>
    /// The most stretches that a window is told in to a CUSUM: a stretch is a pane, or in a window of many panes several.
    /// </summary>
    public const int MostStretches = 72;

    private const int LeastPanes = 10;
    private const int LeastEvents = 10;

    /// <summary>How sure the outputs of each pane were.</summary>
    public EntropySums[] Entropy { get; } = new EntropySums[Events.Length];

    /// <summary>What each pane's events say of two policies, not to be changed; null where they say nothing.</summary>
    public PolicySums?[] Policy { get; } = new PolicySums?[Events.Length];

    /// <summary>How many cells each pane has.</summary>
    public int Cells => Mass.Length / Events.Length;

    /// <summary>
    /// Whether a window has a CUSUM: one of ten panes or more, over cells of which every one is kept, with ten events a stretch on average;
    /// what few soft outputs show by chance is not known well enough.
    /// </summary>
    public static bool HaveCusum(WindowSpec window, int cells, long events) =>
        window.Panes >= LeastPanes && cells <= PaneSums.MaxDenseCells && events >= LeastEvents * Stretches(window);

    /// <summary>How many stretches a window is told in.</summary>
    public static int Stretches(WindowSpec window) => (window.Panes + PanesOfStretch(window) - 1) / PanesOfStretch(window);

    /// <summary>How many panes a stretch has; the oldest has what is left.</summary>
    public static int PanesOfStretch(WindowSpec window) => (window.Panes + MostStretches - 1) / MostStretches;

    /// <summary>The sums of no panes.</summary>
    internal static WindowPanes Create(WindowSpec window, int cells) => new(new long[window.Panes], new double[window.Panes * cells]);

    /// <summary>Puts the pane so many slides before the window's end; for whoever has created the sums.</summary>
    internal void Put(int back, PaneSums pane)
    {
        Events[^back] = pane.Events;
        Entropy[^back] = pane.Entropy;
        Policy[^back] = pane.Policy?.Copy();
        var from = pane.Mass;
        var into = Mass.AsSpan(Mass.Length - (back * pane.Cells), pane.Cells);
        for (var k = 0; k < into.Length; k++)
        {
            into[k] = FixedPoint.ToEvents(from[k]);
        }
    }

    /// <summary>The same with nothing in the panes that do not count.</summary>
    internal WindowPanes Of(bool[] counted)
    {
        var (left, cells) = (new WindowPanes([.. Events], [.. Mass]), Cells);
        for (var pane = 0; pane < counted.Length; pane++)
        {
            left.Policy[pane] = counted[pane] ? Policy[pane] : null;
            left.Entropy[pane] = counted[pane] ? Entropy[pane] : default;
            if (!counted[pane])
            {
                left.Events[pane] = 0;
                left.Mass.AsSpan(pane * cells, cells).Clear();
            }
        }

        return left;
    }

    /// <summary>The same less those of a part of the events.</summary>
    internal WindowPanes Without(WindowPanes part)
    {
        var left = new WindowPanes([.. Events], [.. Mass]);
        TensorPrimitives.Subtract<long>(left.Events, part.Events, left.Events);
        TensorPrimitives.Subtract(left.Mass, part.Mass, left.Mass);
        TensorPrimitives.Max(left.Mass, 0, left.Mass); // they are rounded
        return left;
    }

    /// <summary>The sums of all panes, in units of <see cref="FixedPoint"/>.</summary>
    internal UInt128[] Total()
    {
        var total = new UInt128[Cells];
        for (var i = 0; i < Mass.Length; i++)
        {
            total[i % total.Length] += (UInt128)Math.Round(Mass[i] * FixedPoint.One, MidpointRounding.ToEven);
        }

        return total;
    }

    /// <summary>What all panes together say of two policies; null for nothing.</summary>
    internal PolicySums? TotalPolicy()
    {
        PolicySums? total = null;
        foreach (var pane in Policy)
        {
            if (pane is not null)
            {
                (total ??= new PolicySums()).Add(pane);
            }
        }

        return total;
    }

    /// <summary>How sure the outputs of all panes were.</summary>
    internal EntropySums TotalEntropy()
    {
        EntropySums total = default;
        foreach (var pane in Entropy)
        {
            total += pane;
        }

        return total;
    }

    /// <summary>Σ p of each cell over a pane, in events.</summary>
    public ReadOnlySpan<double> MassOf(int pane) => Mass.AsSpan(pane * Cells, Cells);
}
