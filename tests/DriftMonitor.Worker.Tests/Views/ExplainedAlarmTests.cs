using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Views;

public sealed class ExplainedAlarmTests
{
    /// <summary>Its measures are what the mean entropy has risen or fallen by: the mean of the reference says from what.</summary>
    [Fact]
    public async Task Of_dispersion_the_baseline_is_the_mean_entropy_of_the_reference()
    {
        await using var monitor = await ScrapedMonitor.Start();
        foreach (var minutes in (int[])[-10, -5, 0])
        {
            var report = Reported.Of("m", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 });
            monitor.Alarms.Note(report with { Window = report.Window with { ToMs = report.Window.ToMs + (minutes * 60_000L) } });
        }

        var drift = monitor.Alarms.Explain().First();
        var dispersion = drift with
        {
            Alarm = drift.Alarm with { Kind = AlarmKind.Dispersion },
            Report = drift.Report! with { Dispersion = new Dispersion(1_000, 0.54, 0.33, 0.01) },
        };

        Assert.Null(ExplainedAlarm.Of(drift, AlarmSeverity.Critical, "").Baseline);
        Assert.Equal(0.33, ExplainedAlarm.Of(dispersion, AlarmSeverity.Critical, "").Baseline);
    }
}
