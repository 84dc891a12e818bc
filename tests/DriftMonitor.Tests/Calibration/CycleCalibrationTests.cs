using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Model;

namespace DriftMonitor.Tests.Calibration;

/// <summary>
/// A window as long as the cycle of its traffic: its mean hardly moves, yet what its CUSUM remembers goes with the cycle.
/// </summary>
public sealed class CycleCalibrationTests
{
    private static readonly double[] TenClasses = [.28, .2, .14, .1, .08, .06, .05, .04, .03, .02];

    [Fact]
    public void Threshold_OfTheCusumIsAboveTheCrestThatTheCycleReachesEveryTime()
    {
        const double swing = .9;
        const int events = 72_000;
        var window = Given.Window("1h/1m");
        var reference = new SimulatedTraffic(1, TenClasses, 200) { Change = SimulatedTraffic.Swing(swing) }.Reference(7 * 360);
        var calibration = new DriftCalibration(reference, SeriesKey.All, 1);

        // as often as the cycle comes round
        var threshold = calibration.Thresholds(window, events, new FalseAlarmBudget(1, 3_600_000)).CusumNats;

        var smoothed = new double[TenClasses.Length];
        PseudoEvents.SmoothReference(reference.All.Shares[..smoothed.Length], reference.All.Events, 1, smoothed);
        var cusum = new DriftCusum(
            smoothed, reference.All.Variances[..smoothed.Length], events, reference.All.Events, calibration.Fluctuation(window));
        var crest = 0.0;
        for (var end = 0; end < 60; end++)
        {
            cusum.Restart();
            for (var minute = end; minute < end + 60; minute++)
            {
                var first = .28 * (1 + (swing * Math.Sin(2 * Math.PI * (minute + .5) / 60)));
                cusum.Add(
                    [first * events / 60, .. TenClasses.Skip(1).Select(share => share / .72 * (1 - first) * events / 60)], events / 60);
            }

            crest = Math.Max(crest, cusum.Nats);
        }

        Assert.InRange(threshold!.Value / crest, 1, 2); // and not so far above it that nothing else is seen
    }
}
