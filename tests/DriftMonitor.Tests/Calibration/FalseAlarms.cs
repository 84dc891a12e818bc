using System.Numerics.Tensors;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Calibration;

/// <summary>Watches traffic in which nothing drifts as the service does, with one pseudo-event.</summary>
internal static class FalseAlarms
{
    /// <summary>How many alarms begin.</summary>
    /// <param name="window">The window, its slide a block.</param>
    /// <param name="next">The next block of the traffic.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="blocks">How many blocks are watched.</param>
    public static int Count(WindowSpec window, Func<double[]> next, ReferenceSnapshot reference, FalseAlarmBudget budget, int blocks)
    {
        var calibration = new DriftCalibration(reference, SeriesKey.All, 1);
        var (tracker, panes, sums, begun) = (
            new AlarmTracker([window], minimumEvents: 1), new Queue<double[]>(), new double[reference.ClassSpace.OtherIndex], 0);
        var (smoothed, live) = (new double[sums.Length], new double[sums.Length]);
        PseudoEvents.SmoothReference(reference.All.Shares[..sums.Length], reference.All.Events, 1, smoothed);
        var byCount = new Dictionary<long, (DriftThresholds Thresholds, DriftCusum Cusum)>();
        for (var i = 0; i < blocks; i++)
        {
            var entering = next();
            panes.Enqueue(entering);
            TensorPrimitives.Add(sums, entering, sums);
            if (panes.Count > window.Panes)
            {
                TensorPrimitives.Subtract(sums, panes.Dequeue(), sums);
            }

            if (panes.Count < window.Panes)
            {
                continue; // not ready: the counts of a window that fills are never judged, and cost a simulation each time they double
            }

            var events = (long)Math.Round(TensorPrimitives.Sum<double>(sums));
            if (!byCount.TryGetValue(events, out var at))
            {
                var thresholds = calibration.Thresholds(window, events, budget);
                byCount[events] = at = (
                    thresholds, new DriftCusum(
                        smoothed, reference.All.Variances[..sums.Length], events, reference.All.Events, calibration.Fluctuation(window)));
            }

            TensorPrimitives.Divide(sums, events, live);
            PseudoEvents.SmoothLive(live, events, 1, smoothed);
            List<Reading> readings =
            [
                new(
                    AlarmSeverity.Critical, Measure.KlLiveVsReference, KullbackLeibler.Divergence(live, smoothed),
                    at.Thresholds.KlLiveVsReferenceNats, budget),
                new(
                    AlarmSeverity.Critical, Measure.KlReferenceVsLive, KullbackLeibler.Divergence(smoothed, live),
                    at.Thresholds.KlReferenceVsLiveNats, budget),
            ];
            if (at.Thresholds.CusumNats is { } cusumNats)
            {
                at.Cusum.Restart();
                foreach (var pane in panes)
                {
                    at.Cusum.Add(pane, Math.Round(TensorPrimitives.Sum<double>(pane)));
                }

                readings.Add(new(AlarmSeverity.Critical, Measure.CusumLiveVsReference, at.Cusum.Nats, cusumNats, budget));
            }

            // As a whole: what the thresholds were worked out for. What AlarmRule makes of it is another matter.
            begun += tracker.Note(new WindowLook(new SeriesKey("m", SeriesKey.All), AlarmKind.OutputDrift, 0, i * window.SlideMs, readings)
            {
                HasPanes = false,
            }).Count(alarm => alarm.EndedMs is null);
        }

        return begun;
    }
}
