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
/// A simulated stream watched by the monitor's own classes, from the window on: evaluated, judged and decided as in the service, by a
/// budget for each severity.
/// </summary>
internal sealed class SimulatedWatch
{
    private static readonly ImmutableArray<WindowSpec> Specs = [.. FalseAlarmMeasurement.Windows]; // the shortest first

    private readonly ReferenceSnapshot _reference;
    private readonly PaneClasses _classes;
    private readonly DriftEvaluator _evaluator;
    private readonly ThresholdsInForce[] _thresholds;
    private readonly AlarmWatch[] _watches;
    private readonly SimulatedWindow[] _windows;
    private readonly float[] _scores = new float[2 * Specs.Length];
    private readonly bool[,] _above = new bool[Specs.Length, Severities]; // of a window since it moved last
    private readonly bool[,] _on;
    private readonly int[,] _begun;
    private long _panes;

    /// <param name="reference">What is compared with.</param>
    /// <param name="calibrations">What is known of it.</param>
    /// <param name="budget">How often an alarm of a severity may be false, either severity.</param>
    /// <param name="smallestEffects">A decision for each: the smallest effect that it asks for, nats.</param>
    public SimulatedWatch(ReferenceSnapshot reference, Calibrations calibrations, FalseAlarmBudget budget, params double[] smallestEffects)
    {
        (_reference, _classes) = (reference, new PaneClasses(reference.ClassSpace.Id, 0, null));
        _evaluator = new DriftEvaluator(
            new EvaluationSettings(PseudoEvents: 1, WindowMeasure.LeastEvents, TopClasses: 0),
            (of, series, window) => calibrations.Of(series.Model)!.Drift(series.Segment).Fluctuation(window));
        _thresholds =
        [
            .. smallestEffects.Select(
                effect => new ThresholdsInForce(Settings(budget, effect), Specs, WindowMeasure.LeastEvents, calibrations)),
        ];
        _watches = [.. _thresholds.Select(thresholds => new AlarmWatch(thresholds, _evaluator))];
        _windows =
        [
            .. Specs.Select(
                spec => new SimulatedWindow(
                    spec.Panes, reference.ClassSpace.OtherIndex, (int)(spec.SlideMs / SimulatedStream.PaneMs))),
        ];
        (_on, _begun) = (new bool[smallestEffects.Length, Severities], new int[smallestEffects.Length, Severities]);
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
    public bool IsAbove(AlarmSeverity severity) => Enumerable.Range(0, Specs.Length).Any(window => _above[window, (int)severity]);

    /// <summary>Whether an alarm is on.</summary>
    public bool IsOn(int effect, AlarmSeverity severity) => _on[effect, (int)severity];

    /// <summary>How many alarms have begun with the latest pane that somebody has to hear of.</summary>
    public int Begun(int effect, AlarmSeverity severity) => _begun[effect, (int)severity];

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
        var judged = _thresholds[0].Judge(_evaluator.Evaluate(Window(window), _reference)); // the effect is no matter of thresholds
        (_scores[window], _scores[Specs.Length + window]) = (0, 0);
        foreach (var severity in Enum.GetValues<AlarmSeverity>())
        {
            _above[window, (int)severity] = judged.Report.Ready
                && judged.Drift.Any(reading => reading.Severity == severity && reading.Exceeds);
        }

        foreach (var reading in judged.Report.Ready ? judged.Drift : [])
        {
            if (reading.Severity == AlarmSeverity.Warning)
            {
                ref var score = ref _scores[window + (reading.Measure == Measure.CusumLiveVsReference ? Specs.Length : 0)];
                score = Math.Max(score, (float)reading.Ratio);
            }
        }

        for (var effect = 0; effect < _watches.Length; effect++)
        {
            var changes = _watches[effect].Note(judged);
            foreach (var begun in changes.Where(alarm => alarm.EndedMs is null && alarm.Pages))
            {
                _begun[effect, (int)begun.Severity]++;
            }

            if (changes.Length > 0)
            {
                foreach (var severity in Enum.GetValues<AlarmSeverity>())
                {
                    _on[effect, (int)severity] = _watches[effect].Active.Any(alarm => alarm.Severity == severity);
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
            new SeriesKey(_reference.Model, SeriesKey.All), Specs[window], toMs, _classes, (long)Math.Round(sums.Events), mass,
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
