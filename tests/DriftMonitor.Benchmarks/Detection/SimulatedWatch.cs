using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// A simulated stream watched by the monitor's own classes, from the window on: evaluated, judged and decided as in the service, by one
/// budget for either severity, in as many ways as are asked for.
/// </summary>
internal sealed class SimulatedWatch
{
    private readonly ImmutableArray<WindowSpec> _specs;
    private readonly (FalseAlarmBudget Budget, double Effect)[] _decisions;
    private readonly ReferenceSnapshot _reference;
    private readonly PaneClasses _classes;
    private readonly DriftEvaluator _evaluator;
    private readonly ThresholdsInForce[] _thresholds;
    private readonly AlarmWatch[] _watches;
    private readonly SimulatedWindow[] _windows;
    private readonly float[] _scores;
    private readonly bool[,] _above; // of a window since it moved last
    private readonly bool[,] _on;
    private readonly int[,] _begun;
    private long _panes;

    /// <param name="reference">What is compared with.</param>
    /// <param name="calibrations">What is known of it.</param>
    /// <param name="windows">The windows, the shortest first.</param>
    /// <param name="decisions">
    /// Of each how often an alarm of a severity may be false, and the smallest effect that it asks for, nats.
    /// </param>
    public SimulatedWatch(
        ReferenceSnapshot reference, Calibrations calibrations, IEnumerable<WindowSpec> windows,
        params (FalseAlarmBudget Budget, double Effect)[] decisions)
    {
        (_reference, _classes, _decisions) = (reference, new PaneClasses(reference.ClassSpace.Id, 0, null), decisions);
        _specs = [.. windows];
        (_scores, _above) = (new float[2 * _specs.Length], new bool[_specs.Length, Severities]);
        _evaluator = new DriftEvaluator(
            new EvaluationSettings(PseudoEvents: 1, WindowMeasure.LeastEvents, TopClasses: 0),
            (of, series, window) => calibrations.Of(series.Model)!.Drift(series.Segment).Fluctuation(window));
        _thresholds =
        [
            .. decisions.Select(
                decision => new ThresholdsInForce(
                    Settings(decision.Budget, decision.Effect), _specs, WindowMeasure.LeastEvents, calibrations)),
        ];
        _watches = [.. _thresholds.Select(thresholds => new AlarmWatch(thresholds, _evaluator))];
        _windows =
        [
            .. _specs.Select(
                spec => new SimulatedWindow(
                    spec.Panes, reference.ClassSpace.OtherIndex, (int)(spec.SlideMs / SimulatedStream.PaneMs))),
        ];
        (_on, _begun) = (new bool[decisions.Length, Severities], new int[decisions.Length, Severities]);
    }

    /// <summary>
    /// How many times its warning threshold the divergence is over each window, by the worse direction, and then the CUSUM over each.
    /// </summary>
    public ReadOnlySpan<float> Scores => _scores;

    private static int Severities => Enum.GetValues<AlarmSeverity>().Length;

    /// <summary>What is known of a reference, to be shared by all that compare with it.</summary>
    public static Calibrations CalibrationsOf(ReferenceSnapshot reference)
    {
        var calibrations = new Calibrations(pseudoEvents: 1);
        calibrations.Use(ReferenceSet.Latest([reference]));
        return calibrations;
    }

    /// <summary>Whether any window is above a threshold of the severity, whatever its effect.</summary>
    public bool IsAbove(AlarmSeverity severity) => Enumerable.Range(0, _specs.Length).Any(window => _above[window, (int)severity]);

    /// <summary>Whether an alarm is on.</summary>
    public bool IsOn(int decision, AlarmSeverity severity) => _on[decision, (int)severity];

    /// <summary>How many alarms have begun with the latest pane that somebody has to hear of.</summary>
    public int Begun(int decision, AlarmSeverity severity) => _begun[decision, (int)severity];

    /// <summary>Takes the next base pane.</summary>
    public void Add(double[] mass, int events)
    {
        _panes++;
        Array.Clear(_begun);
        for (var i = 0; i < _windows.Length; i++)
        {
            if (_windows[i].Add(mass, events) && _windows[i].Full)
            {
                Look(i);
            }
        }
    }

    private void Look(int window)
    {
        var report = _evaluator.Evaluate(Window(window), _reference);
        var judged = _thresholds[0].Judge(report);
        (_scores[window], _scores[_specs.Length + window]) = (0, 0);
        foreach (var severity in Enum.GetValues<AlarmSeverity>())
        {
            _above[window, (int)severity] = judged.Report.Ready
                && judged.Drift.Any(reading => reading.Severity == severity && reading.Exceeds);
        }

        foreach (var reading in judged.Report.Ready ? judged.Drift : [])
        {
            if (reading.Severity == AlarmSeverity.Warning)
            {
                ref var score = ref _scores[window + (reading.Measure == Measure.CusumLiveVsReference ? _specs.Length : 0)];
                score = Math.Max(score, (float)reading.Ratio);
            }
        }

        for (var decision = 0; decision < _watches.Length; decision++)
        {
            // the effect is no matter of thresholds
            var changes = _watches[decision].Note(
                _decisions[decision].Budget == _decisions[0].Budget ? judged : _thresholds[decision].Judge(report));
            foreach (var begun in changes.Where(alarm => alarm.EndedMs is null && alarm.Pages))
            {
                _begun[decision, (int)begun.Severity]++;
            }

            if (changes.Length > 0)
            {
                foreach (var severity in Enum.GetValues<AlarmSeverity>())
                {
                    _on[decision, (int)severity] = _watches[decision].Active.Any(alarm => alarm.Severity == severity);
                }
            }
        }
    }

    private LiveWindow Window(int window)
    {
        var (sums, cells) = (_windows[window], _reference.ClassSpace.OtherIndex + 1);
        var mass = new UInt128[cells];
        for (var k = 0; k < sums.Mass.Length; k++)
        {
            mass[k] = (UInt128)Math.Round(Math.Max(0, sums.Mass[k]) * FixedPoint.One);
        }

        var toMs = _panes * SimulatedStream.PaneMs;
        return new LiveWindow(
            new SeriesKey(_reference.Model, SeriesKey.All), _specs[window], toMs, _classes, (long)Math.Round(sums.Events), mass,
            Complete: true, LatestEventMs: toMs, Retired: false)
        {
            Panes = sums.Panes(cells),
        };
    }

    private static AlarmSettings Settings(FalseAlarmBudget budget, double smallestEffect) => new(
        new ConfiguredThresholds(new Thresholds(null, null, budget, budget), default, default)
        {
            SmallestEffect = SmallestEffects.Default with { KlNats = smallestEffect },
        },
        ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty);
}
