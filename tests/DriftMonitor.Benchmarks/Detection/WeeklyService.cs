using DriftMonitor.Alarms;
using DriftMonitor.References;
using DriftMonitor.Worker.Configuration;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// A service with days, nights and weekends, and one-hot outputs of ten classes: log-shares swing by 0.25 over the day and move by 0.3 on
/// Saturday and Sunday, the rate swings by 70 % and is half at weekends. Each week is like the last. Time begins on a Monday at midnight.
/// </summary>
internal sealed class WeeklyService
{
    private const int DriftingClass = 1;
    private const double Events = 100; // in a pane of ten seconds of a working day, on average
    private const double QuietestHour = 3;

    private static readonly double[] Shares = [0.25, 0.2, 0.15, 0.1, 0.08, 0.07, 0.05, 0.04, 0.03, 0.03];

    private readonly OneHotStream _stream;
    private readonly SimulatedPart _part;

    public WeeklyService(int seed)
    {
        _stream = new OneHotStream(new MersenneTwister(seed, threadSafe: false), Shares, Events, Change);
        _part = new SimulatedPart(new WatchedOutputs(Shares.Length), _stream);
    }

    /// <summary>Which pane is next.</summary>
    public long NextPane { get => _stream.Pane; set => _stream.Pane = value; }

    /// <summary>By how much the log-odds of the class have drifted.</summary>
    public double Drift { get; set; }

    /// <summary>The share of the class by which a drift is named.</summary>
    public static double DriftingShare => Shares[DriftingClass];

    /// <summary>What is in force where nothing is written.</summary>
    public static ConfiguredThresholds Defaults { get; } =
        AlarmBuilder.Build(new MonitorOptions(), FalseAlarmMeasurement.Windows).General;

    /// <summary>A reference of so many days.</summary>
    /// <param name="seed">Which.</param>
    /// <param name="days">How long.</param>
    /// <param name="weekday">The day on which it begins, 0 for a Monday.</param>
    public static (ReferenceSnapshot Reference, Calibrations Calibrations) Baseline(int seed, int days, int weekday)
    {
        var service = new WeeklyService(seed) { NextPane = weekday * SimulatedStream.PanesPerDay };
        var reference = SimulatedReference.Build([service._part], days * SimulatedStream.PanesPerDay);
        return (reference, SimulatedWatch.CalibrationsOf(reference));
    }

    /// <summary>A watch of the service by the default windows, and as it is configured by default.</summary>
    public static SimulatedWatch Watch((ReferenceSnapshot Reference, Calibrations Calibrations) baseline) => new(
        baseline.Reference, baseline.Calibrations, [new WatchedOutputs(Shares.Length)], FalseAlarmMeasurement.Windows, Defaults);

    /// <summary>Draws the next pane, and has it watched.</summary>
    public void Next(SimulatedWatch watch)
    {
        _part.Next();
        watch.Add(_part.Sums, _part.Events);
    }

    private double Change(long pane, double[] logShares)
    {
        var hours = pane * SimulatedStream.PaneMs / 3_600_000.0;
        var (day, isWeekend) = (-Math.Cos(2 * Math.PI * (hours - QuietestHour) / 24), hours / 24 % 7 >= 5);
        var swing = (0.25 * day) + (isWeekend ? 0.3 : 0);
        for (var k = 0; k < logShares.Length; k++)
        {
            logShares[k] += k % 2 == 0 ? swing : -swing;
        }

        logShares[DriftingClass] += Drift;
        return (1 + (0.7 * day)) * (isWeekend ? 0.5 : 1);
    }
}
