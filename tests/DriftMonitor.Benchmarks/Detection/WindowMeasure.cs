using DriftMonitor.Divergence;
using DriftMonitor.References;
using MathNet.Numerics.Distributions;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// A measure of the five-minute window against the reference, both smoothed as the monitor does: what fixed thresholds are set on.
/// </summary>
/// <param name="reference">The reference's smoothed shares.</param>
/// <param name="measure">From the live shares, the reference's and the events.</param>
internal sealed class WindowMeasure(double[] reference, WindowMeasure.Formula measure) : IPaneDetector
{
    /// <summary>Fewer say nothing.</summary>
    public const int LeastEvents = 30;

    /// <summary>Looks in five minutes.</summary>
    public const int Looks = (int)(300_000 / SimulatedStream.PaneMs);

    private double[] _live = new double[reference.Length];
    private SimulatedWindow _window = new(Looks, reference.Length);

    public delegate double Formula(ReadOnlySpan<double> live, ReadOnlySpan<double> reference, double events);

    public int[] EndsAfterLooks { get; } = [Looks];

    public static WindowMeasure Kl(ReferenceSnapshot of) =>
        new(of.Smoothed(), (live, reference, _) => KullbackLeibler.Divergence(live, reference));

    public static WindowMeasure Psi(ReferenceSnapshot of) =>
        new(of.Smoothed(), (live, reference, _) => PopulationStability.Index(live, reference));

    /// <summary>√JS in nats.</summary>
    public static WindowMeasure Js(ReferenceSnapshot of) =>
        new(of.Smoothed(), (live, reference, _) => JensenShannon.Distance(live, reference));

    /// <summary>G = 2 n KL(live‖reference), about χ² with K − 1 degrees of freedom when events are one-hot and independent.</summary>
    public static WindowMeasure G(ReferenceSnapshot of) =>
        new(of.Smoothed(), (live, reference, events) => 2 * events * KullbackLeibler.Divergence(live, reference));

    /// <summary>
    /// The level of <see cref="G"/> at a budget: its p-value must be below the budget's share of one of a day's 288 windows.
    /// </summary>
    public static double LevelOfG(int classes, double alarmsPerDay) => ChiSquared.InvCDF(classes - 1, 1 - (alarmsPerDay / 288));

    public void Add(double[] mass, int events, Span<float> scores)
    {
        _window.Add(mass, events);
        scores[0] = 0;
        if (!_window.Full || _window.Events < LeastEvents)
        {
            return;
        }

        for (var k = 0; k < _live.Length; k++)
        {
            _live[k] = Math.Max(0, _window.Mass[k]) / _window.Events;
        }

        PseudoEvents.SmoothLive(_live, _window.Events, 1, reference);
        scores[0] = (float)measure(_live, reference, _window.Events);
    }

    public IPaneDetector Copy()
    {
        var copy = (WindowMeasure)MemberwiseClone();
        (copy._window, copy._live) = (_window.Copy(), new double[_live.Length]);
        return copy;
    }
}
