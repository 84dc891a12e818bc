using System.Globalization;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// False alarms a day of the baselines at the settings that are usual, on independent events of ten classes, by how many there are.
/// </summary>
internal static class FixedSettingsMeasurement
{
    private const int Classes = 10;
    private const double BudgetPerDay = 0.5;

    public static void Run()
    {
        (string Name, Func<References.ReferenceSnapshot, IPaneDetector> Make, double Level)[] windows =
        [
            ("KL ≥ 0.1", WindowMeasure.Kl, 0.1), ("PSI ≥ 0.1", WindowMeasure.Psi, 0.1), ("PSI ≥ 0.25", WindowMeasure.Psi, 0.25),
            ("JS distance ≥ 0.1", WindowMeasure.Js, 0.1),
            ("G-test (χ²), 1 per 2d", WindowMeasure.G, WindowMeasure.LevelOfG(Classes, BudgetPerDay)),
        ];
        (double Events, int Days, int EventDays)[] sizes = [(50, 200, 200), (500, 200, 100), (5_000, 200, 20), (100_000, 100, 4)];
        var rows = windows.Select(window => $"| {window.Name} |").Concat(["| ADWIN, δ = 0.002 |", "| Page–Hinkley, λ = 50 |"]).ToArray();
        foreach (var (events, days, eventDays) in sizes)
        {
            var kind = new StreamKind("iid", Classes, events);
            var stream = new SimulatedStream(kind, new MersenneTwister(2000, threadSafe: false));
            var reference = SimulatedReference.Build(stream, Classes, 7 * SimulatedStream.PanesPerDay);
            for (var i = 0; i < windows.Length; i++)
            {
                var detector = windows[i].Make(reference);
                stream = new SimulatedStream(kind, new MersenneTwister(2001, threadSafe: false));
                rows[i] += Rate(Alarms(stream, days, (mass, count, scores) => detector.Add(mass, count, scores), windows[i].Level), days);
            }

            IEventDetector[] readers = [new Adwin(), new PageHinkley()];
            for (var i = 0; i < readers.Length; i++)
            {
                var (reader, found) = (readers[i], false);
                double[] surprises = [.. reference.Smoothed().Select(share => -Math.Log(share))];
                stream = new SimulatedStream(kind, new MersenneTwister(2001, threadSafe: false))
                {
                    OnEvent = (k, _) => found |= reader.Add(surprises[k]),
                };
                rows[windows.Length + i] += Rate(
                    Alarms(stream, eventDays, (_, _, scores) => (scores[0], found) = (found ? 1 : 0, false), 0.5), eventDays);
            }

            Console.Error.WriteLine(FormattableString.Invariant($"{events:N0} events in 5 m: done"));
        }

        Console.WriteLine(
            "| false alarms a day (part of looks above), at events in 5 m: | " + string.Join(
                " | ", sizes.Select(size => size.Events.ToString("N0", CultureInfo.InvariantCulture))) + " |");
        Console.WriteLine("|---|" + string.Concat(sizes.Select(_ => "---:|")));
        Array.ForEach(rows, Console.WriteLine);
    }

    /// <summary>How many alarms begin, and how many looks are above: where it is nearly always above, alarms are few and long.</summary>
    private static (int Begun, int Above) Alarms(SimulatedStream stream, int days, Action<double[], int, float[]> look, double level)
    {
        var (mass, squares, scores, begun, above) = (new double[Classes], new double[Classes], new float[1], 0, 0);
        var clusters = new AlarmClusters([WindowMeasure.Looks]);
        for (var pane = 0; pane < days * SimulatedStream.PanesPerDay; pane++)
        {
            look(mass, stream.Next(mass, squares), scores);
            begun += clusters.Add(scores, level) ? 1 : 0;
            above += scores[0] > level ? 1 : 0;
        }

        return (begun, above);
    }

    private static string Rate((int Begun, int Above) alarms, int days) =>
        FormattableString.Invariant(
            $" {(double)alarms.Begun / days:0.##} ({(double)alarms.Above / days / SimulatedStream.PanesPerDay:0.#%}) |");
}
