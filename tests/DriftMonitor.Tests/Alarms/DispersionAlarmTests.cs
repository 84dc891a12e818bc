using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;

namespace DriftMonitor.Tests.Alarms;

/// <summary>
/// What no mean shows: three classes that are alike, so that their mean is a third each whatever the temperature of the softmax is. One
/// output a second.
/// </summary>
public sealed class DispersionAlarmTests
{
    private const int Hour = 3_600;
    private const long StartMs = 1_767_225_600_000;

    private static readonly WatchedModel Model = Given.Model();
    private static readonly ModelClasses Classes = Given.Classes(3);
    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Given.Window("5m/10s"), Given.Window("1h/1m")], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false,
        withPanes: new ModelSet([], Others: true));

    private static readonly ReferenceSnapshot Reference = Build(1);

    [Theory]
    [InlineData(1.3, Measure.EntropyRise)]
    [InlineData(2, Measure.EntropyRise)]
    [InlineData(1e9, Measure.EntropyRise)] // constant at the mean
    [InlineData(0.7, Measure.EntropyFall)]
    public void Another_temperature_is_an_alarm_of_dispersion_alone(double temperature, Measure measure)
    {
        var alert = Assert.Single(Alerts(temperature, Reference), alert => alert.Alarm.Severity == AlarmSeverity.Critical);
        var alarm = alert.Alarm;
        Assert.Equal((AlarmKind.Dispersion, measure), (alarm.Kind, alarm.Peak.Measure));
        Assert.InRange(alarm.BeganMs - StartMs, 2 * Hour * 1_000L, ((2 * Hour) + 600) * 1_000L);
        Assert.InRange(alarm.OnsetMs!.Value - StartMs, ((2 * Hour) - 120) * 1_000L, ((2 * Hour) + 600) * 1_000L);
        Assert.Null(alarm.EndedMs);
    }

    [Fact]
    public void The_same_temperature_is_none() => Assert.Empty(Alerts(1, Reference));

    [Fact]
    public void What_is_repaired_ends()
    {
        var alerts = Alerts(2, Reference, repairedAfter: 1_200);
        var alarm = Assert.Single(alerts, alert => alert.Alarm.Severity == AlarmSeverity.Critical).Alarm;
        Assert.InRange(alarm.EndedMs!.Value - StartMs, ((2 * Hour) + 1_200) * 1_000L, ((2 * Hour) + 1_800) * 1_000L);
    }

    /// <summary>A reference of before there were entropies, as one of labels, has nothing to compare them with.</summary>
    [Fact]
    public void Without_entropies_in_the_reference_there_is_none()
    {
        var old = new ReferenceSnapshot(
            "m", 1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs), Classes.Space,
            Reference.Segments.ToDictionary(segment => segment.Key, segment => segment.Value.Sums), Reference.Blocks);
        Assert.Empty(Alerts(2, old));
    }

    [Fact]
    public void Words_say_what_has_moved()
    {
        var alert = Assert.Single(Alerts(2, Reference), alert => alert.Alarm.Severity == AlarmSeverity.Critical);
        var text = AlarmText.Of(alert.Explanation);
        var (was, now) = (MeanEntropy(1), MeanEntropy(2));
        Assert.Matches(@"^single outputs are less sure than they were: their mean entropy is [0-9.]+ nats instead of [0-9.]+$", text.Moved);
        var numbers = System.Text.RegularExpressions.Regex.Matches(text.Moved, @"[0-9.]+\d");
        Assert.Equal(now, double.Parse(numbers[0].Value, System.Globalization.CultureInfo.InvariantCulture), 0.03);
        Assert.Equal(was, double.Parse(numbers[1].Value, System.Globalization.CultureInfo.InvariantCulture), 0.03);
        Assert.EndsWith(
            "above the mean entropy of the reference's outputs; an alarm needs at least 0.01", text.Effect, StringComparison.Ordinal);
    }

    private static IReadOnlyList<FoundAlert> Alerts(double temperature, ReferenceSnapshot reference, int repairedAfter = int.MaxValue)
    {
        Assert.True(BacktestSetting.TryParseBudget("critical: 1 per 30d, warning: 1 per 7d", out var setting, out _));
        var random = new Random(4);
        var run = new BacktestRun(
            Plan, ReferenceSet.Latest([reference]), new EvaluationSettings(), null, [setting], (_, _, _) => { }, kept: Given.Kept);
        run.Run(Enumerable.Range(0, 4 * Hour)
            .Select(second => Prediction(
                second, second >= 2 * Hour && second - (2 * Hour) < repairedAfter ? temperature : 1, random))
            .ToObservable());
        return run.Outcomes[0].Alerts;
    }

    private static ReferenceSnapshot Build(double temperature)
    {
        var (random, builder) = (new Random(3), new ReferenceBuilder("m", Classes.Space));
        for (var second = 0; second < 16 * Hour; second++)
        {
            builder.Add(Prediction(second, temperature, random));
        }

        return builder.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
    }

    /// <summary>By a formula of its own, over 100,000 outputs.</summary>
    private static double MeanEntropy(double temperature)
    {
        var random = new Random(5);
        return Enumerable.Range(0, 100_000).Average(_ => Softmax(temperature, random).Sum(p => -p * Math.Log(p)));
    }

    private static PredictionRecord Prediction(int second, double temperature, Random random) =>
        Given.Prediction(Model, Classes, second, StartMs + (second * 1_000L), null, null, Softmax(temperature, random));

    private static double[] Softmax(double temperature, Random random)
    {
        double[] logits =
        [
            .. Enumerable.Range(0, 3).Select(
                _ => 2 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) / temperature),
        ];
        var total = logits.Sum(Math.Exp);
        return [.. logits.Select(logit => Math.Exp(logit) / total)];
    }
}
