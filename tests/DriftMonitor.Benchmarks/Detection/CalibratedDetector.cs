using DriftMonitor.Calibration;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>The monitor's own alarm: the windows that it watches, each above its calibrated threshold or not, as the service decides it.</summary>
internal sealed class CalibratedDetector
{
    private readonly DriftCalibration _calibration;
    private readonly (WindowSpec Spec, SimulatedWindow Window, double[] Live)[] _windows;
    private readonly FalseAlarmBudget _share;
    private readonly double[] _reference;
    private readonly long[] _lastAbove;
    private long _pane;

    public CalibratedDetector(ReferenceSnapshot reference, DriftCalibration calibration, IReadOnlyCollection<WindowSpec> windows, FalseAlarmBudget budget)
    {
        var classes = reference.ClassSpace.OtherIndex;
        _calibration = calibration;
        _share = budget.Share(1.0 / windows.Count);
        _reference = new double[classes];
        PseudoEvents.SmoothReference(reference.All.Shares[..classes], reference.All.Events, 1, _reference);
        _windows = [.. windows.Select(spec => (spec, new SimulatedWindow((int)(spec.LengthMs / SimulatedStream.PaneMs), classes), new double[classes]))];
        _lastAbove = new long[_windows.Length];
        Array.Fill(_lastAbove, long.MinValue);
    }

    /// <summary>Alarms begun by each window's own crossings.</summary>
    public long[] BegunBy => _begunBy ??= new long[_windows.Length];

    private long[]? _begunBy;

    public bool On { get; private set; }

    /// <summary>Takes the next pane; says whether an alarm begins.</summary>
    public bool Add(double[] mass, int events)
    {
        var before = On;
        _pane++;
        for (var i = 0; i < _windows.Length; i++)
        {
            var (spec, window, live) = _windows[i];
            window.Add(mass, events);
            if (!window.Full || _pane * SimulatedStream.PaneMs % spec.SlideMs != 0)
            {
                continue;
            }

            if (Exceeds(spec, window, live))
            {
                BegunBy[i] += _lastAbove[i] == long.MinValue ? 1 : 0;
                _lastAbove[i] = _pane;
            }
            else if (_lastAbove[i] != long.MinValue && (_pane - _lastAbove[i]) * SimulatedStream.PaneMs >= spec.LengthMs)
            {
                _lastAbove[i] = long.MinValue;
            }
        }

        On = _lastAbove.Any(pane => pane != long.MinValue);
        return On && !before;
    }

    private bool Exceeds(WindowSpec spec, SimulatedWindow window, double[] live)
    {
        var events = (long)window.Events;
        if (events < 30)
        {
            return false;
        }

        for (var k = 0; k < live.Length; k++)
        {
            live[k] = Math.Max(0, window.Mass[k]) / window.Events;
        }

        PseudoEvents.SmoothLive(live, window.Events, 1, _reference);
        var thresholds = _calibration.Thresholds(spec, events, _share);
        return KullbackLeibler.Divergence(live, _reference) > thresholds.LiveVsReferenceNats
            || KullbackLeibler.Divergence(_reference, live) > thresholds.ReferenceVsLiveNats;
    }
}
