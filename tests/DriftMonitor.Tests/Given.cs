using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests;

/// <summary>The things most tests start from, in milliseconds and few words.</summary>
internal static class Given
{
    /// <summary>What tests have calibrated: of equal references only the first pays.</summary>
    public static KeptCalibrations Kept { get; } = new(mostBytes: long.MaxValue);

    public static WindowSpec Window(string text) =>
        WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new ArgumentException(problem, nameof(text));

    /// <summary>A plan of windows written <c>40ms/10ms 80ms/20ms</c>.</summary>
    public static WindowPlan Plan(string windows, int lateness = 0, int skew = 0, int slack = 0) => WindowPlan.Create(
        windows.Split(' ').Select(Window),
        TimeSpan.FromMilliseconds(lateness),
        TimeSpan.FromMilliseconds(skew),
        TimeSpan.FromMilliseconds(slack));

    public static WatchedModel Model(string name = "m") => new WatchedModels(100, 100, acceptUnknown: true).Add(name);

    public static ModelClasses Classes(int count, long generation = ModelClasses.Configured) => new(ClassSpace.Indexed(count), generation);

    /// <summary>A prediction; the probabilities are those of the named classes, the rest is <c>__other__</c>.</summary>
    public static PredictionRecord Prediction(
        WatchedModel model,
        ModelClasses classes,
        long offset,
        long recordMs,
        long? eventMs = null,
        string? segment = null,
        params ReadOnlySpan<double> probabilities) =>
        Prediction(model, classes, offset, recordMs, eventMs, segment, version: null, probabilities);

    /// <summary>The same of a version of the model, null for none.</summary>
    public static PredictionRecord Prediction(
        WatchedModel model,
        ModelClasses classes,
        long offset,
        long recordMs,
        long? eventMs,
        string? segment,
        string? version,
        params ReadOnlySpan<double> probabilities)
    {
        var record = new PredictionRecord { Offset = offset, RecordTimeMs = recordMs };
        var cells = record.Begin(model, classes);
        if (probabilities.IsEmpty)
        {
            cells[0] = 1;
        }

        probabilities.CopyTo(cells);
        record.PayloadTimeMs = eventMs;
        record.Segment = segment is null ? null : model.Segment(segment);
        record.Version = version is null ? null : model.Segment(SeriesKey.VersionPrefix + version);
        return record;
    }

    public static PredictionRecord Rejected(long offset, long recordMs, RejectionReason reason = RejectionReason.Malformed)
    {
        var record = new PredictionRecord { Offset = offset, RecordTimeMs = recordMs };
        record.Reject(reason);
        return record;
    }

    /// <summary>A register with so many events of class 0, for a space of two classes.</summary>
    public static PaneRegister Register(
        SeriesKey series,
        long paneStartMs,
        long events,
        int partition = 0,
        long first = 0,
        long? last = null,
        long? earliestMs = null,
        long? latestMs = null,
        ModelClasses? classes = null)
    {
        classes ??= Classes(2);
        var sums = new PaneSums(classes.Space.CellCount);
        var cells = new double[classes.Space.CellCount];
        cells[0] = 1;
        for (var i = 0; i < events; i++)
        {
            sums.Add(cells);
        }

        return new PaneRegister(
            partition,
            series,
            paneStartMs,
            new PaneClasses(classes.Space.Id, classes.Generation, null),
            first,
            last ?? first + events - 1,
            earliestMs ?? paneStartMs,
            latestMs ?? paneStartMs,
            sums);
    }
}
