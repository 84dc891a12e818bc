using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Events;
using DriftMonitor.Monitoring;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Backtest;

/// <summary>What a report's divergences must exceed by one setting.</summary>
internal sealed class DriftReadings(AlarmSetting setting, WindowPlan plan, double pseudoEvents)
{
    private readonly Dictionary<(string Reference, string Segment), DriftCalibration> _calibrations = [];

    /// <summary>The readings of a report; none when it may raise no alarm.</summary>
    public IReadOnlyList<Reading> Of(DriftReport report)
    {
        if (!report.Ready || report is not { Divergences: { } divergences, Reference: { } reference })
        {
            return [];
        }

        var segment = report.Window.Series.Segment;
        var readings = new List<Reading>();
        foreach (var (severity, nats) in setting.ThresholdsNats)
        {
            Add(severity, new KlThresholds(nats, nats), null);
        }

        foreach (var (severity, budget) in setting.Budgets)
        {
            if (!_calibrations.TryGetValue((reference.Id, segment), out var calibration))
            {
                _calibrations[(reference.Id, segment)] = calibration = new DriftCalibration(reference, segment, pseudoEvents);
            }

            Add(severity, calibration.Thresholds(report.Window.Window, report.Window.Events, budget.Share(Part(reference, segment))), budget);
        }

        return readings;

        void Add(AlarmSeverity severity, KlThresholds thresholds, FalseAlarmBudget? budget)
        {
            readings.Add(new Reading(severity, "kl_live_vs_reference", divergences.KlLiveVsReferenceNats, thresholds.LiveVsReferenceNats, budget));
            readings.Add(new Reading(severity, "kl_reference_vs_live", divergences.KlReferenceVsLiveNats, thresholds.ReferenceVsLiveNats, budget));
        }
    }

    private double Part(ReferenceSnapshot reference, string segment)
    {
        var others = reference.Segments.Count - 1;
        var ofSegment = others == 0 ? 1 : segment == SeriesKey.All ? 0.5 : 0.5 / others;
        return ofSegment / plan.Windows.Length;
    }
}
