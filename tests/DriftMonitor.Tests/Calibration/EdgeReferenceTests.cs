using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Calibration;

/// <summary>References at the edge of what there is to learn from: all of one class, or next to nothing.</summary>
public sealed class EdgeReferenceTests
{
    private static readonly FalseAlarmBudget OnceAMonth = new(1, 30 * 86_400_000L);
    private static readonly WindowSpec FiveMinutes = Given.Window("5m/10s");

    [Theory]
    [InlineData(200, 50, 1, 1)] // the only class there is
    [InlineData(200, 50, 10, 0)] // one class of ten
    [InlineData(200, 50, 10, 1)]
    [InlineData(1, 1, 10, 1)] // a single event
    public void Thresholds_OfTrafficWithoutNoiseAreAboveAWindowThatIsTheReference(
        int blocks, int eventsInBlock, int classes, double pseudoEvents)
    {
        const int events = 300;
        var reference = new SimulatedTraffic(1, [1, .. new double[classes - 1]], eventsInBlock).Reference(blocks);
        var calibration = new DriftCalibration(reference, SeriesKey.All, pseudoEvents);

        var thresholds = calibration.Thresholds(FiveMinutes, events, OnceAMonth);

        double[] live = reference.All.Shares[..classes].ToArray(), smoothed = new double[classes];
        PseudoEvents.SmoothReference(live, reference.All.Events, pseudoEvents, smoothed);
        var cusum = new DriftCusum(
            smoothed, reference.All.Variances[..classes], events, reference.All.Events, calibration.Fluctuation(FiveMinutes));
        for (var pane = 0; pane < FiveMinutes.Panes; pane++)
        {
            cusum.Add([.. live.Select(share => share * events / FiveMinutes.Panes)], (double)events / FiveMinutes.Panes);
        }

        PseudoEvents.SmoothLive(live, events, pseudoEvents, smoothed);
        IsBelow(KullbackLeibler.Divergence(live, smoothed), thresholds.KlLiveVsReferenceNats);
        IsBelow(KullbackLeibler.Divergence(smoothed, live), thresholds.KlReferenceVsLiveNats);
        IsBelow(cusum.Nats, thresholds.CusumNats!.Value);
    }

    private static void IsBelow(double nats, double threshold)
    {
        Assert.True(double.IsFinite(threshold) && threshold > 0, $"{threshold}");
        Assert.True(nats < threshold, $"{nats} against {threshold}");
    }
}
