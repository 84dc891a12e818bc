using System.Globalization;
using System.Reactive.Linq;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// How soon another confidence is found, by the dispersion and by the divergence, which have equal parts of one budget.
/// </summary>
/// <remarks>
/// Outputs are softmaxes of normal logits around those of a base distribution, one a second; after an hour of the reference's traffic their
/// temperature changes, or each is the reference's mean. No argmax changes with a temperature.
/// </remarks>
internal static class DispersionMeasurement
{
    private const int Hour = 3_600;
    private const int ReferenceHours = 16;
    private const int Repeats = 10;
    private const long StartMs = 1_767_225_600_000;
    private const string Budget = "critical: 1 per 30d";

    private static readonly WindowPlan Plan = WindowPlan.Create(
        [Spec("5m/10s"), Spec("1h/1m")], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, trailing: false,
        withPanes: new ModelSet([], Others: true));

    private static readonly (string Name, double[] Logits)[] Bases =
    [
        ("three classes alike", [0, 0, 0]),
        ("ten classes, 0.30 to 0.02", [.. Enumerable.Range(0, 10).Select(k => -0.3 * k)]),
    ];

    private static readonly (string Name, double? Temperature)[] Changes =
        [("none", 1), ("temperature 1.1", 1.1), ("1.3", 1.3), ("2", 2), ("0.8", 0.8), ("constant at the mean", null)];

    public static void Run()
    {
        Console.WriteLine("| outputs | change | dispersion: found, median delay | divergence: found, median delay |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (name, logits) in Bases)
        {
            foreach (var (change, temperature) in Changes)
            {
                var found = Enumerable.Range(0, Repeats).AsParallel().Select(seed => Delays(logits, temperature, seed)).ToArray();
                var (dispersion, drift) = (Text(found.Select(one => one.Dispersion)), Text(found.Select(one => one.Drift)));
                Console.WriteLine($"| {name} | {change} | {dispersion} | {drift} |");
            }
        }
    }

    private static string Text(IEnumerable<double?> delaysMs)
    {
        double[] found = [.. delaysMs.OfType<double>().Order()];
        return found.Length == 0 ? $"0 of {Repeats}"
            : string.Create(
                CultureInfo.InvariantCulture, $"{found.Length} of {Repeats}, {found[found.Length / 2] / 1_000:0} s");
    }

    /// <summary>Milliseconds from the change to the first critical alarm of each kind; null for none in two hours.</summary>
    private static (double? Dispersion, double? Drift) Delays(double[] logits, double? temperature, int seed)
    {
        var (model, classes) = (new WatchedModels(1, 1, acceptUnknown: true).Add("m"), new ModelClasses(Space(logits), 0));
        var (random, mean) = (new MersenneTwister(seed + 1), Array.Empty<double>());
        var builder = new ReferenceBuilder("m", classes.Space);
        for (var second = 0; second < ReferenceHours * Hour; second++)
        {
            builder.Add(Prediction(second, 1));
        }

        var reference = builder.Build(1, DateTimeOffset.FromUnixTimeMilliseconds(StartMs));
        mean = reference.All.Shares[..logits.Length].ToArray();
        var setting = BacktestSetting.TryParseBudget(Budget, out var parsed, out var problem)
            ? parsed
            : throw new InvalidOperationException(problem);
        var run = new BacktestRun(Plan, ReferenceSet.Latest([reference]), new EvaluationSettings(), null, [setting], (_, _, _) => { });
        run.Run(Enumerable.Range(0, 3 * Hour).Select(second => Prediction(second, second < Hour ? 1 : temperature)).ToObservable());
        return (First(AlarmKind.Dispersion), First(AlarmKind.OutputDrift));

        double? First(AlarmKind kind) => run.Outcomes[0].Alerts
            .Where(alert => alert.Alarm.Kind == kind)
            .Min(alert => (double?)(alert.Alarm.BeganMs - StartMs - (Hour * 1_000L)));

        PredictionRecord Prediction(int second, double? divisor)
        {
            var record = new PredictionRecord { Offset = second, RecordTimeMs = StartMs + (second * 1_000L) };
            var cells = record.Begin(model, classes);
            record.PayloadTimeMs = StartMs + (second * 1_000L);
            if (divisor is not { } by)
            {
                mean.CopyTo(cells);
                return record;
            }

            var total = 0.0;
            for (var k = 0; k < logits.Length; k++)
            {
                total += cells[k] = Math.Exp((logits[k] + Normal.Sample(random, 0, 2)) / by);
            }

            for (var k = 0; k < logits.Length; k++)
            {
                cells[k] /= total;
            }

            return record;
        }
    }

    private static ClassSpace Space(double[] logits) => ClassSpace.Indexed(logits.Length);

    private static WindowSpec Spec(string text) =>
        WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new InvalidOperationException(problem);
}
