using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Alarms;

/// <summary>What is certain and does not matter: soft outputs of two classes, one a second, that hardly vary or not at all.</summary>
public sealed class SmallestEffectTests
{
    private const int Hour = 3_600;
    private const long StartMs = 1_767_225_600_000;

    private static readonly WatchedModel Model = Given.Model();
    private static readonly ModelClasses Classes = Given.Classes(2);
    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Given.Window("5m/10s"), Given.Window("1h/1m")], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false,
        withPanes: new ModelSet([], Others: true));

    /// <summary>
    /// By evidence alone each of the first three is an alarm: that of 20.3 % is many times its threshold, and that of an output which
    /// never varies has a threshold of next to nothing.
    /// </summary>
    [Theory]
    [InlineData(0.01, 0.203, false)]
    [InlineData(0.01, 0.1985, false)]
    [InlineData(0, 0.2001, false)]
    [InlineData(0.01, 0.23, true)]
    [InlineData(0, 0.23, true)]
    public void Only_a_drift_that_matters_is_an_alarm(double jitter, double share, bool isAlarm)
    {
        Assert.True(BacktestSetting.TryParseBudget("critical: 1 per 30d, warning: 1 per 7d", out var setting, out _));
        var (random, builder) = (new Random(3), new ReferenceBuilder("m", Classes.Space));
        for (var second = 0; second < 16 * Hour; second++)
        {
            builder.Add(Prediction(second, 0.2, jitter, random));
        }

        var reference = builder.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
        var above = 0.0;
        var run = new BacktestRun(
            Plan, ReferenceSet.Latest([reference]), new EvaluationSettings(), null, [setting],
            (_, _, readings) => above = Math.Max(above, readings.Select(reading => reading.Ratio).DefaultIfEmpty(0).Max()),
            kept: Given.Kept);

        run.Run(Enumerable.Range(0, 4 * Hour)
            .Select(second => Prediction(second, second < 2 * Hour ? 0.2 : share, jitter, random))
            .ToObservable());

        Assert.True(above > 2); // the evidence is there
        Assert.Equal(isAlarm, run.Outcomes[0].Alerts.Any(alert => alert.Alarm.Kind == AlarmKind.OutputDrift));
    }

    private static PredictionRecord Prediction(int second, double share, double jitter, Random random)
    {
        var positive = share + (jitter * ((2 * random.NextDouble()) - 1));
        return Given.Prediction(Model, Classes, second, StartMs + (second * 1_000L), null, null, [1 - positive, positive]);
    }
}
