namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A drift that is to be found.</summary>
/// <param name="Shape">What changes.</param>
/// <param name="Size">By how much, in the end.</param>
/// <param name="RampMinutes">Over what time it grows; 0 when it is sudden.</param>
internal sealed record DriftScenario(DriftShape Shape, double Size, int RampMinutes = 0)
{
    public string Name => FormattableString.Invariant(
        $"{(Shape == DriftShape.Spread ? "spread" : "one class")} {Size}{(RampMinutes > 0 ? $" over {RampMinutes} min" : "")}");

    /// <summary>The size so many panes after the onset.</summary>
    public double At(int pane) =>
        RampMinutes == 0 ? Size : Size * Math.Min(1, (pane + 1) * SimulatedStream.PaneMs / (RampMinutes * 60_000.0));
}
