using MathNet.Numerics.Random;

namespace DriftMonitor.Calibration;

/// <summary>Slides a window over driftless streams, each against a redrawn reference; fits how often an alarm begins at a level.</summary>
/// <remarks>
/// So a threshold allows for the noise of the live window and for that of a finite reference. The budget is kept on average over
/// references: one with bad luck alarms more often than its share, another less. Deterministic for a seed.
/// </remarks>
internal static class DriftlessSimulation
{
    private const int FewCells = 300;
    private const int SmoothPanes = 30;
    private const int WindowsPerCluster = 8;
    private const int MostClusters = 1_250;

    /// <param name="model">What is drawn from.</param>
    /// <param name="measure">What is measured.</param>
    /// <param name="windowMs">The window's length.</param>
    /// <param name="panes">The panes that it is drawn in.</param>
    /// <param name="events">How many events it has.</param>
    /// <param name="referenceEvents">How many events a reference has.</param>
    /// <param name="seed">What the random numbers begin with.</param>
    public static WindowTails Run(
        BlockModel model, ISimulatedMeasure measure, long windowMs, int panes, double events, double referenceEvents, int seed)
    {
        var cells = model.Shares.Length;
        var references = cells <= FewCells ? 200 : 100; // the noise of many cells averages out
        var looks = Math.Clamp(9_000_000 / (cells + 30), 60_000, 225_000) / references;
        looks = Math.Max(looks, 8 * panes); // windows enough to be above and below again
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

    private static WindowTails Fit(double[][] values, int looks, int panes, double paneMs)
    {
        var clusters = Math.Clamp(values[0].Length / panes / WindowsPerCluster, 20, MostClusters);
        ImmutableArray<AlarmRateTail> tails = [.. values.Select(own => AlarmRateTail.Fit(own, looks, panes, paneMs, clusters))];
        var (highest, alone) = (values[0], 0.0);
        for (var value = 0; value < values.Length; value++)
        {
            TensorPrimitives.Subtract(values[value], tails[value].FitLevel, values[value]);
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
