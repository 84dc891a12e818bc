using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// The monitor's own alarm: how many times its calibrated threshold the divergence is over each window that it watches, by the worse
/// direction, and then the CUSUM over each.
/// </summary>
internal sealed class CalibratedDetector : IPaneDetector
{
    private readonly DriftCalibration _calibration;
    private readonly FalseAlarmBudget _share;
    private readonly double[] _reference;
    private readonly ReferenceDistribution _distribution;
    private readonly double[] _live;
    private readonly WindowSpec[] _specs;
    private readonly SimulatedWindow[] _windows;
    private readonly bool _withCusum;
    private readonly float[] _ratios; // of a window since it moved last

    public CalibratedDetector(
        ReferenceSnapshot reference, DriftCalibration calibration, WindowSpec[] windows, FalseAlarmBudget budget, bool withCusum = true)
    {
        var classes = reference.ClassSpace.OtherIndex;
        _withCusum = withCusum;
        (_calibration, _share, _specs) = (calibration, budget.Share(1.0 / windows.Length), windows);
        (_reference, _distribution, _live, _ratios) = (
            reference.Smoothed(), reference.All, new double[classes], new float[2 * windows.Length]);
        _windows = [.. windows.Select(spec => new SimulatedWindow(spec.Panes, classes, (int)(spec.SlideMs / SimulatedStream.PaneMs)))];
        int[] looks = [.. windows.Select(spec => (int)(spec.LengthMs / SimulatedStream.PaneMs))];
        EndsAfterLooks = [.. looks, .. looks];
    }

    private CalibratedDetector(CalibratedDetector other)
    {
        _withCusum = other._withCusum;
        (_calibration, _share, _specs, _reference, _distribution, EndsAfterLooks) = (
            other._calibration, other._share, other._specs, other._reference, other._distribution, other.EndsAfterLooks);
        (_live, _ratios, _windows) = (
            new double[other._live.Length], [.. other._ratios], [.. other._windows.Select(window => window.Copy())]);
    }

    public int[] EndsAfterLooks { get; }

    public void Add(double[] mass, int events, Span<float> scores)
    {
        for (var i = 0; i < _windows.Length; i++)
        {
            if (_windows[i].Add(mass, events))
            {
                (_ratios[i], _ratios[_windows.Length + i]) = _windows[i].Full && _windows[i].Events >= WindowMeasure.LeastEvents
                    ? Ratios(_specs[i], _windows[i])
                    : (0, 0);
            }
        }

        _ratios.CopyTo(scores);
    }

    public IPaneDetector Copy() => new CalibratedDetector(this);

    private (float Kl, float Cusum) Ratios(WindowSpec spec, SimulatedWindow window)
    {
        for (var k = 0; k < _live.Length; k++)
        {
            _live[k] = Math.Max(0, window.Mass[k]) / window.Events;
        }

        PseudoEvents.SmoothLive(_live, window.Events, 1, _reference);
        var thresholds = _calibration.Thresholds(spec, (long)window.Events, _share);
        var kl = Math.Max(
            KullbackLeibler.Divergence(_live, _reference) / thresholds.KlLiveVsReferenceNats,
            KullbackLeibler.Divergence(_reference, _live) / thresholds.KlReferenceVsLiveNats);
        return ((float)kl, _withCusum && thresholds.CusumNats is { } level ? (float)(Cusum(spec, window) / level) : 0);
    }

    private double Cusum(WindowSpec spec, SimulatedWindow window)
    {
        var cusum = new DriftCusum(
            _reference, _distribution.Variances[.._reference.Length], window.Events, _distribution.Events, _calibration.Fluctuation(spec));
        var panesInOne = WindowPanes.PanesOfStretch(spec);
        for (var i = 0; i < WindowPanes.Stretches(spec); i++)
        {
            window.Stretch(i, panesInOne, _live, out var events);
            cusum.Add(_live, events);
        }

        return cusum.Nats;
    }
}
