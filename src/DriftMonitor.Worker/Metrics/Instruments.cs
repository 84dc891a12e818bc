using System.Diagnostics.Metrics;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The monitor's meter, whose instruments have the names that Prometheus shows, and what label sets each of them has.</summary>
/// <remarks>
/// What is exported is read when it is asked for: the callbacks only read immutable snapshots and counters, so that they cannot throw
/// (the SDK would drop the series and still answer 200) and a series that is gone leaves no last value behind. Values that are not
/// finite are left out.
/// </remarks>
internal sealed class Instruments : IDisposable
{
    private readonly Dictionary<string, (LabelSets Labels, int PointsEach)> _labelsOf = new(StringComparer.Ordinal);

    /// <summary>What owns the instruments. Its name is shared by every instance in a process; the object is not.</summary>
    public Meter Meter { get; } = new("DriftMonitor");

    /// <summary>What has no label sets that come and go by the traffic.</summary>
    public LabelSets StateLabels { get; } = new();

    /// <summary>Each kind of label sets that come and go.</summary>
    public IEnumerable<LabelSets> LabelKinds => _labelsOf.Values.Select(labels => labels.Labels).Distinct();

    /// <summary>A label whose value is a name of ours, as Prometheus writes it.</summary>
    public static KeyValuePair<string, object?> Label(string name, string value) =>
        new(name, SnakeCaseName.Of(value));

    /// <summary>The label sets that an instrument shows, each with its number of points; null when it has no labels that vary.</summary>
    public (LabelSets Labels, int PointsEach)? LabelsOf(Instrument instrument) =>
        _labelsOf.TryGetValue(instrument.Name, out var labels) ? labels : null;

    /// <summary>Whether an instrument is about the service as a whole, and not about models.</summary>
    public bool IsOfService(Instrument instrument) => LabelsOf(instrument) is not { } labels || labels.Labels == StateLabels;

    public void Gauge(
        string name, string? unit, string help, LabelSets labels, Func<IEnumerable<Measurement<double>>> measure, int pointsEach = 1)
    {
        var full = $"driftmonitor_{name}";
        _labelsOf.Add(full, (labels, pointsEach));
        Meter.CreateObservableGauge(full, () => measure().Where(measurement => double.IsFinite(measurement.Value)), unit, help);
    }

    /// <param name="labels">Null for label sets that do not come and go by the traffic.</param>
    public void Counter(string name, string help, Func<IEnumerable<Measurement<long>>> measure, LabelSets? labels = null)
    {
        var full = $"driftmonitor_{name}";
        _labelsOf.Add(full, (labels ?? StateLabels, 1));
        Meter.CreateObservableCounter(full, measure, null, help);
    }

    public void Counter(string name, string help, Func<long> value) => Counter(name, help, () => [new(value())]);

    public Histogram<double> Histogram(string name, string help, double[] bounds) => Meter.CreateHistogram(
        $"driftmonitor_{name}", "s", help, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    public void Dispose() => Meter.Dispose();
}
