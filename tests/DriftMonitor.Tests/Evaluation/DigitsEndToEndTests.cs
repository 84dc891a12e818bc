using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Evaluation;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>The recorded digits through lane, windows and evaluation, against values that an independent computation found.</summary>
public sealed class DigitsEndToEndTests
{
    private static readonly WindowPlan Plan = Given.Plan("1m/1m 5m/1m", lateness: 30_000, skew: 5_000, slack: 2_000);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Reports_EqualTheExpectedValues(int partitions)
    {
        var reports = Run(partitions, new EvaluationSettings(PseudoEvents: 0)).ToDictionary(r => (r.Window.FromMs, r.Window.ToMs));
        var t0 = Digits.Expected.GetProperty("t0_epoch_ms").GetInt64();
        foreach (var expected in Digits.Expected.GetProperty("windows").EnumerateArray())
        {
            var report = reports[(t0 + expected.GetProperty("from_ms").GetInt64(), t0 + expected.GetProperty("to_ms").GetInt64())];
            Assert.Equal(expected.GetProperty("count").GetInt64(), report.Window.Events);
            Assert.Equal(Readiness.Ready, report.Readiness);
            var divergences = report.Divergences!.Value;
            Assert.Equal(expected.Number("kl_live_reference"), divergences.KlLiveVsReferenceNats, 1e-9);
            Assert.Equal(expected.Number("kl_reference_live"), divergences.KlReferenceVsLiveNats, 1e-9);
            Assert.Equal(expected.Number("js"), divergences.JensenShannonNats, 1e-9);
            Assert.Equal(expected.Number("psi"), divergences.Psi, 1e-9);
            var noiseFloor = expected.Number("noise_floor"); // the first term, which is all but everything here
            Assert.Equal(noiseFloor, divergences.NoiseFloorNats, 0.01 * noiseFloor);
            Assert.Equal(expected.Number("entropy_live"), report.EntropyNats!.Value, 1e-9);
            var live = expected.Numbers("live");
            Assert.All(report.Contributions, c => Assert.Equal(
                live[Digits.Classes.Space.CellOf(c.Class)], c.LiveShare, 1e-9));
        }
    }

    [Fact]
    public void Reports_DoNotDependOnThePartitions_ToTheLastBit()
    {
        var one = Run(1, new EvaluationSettings()).Select(r => (r.Window.Window.Name, r.Window.ToMs, r.Window.Events, r.Divergences));
        var five = Run(5, new EvaluationSettings()).Select(r => (r.Window.Window.Name, r.Window.ToMs, r.Window.Events, r.Divergences));
        Assert.Equal(one, five);
    }

    private static List<DriftReport> Run(int partitions, EvaluationSettings settings)
    {
        using var messages = new Subject<PaneMessage>();
        using var ticks = new Subject<long>();
        var reports = new List<DriftReport>();
        using var subscription = messages
            .SlideWindows(ticks, Plan, maxSeries: 10, [.. Enumerable.Range(0, partitions)])
            .CombineWithReference(Observable.Return(ReferenceSet.Latest([Digits.Reference])), new DriftEvaluator(settings))
            .Reports()
            .Subscribe(reports.Add);
        var lanes = Enumerable.Range(0, partitions)
            .Select(partition => new SourceLane(partition, Plan, MemoryBudget.Unlimited(), MemoryBudget.Unlimited()))
            .ToArray();
        var minute = 0L;
        foreach (var record in Digits.Predictions())
        {
            if (record.EventTimeMs / 60_000 > minute)
            {
                PublishAndTick(record.EventTimeMs);
                minute = record.EventTimeMs / 60_000;
            }

            Assert.Equal(RejectionReason.None, lanes[record.Offset % partitions].Add(record));
        }

        PublishAndTick((minute + 1) * 60_000);
        return reports;

        void PublishAndTick(long timeMs)
        {
            foreach (var publication in lanes.Select(lane => lane.Publish(new PublishTick(timeMs, CaughtUp: true))))
            {
                foreach (var register in publication.Registers)
                {
                    messages.OnNext(register);
                }

                messages.OnNext(publication.Progress);
            }

            ticks.OnNext(timeMs - (timeMs % 60_000));
        }
    }
}
