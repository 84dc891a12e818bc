using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Evaluation;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// A simulated model watched by the monitor's own classes, from the window on: evaluated, judged and decided as in the service, in as many
/// ways as are asked for.
/// </summary>
internal sealed class SimulatedWatch
{
    private static readonly AlarmSeverity[] Severities = Enum.GetValues<AlarmSeverity>();

    private readonly ImmutableArray<WindowSpec> _specs;
    private readonly IWatched[] _watched;
    private readonly ReferenceSnapshot _reference;
    private readonly DriftEvaluator _evaluator;
    private readonly ThresholdsInForce[] _thresholds;
    private readonly AlarmWatch[] _watches;
    private readonly bool[] _isAsFirst; // by the same thresholds as the first
    private readonly SimulatedWindow[][] _windows;
    private readonly long[] _panes;
    private readonly float[] _scores;
    private readonly bool[,] _above; // of a window since it moved last
    private readonly bool[,] _calibrated; // likewise
    private readonly bool[,] _on;
    private readonly int[,] _begun;

    /// <param name="reference">What is compared with.</param>
    /// <param name="calibrations">What is known of it.</param>
    /// <param name="watched">What of the model is watched.</param>
    /// <param name="windows">The windows, the shortest first.</param>
    /// <param name="decisions">Each way in which alarms are decided.</param>
    public SimulatedWatch(
        ReferenceSnapshot reference, Calibrations calibrations, IEnumerable<IWatched> watched, IEnumerable<WindowSpec> windows,
        params ConfiguredThresholds[] decisions)
    {
        (_reference, _watched, _specs) = (reference, [.. watched], [.. windows]);
        (_scores, _panes) = (new float[2 * _specs.Length], new long[_watched.Length]);
        (_above, _calibrated) = (new bool[_specs.Length, Severities.Length], new bool[_specs.Length, Severities.Length]);
        _evaluator = new DriftEvaluator(
            new EvaluationSettings(PseudoEvents: 1, WindowMeasure.LeastEvents, TopClasses: 0),
            (of, series, window) => calibrations.Of(series.Model)!.Drift(series.Segment).Fluctuation(window));
        _thresholds =
        [
            .. decisions.Select(
                decision => new ThresholdsInForce(
                    new AlarmSettings(decision, ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty), _specs,
                    WindowMeasure.LeastEvents, calibrations)),
        ];
        _watches = [.. _thresholds.Select(thresholds => new AlarmWatch(thresholds, _evaluator))];
        _isAsFirst = [.. decisions.Select(decision => decision with { SmallestEffect = decisions[0].SmallestEffect } == decisions[0])];
        _windows = [.. _watched.Select(of => _specs.Select(spec => Window(spec, of.Cells)).ToArray())];
        (_on, _begun) = (new bool[decisions.Length, Severities.Length], new int[decisions.Length, Severities.Length]);
    }

    /// <summary>Which alarms count.</summary>
    public Predicate<Alarm> Counts { get; init; } = _ => true;

    /// <summary>
    /// How many times its warning threshold the divergence is over each window, by the worse direction, and then the CUSUM over each.
    /// </summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>What is known of a reference, to be shared by all that compare with it.</summary>
    public static Calibrations CalibrationsOf(ReferenceSnapshot reference)
    {
        var calibrations = new Calibrations(pseudoEvents: 1);
        calibrations.Use(ReferenceSet.Latest([reference]));
        return calibrations;
    }

    /// <summary>Outputs watched by one budget for either severity, and by nothing else.</summary>
    /// <param name="budget">How often an alarm of a severity may be false.</param>
    /// <param name="smallestEffect">Nats.</param>
    public static ConfiguredThresholds Outputs(FalseAlarmBudget budget, double smallestEffect) =>
        new(new Thresholds(null, null, budget, budget), default, default)
        {
            SmallestEffect = SmallestEffects.Default with { KlNats = smallestEffect },
        };

    /// <summary>Whether any window is above a threshold of the severity, whatever its effect.</summary>
    public bool IsAbove(AlarmSeverity severity) => Enumerable.Range(0, _specs.Length).Any(window => _above[window, (int)severity]);

    /// <summary>Whether a window has a threshold by a budget.</summary>
    public bool IsCalibrated(int window, AlarmSeverity severity) => _calibrated[window, (int)severity];

    /// <summary>Whether an alarm is on.</summary>
    public bool IsOn(int decision, AlarmSeverity severity) => _on[decision, (int)severity];

    /// <summary>How many alarms have begun with the latest pane that somebody has to hear of.</summary>
    public int Begun(int decision, AlarmSeverity severity) => _begun[decision, (int)severity];

    /// <summary>Takes the next base pane of all that is watched.</summary>
    public void Add(IReadOnlyList<SimulatedPart> parts)
    {
        Array.Clear(_begun);
        for (var part = 0; part < parts.Count; part++)
        {
            Add(part, parts[part].Sums, parts[part].Events);
        }
    }

    /// <summary>Takes the next base pane of the only thing that is watched.</summary>
    public void Add(double[] mass, int events)
    {
        Array.Clear(_begun);
        Add(0, mass, events);
    }

    private void Add(int part, double[] mass, int events)
    {
        _panes[part]++;
        for (var i = 0; i < _specs.Length; i++)
        {
            if (_windows[part][i].Add(mass, events) && _windows[part][i].Full)
            {
                Look(part, i);
            }
        }
    }

    private void Look(int part, int window)
    {
        var judge = _watched[part].Evaluate(
            _evaluator, _reference, _windows[part][window], _specs[window], _panes[part] * SimulatedStream.PaneMs);
        var first = judge(_thresholds[0]);
        if (part == 0)
        {
            Score(window, first.Readings);
        }

        for (var decision = 0; decision < _watches.Length; decision++)
        {
            var changes = (_isAsFirst[decision] ? first : judge(_thresholds[decision])).Note(_watches[decision]);
            foreach (var begun in changes.Where(alarm => alarm.EndedMs is null && alarm.Pages && Counts(alarm)))
            {
                _begun[decision, (int)begun.Severity]++;
            }

            foreach (var severity in changes.Length > 0 ? Severities : [])
            {
                _on[decision, (int)severity] = _watches[decision].Active.Any(alarm => alarm.Severity == severity && Counts(alarm));
            }
        }
    }

    private void Score(int window, ImmutableArray<Reading> readings)
    {
        (_scores[window], _scores[_specs.Length + window]) = (0, 0);
        foreach (var severity in Severities)
        {
            var own = readings.Where(reading => reading.Severity == severity);
            _above[window, (int)severity] = own.Any(reading => reading.Exceeds);
            _calibrated[window, (int)severity] = own.Any(reading => reading.Budget is not null);
        }

        foreach (var reading in readings.Where(reading => reading.Severity == AlarmSeverity.Warning))
        {
            ref var score = ref _scores[window + (reading.Measure == Measure.CusumLiveVsReference ? _specs.Length : 0)];
            score = Math.Max(score, (float)reading.Ratio);
        }
    }

    private static SimulatedWindow Window(WindowSpec spec, int cells) =>
        new(spec.Panes, cells, (int)(spec.SlideMs / SimulatedStream.PaneMs));
}
