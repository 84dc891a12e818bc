namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Something that is watched, and where its panes come from.</summary>
/// <param name="watched">What it is.</param>
/// <param name="source">Draws its panes.</param>
internal sealed class SimulatedPart(IWatched watched, IPaneSource source)
{
    public IWatched Watched => watched;

    public IPaneSource Source => source;

    /// <summary>The sums of the latest pane.</summary>
    public double[] Sums { get; } = new double[watched.Cells];

    /// <summary>Σ of the squares of single events' masses, of outputs.</summary>
    public double[] Squares { get; } = new double[watched.Cells];

    /// <summary>How many events the latest pane has.</summary>
    public int Events { get; private set; }

    /// <summary>Draws the next pane.</summary>
    public void Next() => Events = source.Next(Sums, Squares);
}
