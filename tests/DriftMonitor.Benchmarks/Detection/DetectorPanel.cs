using DriftMonitor.Calibration;
using DriftMonitor.References;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>All detectors side by side on one stream, those of panes first.</summary>
internal sealed class DetectorPanel
{
    private readonly bool[] _changed; // in the pane that is being drawn
    private readonly float[] _scores = new float[MostScores];
    private readonly AlarmClusters[] _clusters;
    private readonly double[] _surprises;

    public DetectorPanel(ReferenceSnapshot reference, DriftCalibration calibration, FalseAlarmBudget budget, IEventDetector[] readers)
    {
        Panes =
        [
            new CalibratedDetector(reference, calibration, FalseAlarmMeasurement.Windows, budget),
            new CalibratedDetector(reference, calibration, FalseAlarmMeasurement.Windows, budget, withCusum: false),
            WindowMeasure.Kl(reference), WindowMeasure.Psi(reference), WindowMeasure.Js(reference), WindowMeasure.G(reference),
            new CrosierCusum(reference, 0.5), new CrosierCusum(reference, 0.25), new CrosierCusum(reference, 0.1),
        ];
        (Readers, _changed, _surprises) = (readers, new bool[readers.Length], [.. reference.Smoothed().Select(share => -Math.Log(share))]);
        _clusters = Clusters();
    }

    private DetectorPanel(DetectorPanel other)
    {
        (Panes, Readers) = ([.. other.Panes.Select(detector => detector.Copy())], [.. other.Readers.Select(reader => reader.Copy())]);
        (_changed, _surprises) = (new bool[Readers.Length], other._surprises);
        _clusters = Clusters();
    }

    /// <summary>The most scores that a detector of panes gives.</summary>
    public static int MostScores => 2 * FalseAlarmMeasurement.Windows.Length;

    public static string[] PaneNames { get; } = [
        "this monitor", "its windows alone", "KL", "PSI", "JS distance", "G-test", "CUSUM k=0.5", "CUSUM k=0.25", "CUSUM k=0.1"];

    /// <summary>
    /// Of the detectors that read events: two for the surprise and, where outputs are soft, two for the model's own doubt.
    /// </summary>
    public static string[] ReaderNames { get; } = ["ADWIN", "Page–Hinkley", "ADWIN, own p", "Page–Hinkley, own p"];

    public IPaneDetector[] Panes { get; }

    public IEventDetector[] Readers { get; }

    /// <summary>Whether any alarm is on.</summary>
    public bool AnyOn => _clusters.Any(cluster => cluster.On);

    /// <summary>
    /// What a reader is told of an event: −ln q of the most probable class, q the reference's share; or −ln p, p the event's own
    /// probability of it.
    /// </summary>
    public double ValueOf(int reader, int highest, double probability) => reader < 2 ? _surprises[highest] : -Math.Log(probability);

    /// <summary>Takes an event of the pane that is being drawn.</summary>
    public void Read(int highest, double probability)
    {
        for (var i = 0; i < Readers.Length; i++)
        {
            _changed[i] |= Readers[i].Add(ValueOf(i, highest, probability));
        }
    }

    /// <summary>Takes the pane; says of each detector whether it is above its level.</summary>
    public void Look(double[] mass, int events, double[] levels, bool[] above)
    {
        for (var i = 0; i < Panes.Length; i++)
        {
            var scores = _scores.AsSpan(0, Panes[i].EndsAfterLooks.Length);
            Panes[i].Add(mass, events, scores);
            _clusters[i].Add(scores, levels[i]);
            above[i] = System.Numerics.Tensors.TensorPrimitives.Max<float>(scores) > levels[i];
        }

        for (var i = 0; i < Readers.Length; i++)
        {
            above[Panes.Length + i] = _changed[i];
            _clusters[Panes.Length + i].Add([_changed[i] ? 1 : 0], 0.5);
            _changed[i] = false;
        }
    }

    public DetectorPanel Copy() => new(this);

    private AlarmClusters[] Clusters() =>
        [
            .. Panes.Select(detector => new AlarmClusters(detector.EndsAfterLooks)),
            .. Readers.Select(_ => new AlarmClusters([WindowMeasure.Looks]))];
}
