using MathNet.Numerics.Random;

namespace DriftMonitor.Calibration;

/// <summary>Slides a window over driftless streams, each compared with a redrawn reference, and fits the rate of alarms by level.</summary>
/// <remarks>
/// The hypothesis simulated is that nothing has drifted. A run is one redrawn reference with its stream, so a threshold allows for the
/// noise of the live window and for that of a finite reference. The budget is kept on average over references: one with bad luck raises
/// more alarms than its share, another fewer. The same seed gives the same tails.
/// </remarks>
internal static class DriftlessSimulation
{
    /// <summary>Cells up to which <see cref="ReferencesOfFewCells"/> are drawn; the noise of more cells averages out; chosen.</summary>
    private const int FewCells = 300;

    /// <summary>References that are redrawn, of few cells and of more; chosen, see the sweep.</summary>
    private const int ReferencesOfFewCells = 200;
    private const int ReferencesOfManyCells = 100;

    /// <summary>Looks in all runs, times cells: what a calibration costs. Chosen for the bars of <c>detection calibration</c>.</summary>
    private const int CellLooks = 9_000_000;

    /// <summary>The cost of a look, in cells, that does not depend on cells; chosen.</summary>
    private const int CellsOfALook = 30;

    /// <summary>The bounds of looks in all runs; chosen with <see cref="CellLooks"/>.</summary>
    private const int LeastLooks = 60_000;
    private const int MostLooks = 225_000;

    /// <summary>Window lengths that a run has at least, so that an alarm can begin, end and begin again in it; chosen.</summary>
    private const int LeastWindowsPerRun = 8;

    /// <summary>Units of soft noise in a window, at least, where its panes are few; chosen, for a smooth tail.</summary>
    private const int SmoothPanes = 30;

    /// <summary>
    /// Window lengths for each cluster at the moderate level that <see cref="AlarmRateTail"/> begins with; chosen, see the sweep.
    /// </summary>
    private const int WindowsPerCluster = 8;

    /// <summary>The bounds of those clusters; chosen.</summary>
    private const int LeastClusters = 20;
    private const int MostClusters = 1_250;

    /// <summary>Runs the simulation.</summary>
    /// <param name="model">What is drawn from.</param>
    /// <param name="measure">What is measured.</param>
    /// <param name="windowMs">The window's length.</param>
    /// <param name="panes">How many panes the window is drawn in; there is a look after each.</param>
    /// <param name="events">The window's events if traffic were even.</param>
    /// <param name="referenceEvents">A reference's events.</param>
    /// <param name="seed">The seed of the random numbers.</param>
    public static WindowTails Run(
        BlockModel model, ISimulatedMeasure measure, long windowMs, int panes, double events, double referenceEvents, int seed)
    {
        var cells = model.Shares.Length;
        var references = cells <= FewCells ? ReferencesOfFewCells : ReferencesOfManyCells;
        var looks = Math.Clamp(CellLooks / (cells + CellsOfALook), LeastLooks, MostLooks) / references; // of a run
        looks = Math.Max(looks, LeastWindowsPerRun * panes);
        var paneMs = (double)windowMs / panes;
        var stream = new BlockStream(model, new Xoshiro256StarStar(seed, threadSafe: false), Math.Max(1, SmoothPanes / panes));
        double[][] values = [.. Enumerable.Range(0, measure.ValueCount).Select(_ => new double[looks * references])];
        var now = new double[values.Length];
        var reference = new double[cells];
        var (masses, counts, window, cusumMass) = (new double[panes * cells], new double[panes], new double[cells], new double[cells]);
        for (var run = 0; run < references; run++)
        {
            stream.DrawReference(referenceEvents, reference);
            measure.StartReference(reference);
            Array.Clear(masses);
            Array.Clear(counts);
            Array.Clear(window);
            var (total, carried) = (0.0, 0.0);
            for (var pane = 0; pane < looks + panes - 1; pane++)
            {
                var slot = pane % panes;
                var mass = masses.AsSpan(slot * cells, cells);
                TensorPrimitives.Subtract(window, mass, window);
                total -= counts[slot];
                counts[slot] = stream.DrawPane(paneMs, events / panes, ref carried, mass, cusumMass);
                TensorPrimitives.Add(window, mass, window);
                total += counts[slot];
                measure.AddPane(cusumMass, counts[slot]);
                if (pane >= panes - 1)
                {
                    measure.Measure(window, total, now);
                    for (var value = 0; value < now.Length; value++)
                    {
                        values[value][(run * looks) + pane - panes + 1] = now[value];
                    }
                }
            }
        }

        return Fit(values, looks, panes, paneMs);
    }

    /// <summary>Fits each value's tail, and κ: how many more alarms the first values raise together than one. Changes the values.</summary>
    private static WindowTails Fit(double[][] values, int looks, int panes, double paneMs)
    {
        var clusters = Math.Clamp(values[0].Length / panes / WindowsPerCluster, LeastClusters, MostClusters);
        ImmutableArray<AlarmRateTail> tails = [.. values.Select(own => AlarmRateTail.Fit(own, looks, panes, paneMs, clusters))];
        var (highest, alone) = (values[0], 0.0); // highest shares its array with the first value
        for (var value = 0; value < values.Length; value++)
        {
            TensorPrimitives.Subtract(values[value], tails[value].FitLevel, values[value]); // from here on excesses over u₀
            alone = Math.Max(alone, RateAbove0(values[value]));
        }

        var kappa = ImmutableArray.CreateBuilder<double>(values.Length);
        for (var value = 0; value < values.Length; value++)
        {
            TensorPrimitives.Max<double>(highest, values[value], highest);
            kappa.Add(Math.Clamp(RateAbove0(highest) / alone, 1, value + 1));
        }

        return new WindowTails(tails, kappa.MoveToImmutable());

        double RateAbove0(double[] excesses) => AlarmRateTail.RatePerLook(excesses, looks, panes, 0);
    }
}
