using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// What a service with days, nights and weekends gets by default (windows, budgets, fixed thresholds, smallest effect), by the length of
/// its reference: alarms a month while nothing drifts, and how long it takes until somebody is told of a drift.
/// </summary>
internal static class CycleMeasurement
{
    private const int References = 7; // one begins on each day of the week
    private const int QuietDays = 8 * 7;
    private const int WarmDays = 2;
    private const int MostDays = 7; // that a drift may go on unfound
    private const int Onsets = 16;
    private const double HoursBetweenOnsets = 7 * 24.0 / Onsets; // in the week: they fall on all hours of the day
    private const double CreepHours = 72;

    private static readonly int[] ReferenceDays = [3, 7, 21, 35];

    private static readonly AlarmSeverity[] Severities = [AlarmSeverity.Critical, AlarmSeverity.Warning];

    private static readonly (double Share, double Hours)[] Drifts = [(0.23, 0), (0.3, 0), (0.23, CreepHours), (0.3, CreepHours)];

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = Math.Min(2, Environment.ProcessorCount) };

    public static void Run(string? only)
    {
        Console.WriteLine(
            "| reference | uncalibrated: critical | warning | critical a month | on | warnings a month | on | "
            + string.Join(" | ", Drifts.Select(drift => $"{Name(drift)}: critical | warning")) + " |");
        Console.WriteLine("|---|---|---|--:|--:|--:|--:|" + string.Concat(Drifts.Select(_ => "--:|--:|")));
        foreach (var days in ReferenceDays.Where(days => only is null || only == $"{days}"))
        {
            var clock = Stopwatch.StartNew();
            var baselines = new (ReferenceSnapshot Reference, Calibrations Calibrations)[References];
            var quiet = new Quiet[References];
            Parallel.For(0, References, Parallelism, r =>
            {
                baselines[r] = WeeklyService.Baseline(7_000 + r, days, r);
                quiet[r] = Watch(baselines[r], 7_100 + r, (r + days) * SimulatedStream.PanesPerDay);
            });
            var minutes = new double?[Drifts.Length, Onsets, Severities.Length];
            Parallel.For(0, Drifts.Length * Onsets, Parallelism, i =>
            {
                var (drift, onset) = (i % Drifts.Length, i / Drifts.Length);
                Find(baselines[onset % References], drift, onset, minutes);
            });
            Console.WriteLine(
                $"| {days} days | {string.Join(" | ", Severities.Select(severity => Uncalibrated(quiet, severity)))} | "
                + $"{string.Join(" | ", Severities.Select(severity => Alarms(quiet, severity)))} | "
                + string.Join(" | ", Drifts.SelectMany((_, drift) => Severities.Select((_, s) => Delay(minutes, drift, s)))) + " |");
            Console.Error.WriteLine(FormattableString.Invariant($"{days} days: {clock.Elapsed.TotalSeconds:0} s"));
        }
    }

    /// <summary>Eight weeks in which nothing drifts, after a day in which the longest window fills.</summary>
    private static Quiet Watch((ReferenceSnapshot, Calibrations) baseline, int seed, long fromPane)
    {
        var (service, watch) = (new WeeklyService(seed) { NextPane = fromPane }, WeeklyService.Watch(baseline));
        var found = new Quiet();
        for (var pane = 0; pane < (QuietDays + 1) * SimulatedStream.PanesPerDay; pane++)
        {
            service.Next(watch);
            if (pane >= SimulatedStream.PanesPerDay)
            {
                found.Look(watch);
            }
        }

        return found;
    }

    /// <summary>One drift from one hour of the week on, until somebody has been told of it by either severity.</summary>
    private static void Find((ReferenceSnapshot, Calibrations) baseline, int drift, int onset, double?[,,] minutes)
    {
        var from = (long)(onset * HoursBetweenOnsets * 3_600_000 / SimulatedStream.PaneMs) + (7 * SimulatedStream.PanesPerDay);
        var warm = WarmDays * SimulatedStream.PanesPerDay;
        var service = new WeeklyService(7_200 + onset) { NextPane = from - warm };
        var watch = WeeklyService.Watch(baseline);
        for (var pane = 0; pane < warm; pane++)
        {
            service.Next(watch);
        }

        var (share, hours) = Drifts[drift];
        var isTold = false;
        for (var pane = 0; pane < MostDays * SimulatedStream.PanesPerDay && !isTold; pane++)
        {
            var passed = (pane + 1) * SimulatedStream.PaneMs / 60_000.0;
            service.Drift = (LogOdds(share) - LogOdds(WeeklyService.DriftingShare)) * (hours == 0 ? 1 : Math.Min(1, passed / 60 / hours));
            service.Next(watch);
            foreach (var (s, severity) in Severities.Index().Where(of => watch.Begun(0, of.Item) > 0))
            {
                minutes[drift, onset, s] ??= passed;
                isTold = Severities.Index().All(of => minutes[drift, onset, of.Index] is not null);
            }
        }
    }

    private static string Name((double Share, double Hours) drift) => string.Create(
        CultureInfo.InvariantCulture,
        $"{WeeklyService.DriftingShare:0%} → {drift.Share:0%}{(drift.Hours == 0 ? "" : $" over {drift.Hours / 24:0} days")}");

    private static double LogOdds(double share) => Math.Log(share / (1 - share));

    /// <summary>The windows that had no calibrated threshold, and at what part of their looks if not at all.</summary>
    private static string Uncalibrated(Quiet[] quiet, AlarmSeverity severity)
    {
        var parts = FalseAlarmMeasurement.Windows.Select(
            (window, i) => (window.Name, Part: quiet.Average(of => of.Uncalibrated(i, severity))));
        var told = parts.Where(window => window.Part > 0)
            .Select(window => window.Part < 1 ? FormattableString.Invariant($"{window.Name} ({window.Part:0%})") : window.Name).ToArray();
        return told.Length == 0 ? "none" : string.Join(", ", told);
    }

    private static string Alarms(Quiet[] quiet, AlarmSeverity severity) => string.Create(
        CultureInfo.InvariantCulture,
        $"{quiet.Average(of => of.Pages[(int)severity]) * 30 / QuietDays:0.0} | {quiet.Average(of => of.PartOn(severity)):0.0%}");

    /// <summary>The median, and what part was found when not all were.</summary>
    private static string Delay(double?[,,] minutes, int drift, int severity)
    {
        double[] found = [.. Enumerable.Range(0, Onsets).Select(onset => minutes[drift, onset, severity] ?? double.MaxValue).Order()];
        var (median, part) = (found[Onsets / 2], found.Count(each => each < double.MaxValue) / (double)Onsets);
        var text = median switch
        {
            double.MaxValue => "–",
            < 120 => FormattableString.Invariant($"{median:0} m"),
            < 2_880 => FormattableString.Invariant($"{median / 60:0.0} h"),
            _ => FormattableString.Invariant($"{median / 1_440:0.0} d"),
        };
        return part < 1 ? FormattableString.Invariant($"{text} ({part:0%})") : text;
    }

    /// <summary>What was found while nothing drifted.</summary>
    private sealed class Quiet
    {
        private readonly long[] _on = new long[Severities.Length];
        private readonly long[,] _uncalibrated = new long[FalseAlarmMeasurement.Windows.Length, Severities.Length];
        private long _looks;

        /// <summary>How many alarms began that somebody has to hear of, by severity.</summary>
        public long[] Pages { get; } = new long[Severities.Length];

        public double PartOn(AlarmSeverity severity) => _on[(int)severity] / (double)_looks;

        public double Uncalibrated(int window, AlarmSeverity severity) => _uncalibrated[window, (int)severity] / (double)_looks;

        public void Look(SimulatedWatch watch)
        {
            _looks++;
            foreach (var severity in Severities)
            {
                Pages[(int)severity] += watch.Begun(0, severity);
                _on[(int)severity] += watch.IsOn(0, severity) ? 1 : 0;
                for (var window = 0; window < FalseAlarmMeasurement.Windows.Length; window++)
                {
                    _uncalibrated[window, (int)severity] += watch.IsCalibrated(window, severity) ? 0 : 1;
                }
            }
        }
    }
}
