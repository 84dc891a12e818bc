using System.Runtime.InteropServices;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.References;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Sets every detector so that on the same long streams without drift it raises as many alarms as any other.</summary>
internal sealed class DetectorTuning
{
    public const int References = 4;
    private const int Days = 51; // the day window fills on the first
    private const int Bisections = 24;
    private const int AdwinBisections = 9; // δ enters by its logarithm only

    private static readonly FalseAlarmBudget Budget = new(1, 2 * 86_400_000L);
    private readonly List<float>[][] _scores = new List<float>[References][]; // by reference and detector
    private readonly int[][][] _ends = new int[References][][]; // how long each detector's alarms last

    /// <summary>Builds references and watches streams without drift.</summary>
    public DetectorTuning(StreamKind kind)
    {
        Kind = kind;
        Baselines = new (ReferenceSnapshot, DriftCalibration)[References];
        var readers = kind.Concentration is null ? 2 : 4;
        var (values, ends) = (new List<float>[readers], new List<int>());
        Parallel.For(0, References, new ParallelOptions { MaxDegreeOfParallelism = 2 }, r =>
        {
            var stream = new SimulatedStream(kind, new MersenneTwister(3000 + r, threadSafe: false));
            var reference = SimulatedReference.Build(stream, kind.Classes, 7 * SimulatedStream.PanesPerDay);
            Baselines[r] = (reference, new DriftCalibration(reference, SeriesKey.All, 1));
            Watch(r, stream, r == 0 ? values : null, ends); // events of one reference only, they are many
        });
        Levels = [
            .. Enumerable.Range(0, DetectorPanel.PaneNames.Length).Select(LevelOf),
            .. Enumerable.Range(0, readers).Select(i => ParameterOf(i, values[i], ends))];
    }

    public StreamKind Kind { get; }

    public (ReferenceSnapshot Reference, DriftCalibration Calibration)[] Baselines { get; }

    /// <summary>The level of each pane detector, then the parameter of each reader.</summary>
    public double[] Levels { get; }

    /// <summary>A panel that has seen nothing yet.</summary>
    public DetectorPanel Panel(int reference) => new(
        Baselines[reference].Reference, Baselines[reference].Calibration, Budget,
        [.. Levels.Skip(DetectorPanel.PaneNames.Length).Select((parameter, i) => Reader(i, parameter))]);

    private static IEventDetector Reader(int index, double parameter) => index % 2 == 0 ? new Adwin(parameter) : new PageHinkley(parameter);

    private void Watch(int r, SimulatedStream stream, List<float>[]? values, List<int> ends)
    {
        var panel = new DetectorPanel(Baselines[r].Reference, Baselines[r].Calibration, Budget, []);
        var (mass, squares) = (new double[Kind.Classes], new double[Kind.Classes]);
        _scores[r] = [.. panel.Panes.Select(_ => new List<float>())];
        _ends[r] = [.. panel.Panes.Select(detector => detector.EndsAfterLooks)];
        var buffer = new float[DetectorPanel.MostScores];
        for (var i = 0; i < values?.Length; i++)
        {
            values[i] = [];
        }

        stream.OnEvent = values is null ? null : (highest, probability) =>
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i].Add((float)panel.ValueOf(i, highest, probability));
            }
        };
        for (var pane = 0; pane < Days * SimulatedStream.PanesPerDay; pane++)
        {
            var events = stream.Next(mass, squares);
            for (var i = 0; i < panel.Panes.Length; i++)
            {
                var scores = buffer.AsSpan(0, panel.Panes[i].EndsAfterLooks.Length);
                panel.Panes[i].Add(mass, events, scores);
                if (pane >= SimulatedStream.PanesPerDay)
                {
                    _scores[r][i].AddRange(scores);
                }
            }

            if (values is not null)
            {
                ends.Add(values[0].Count);
            }
        }
    }

    private double LevelOf(int detector)
    {
        float[] all = [.. _scores.SelectMany(lists => lists[detector])];
        var ends = _ends[0][detector];
        var sorted = all.Order().ToArray();
        var (low, high) = ((double)sorted[(int)(sorted.Length * 0.9)], (double)sorted[^1]); // below, alarms merge
        var wanted = References * (Days - 1) * Budget.PerDay;
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = AlarmClusters.Count(all, ends, middle) > wanted ? (middle, high) : (low, middle);
        }

        Report(DetectorPanel.PaneNames[detector], high, AlarmClusters.Count(all, ends, high), wanted);
        return high;
    }

    private double ParameterOf(int reader, List<float> values, List<int> ends)
    {
        var adwin = reader % 2 == 0;
        var wanted = Days * Budget.PerDay;
        var (few, many) = adwin ? (1e-9, 1.0) : (1e5, 5.0);
        for (var i = 0; i < (adwin ? AdwinBisections : Bisections); i++)
        {
            var middle = Math.Sqrt(few * many);
            (few, many) = Alarms(Reader(reader, middle)) > wanted ? (few, middle) : (middle, many);
        }

        Report(DetectorPanel.ReaderNames[reader], few, Alarms(Reader(reader, few)), wanted);
        return few;

        int Alarms(IEventDetector detector)
        {
            var (clusters, begun, at) = (new AlarmClusters([WindowMeasure.Looks]), 0, 0);
            var all = CollectionsMarshal.AsSpan(values);
            foreach (var end in ends)
            {
                var changed = false;
                for (; at < end; at++)
                {
                    changed |= detector.Add(all[at]);
                }

                begun += clusters.Add([changed ? 1 : 0], 0.5) ? 1 : 0;
            }

            return begun;
        }
    }

    private void Report(string name, double level, int alarms, double wanted) =>
        Console.Error.WriteLine(FormattableString.Invariant($"{Kind.Name}: {name} at {level:G4}: {alarms} alarms, {wanted:0} wanted"));
}
