using System.Text;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests.Commands;

namespace DriftMonitor.Worker.Tests.Recorded;

/// <summary>
/// Lines that are backtested in this process; when nothing else is said, against a reference of even shares of two classes, with windows of
/// a minute.
/// </summary>
internal static class Backtested
{
    /// <summary>Ten events a second as the reference has them.</summary>
    public static IEnumerable<string> Normal(double from, double to, string model = "m", string? segment = null) =>
        Lines(from, to, 0.5, model, segment);

    /// <summary>Ten events a second with another share of the first class.</summary>
    public static IEnumerable<string> Lines(double from, double to, double share, string model = "m", string? segment = null) =>
        Enumerable.Range(0, (int)(10 * (to - from))).Select(i => Replayed.Line(from + (i / 10.0), model, segment, share));

    /// <summary>
    /// Ten events a second, each with a probability of 1 of one class: the first one with some probability, drawn from a seed.
    /// </summary>
    public static IEnumerable<string> Drawn(int seed, double from, double to, double share)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, (int)(10 * (to - from))).Select(
            i => Replayed.Line(from + (i / 10.0), share: random.NextDouble() < share ? 1 : 0));
    }

    public static BacktestRun Run(IEnumerable<string> lines, params string[] thresholds) => Run(
        lines,
        ReferenceSet.Latest(
            lines.Select(Model)
                .Distinct()
                .Select(name => Reference(name, Normal(0, 100, name).Concat(Normal(0, 100, name, "a")).Concat(Normal(0, 100, name, "b"))))),
        "1m/10s",
        panes: false,
        [
            .. thresholds.Select(
                text => BacktestSetting.TryParseThreshold(text, out var setting, out var problem)
                    ? setting
                    : throw new ArgumentException(problem))]);

    public static BacktestRun Run(
        IEnumerable<string> lines, ReferenceSet reference, string span, bool panes, params BacktestSetting[] settings)
    {
        Assert.True(WindowSpec.TryParse(span, out var window, out _));
        var models = new WatchedModels(100, 100, acceptUnknown: true);
        foreach (var snapshot in reference.ByModel.Values)
        {
            models.Add(snapshot.Model).Fix(snapshot.Classes);
        }

        var plan = WindowPlan.Create([window], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, withPanes: new ModelSet([], Others: panes));
        var run = new BacktestRun(
            plan, reference, new EvaluationSettings(1, 100), null, settings, (_, _, _) => { }, kept: DriftMonitorConsole.Kept);
        run.Run(new RecordedLines(lines).Decode(RecordedSource.OwnJson, models));
        return run;
    }

    /// <summary>What a model's lines say of it while all is well.</summary>
    public static ReferenceSnapshot Reference(string name, IEnumerable<string> lines)
    {
        var record = new PredictionRecord();
        var models = new WatchedModels(1, 10, acceptUnknown: true);
        var decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        ReferenceBuilder? builder = null;
        foreach (var line in lines)
        {
            decoder.Decode(Encoding.UTF8.GetBytes(line), null, default, record);
            builder ??= new ReferenceBuilder(name, record.Classes.Space);
            builder.Add(record);
        }

        return builder!.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(Replayed.T0));
    }

    private static string Model(string line) => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("model").GetString()!;
}
