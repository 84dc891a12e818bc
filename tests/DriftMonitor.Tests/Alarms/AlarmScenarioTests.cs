using System.Collections.Immutable;
using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Alarms;

/// <summary>
/// Scenarios of the executable model through all that decides alarms: predictions, windows, evaluation, calibrated thresholds, the watch.
/// </summary>
public sealed class AlarmScenarioTests
{
    private const int Minute = 60_000;
    private const long StartMs = 1_767_225_600_000 - (30L * 1440 * Minute); // a whole number of windows' slides

    private static readonly ClassSpace Space = ClassSpace.Create(["a", "b", "c"]);

    /// <summary>Within one page and one short window of the model, whose thresholds are simulated otherwise.</summary>
    [Theory]
    [InlineData("2 one hour, large")]
    [InlineData("3 opposite, 13 h apart")]
    [InlineData("17 A 1 h, at once opposite 1 h")]
    [InlineData("18 large for 30 h")]
    public void Pages_and_the_end_are_those_of_the_model(string name)
    {
        var scenario = AlarmScenario.All.Single(scenario => scenario.Name == name);
        var (from, to) = (scenario.Truth[0].From, scenario.Truth[^1].To);
        var pages = scenario.Events.Where(what => what.What == "page" && what.Minute >= from).Select(what => what.Minute).ToArray();
        var end = scenario.Events.Last(what => what.What == "end" && what.Window == "5m").Minute;

        var alarms = Run(scenario).Where(alarm => MinuteOf(alarm.BeganMs) >= from).ToArray();

        Assert.InRange(alarms.Count(alarm => alarm.Pages), pages.Length, pages.Length + 1);
        Assert.InRange(MinuteOf(alarms[0].BeganMs), from, pages[0] + 5);
        Assert.InRange(MinuteOf(alarms[0].OnsetMs!.Value), from - 2, from + 2);
        Assert.InRange(MinuteOf(alarms.Where(alarm => alarm.FirstWindow.Name == "5m").Max(alarm => alarm.EndedMs!.Value)), to, end + 5);
    }

    private static int MinuteOf(long ms) => (int)((ms - StartMs) / Minute);

    private static ImmutableArray<Alarm> Run(AlarmScenario scenario)
    {
        Assert.True(BacktestSetting.TryParseBudget("warning: 1 per 30d", out var setting, out _));
        var plan = WindowPlan.Create(
            AlarmScenario.Windows, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false, withPanes: new ModelSet([], Others: true));
        var run = new BacktestRun(
            plan, ReferenceSet.Latest([Reference(scenario)]), new EvaluationSettings(), null, [setting], (_, _, _) => { },
            kept: Given.Kept);
        run.Run(Predictions(scenario));
        return [.. run.Outcomes[0].Alerts.Select(alert => alert.Alarm)];
    }

    /// <summary>As many events a minute as the scenario has, at the same distances.</summary>
    private static IObservable<PredictionRecord> Predictions(AlarmScenario scenario) => Observable.Create<PredictionRecord>(observer =>
    {
        var (model, classes, cells) = (Given.Model(), new ModelClasses(Space, ModelClasses.Configured), scenario.Reference.Length);
        var offset = 0L;
        for (var minute = 0; minute < scenario.Minutes; minute++)
        {
            var counts = scenario.Counts.AsSpan(minute * cells, cells).ToArray();
            var (events, i) = (counts.Sum(count => count), 0);
            for (var k = 0; k < cells; k++)
            {
                for (var n = 0; n < counts[k]; n++, i++)
                {
                    var shares = new double[cells];
                    shares[k] = 1;
                    observer.OnNext(Given.Prediction(
                        model, classes, offset++, StartMs + (minute * (long)Minute) + (i * Minute / Math.Max(1, events)), null, null,
                        shares));
                }
            }
        }

        observer.OnCompleted();
        return System.Reactive.Disposables.Disposable.Empty;
    });

    /// <summary>Sixteen days in blocks of ten minutes whose shares are, all together, those of the scenario's reference.</summary>
    private static ReferenceSnapshot Reference(AlarmScenario scenario)
    {
        const int blocks = 16 * 144;
        var random = new Random(5);
        var (all, each) = (new PaneSums(Space.CellCount), new List<ReferenceBlock>());
        for (var block = 0; block < blocks; block++)
        {
            var sums = new PaneSums(Space.CellCount);
            for (var i = 0; i < 300; i++)
            {
                var (at, k) = (random.NextDouble(), 0);
                for (; k < 2 && at >= scenario.Reference[k]; k++)
                {
                    at -= scenario.Reference[k];
                }

                var shares = new double[Space.CellCount];
                shares[k] = 1;
                sums.Add(shares);
            }

            all.Add(sums);
            each.Add(new ReferenceBlock(block * 600_000L, sums.Events, [.. sums.Mass]));
        }

        return new ReferenceSnapshot(
            "m", 1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs), Space, new Dictionary<string, PaneSums> { [SeriesKey.All] = all },
            [.. each]);
    }
}
