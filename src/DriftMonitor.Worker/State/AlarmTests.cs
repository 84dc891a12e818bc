using DriftMonitor.Worker.Configuration;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The test alarms of the models that this replica owns, each until it is over, as exported. Thread-safe.</summary>
/// <remarks>The label sets are {model,severity}: of the tests of a model and severity the one that was read last counts.</remarks>
internal sealed class AlarmTests(ModelOwners owners)
{
    private readonly Lock _changing = new();
    private volatile ImmutableDictionary<(string Model, AlarmSeverity Severity), Shown> _shown =
        ImmutableDictionary<(string Model, AlarmSeverity Severity), Shown>.Empty;

    /// <summary>The label sets.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The labels of those that are not over.</summary>
    public IEnumerable<Tags> Showing(long nowMs) =>
        _shown.Values.Where(shown => shown.UntilMs > nowMs && LabelSets.Shows(shown.LabelNumber)).Select(shown => shown.Labels);

    /// <summary>Shows a test, unless it is over.</summary>
    /// <param name="partition">The partition of the panes topic that it was read from.</param>
    /// <param name="offset">Where it stands there.</param>
    public void Show(AlarmTest test, int partition, long offset, long nowMs)
    {
        var severity = owners.PagedAs(test.Model, test.Severity);
        lock (_changing)
        {
            Hide(shown => shown.UntilMs <= nowMs || (shown.Model, shown.Severity) == (test.Model, severity));
            if (test.UntilMs > nowMs)
            {
                Tags labels = [new("model", test.Model), new("severity", SnakeCaseName.Of(severity))];
                var shown = new Shown(test.Model, severity, partition, offset, test.UntilMs, labels, LabelSets.Issue());
                _shown = _shown.Add((test.Model, severity), shown);
            }
        }
    }

    /// <summary>Where the first test of a partition stands that is not over; the highest offset there can be when there is none.</summary>
    public long FirstOffset(int partition, long nowMs) =>
        _shown.Values.Where(shown => shown.Partition == partition && shown.UntilMs > nowMs)
            .Select(shown => shown.Offset).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>Forgets those of a partition that is another replica's by now.</summary>
    public void Hide(int partition)
    {
        lock (_changing)
        {
            Hide(shown => shown.Partition == partition);
        }
    }

    private void Hide(Func<Shown, bool> gone)
    {
        var hidden = _shown.Where(shown => gone(shown.Value)).Select(shown => shown.Key).ToList();
        _shown = _shown.RemoveRange(hidden);
        LabelSets.Release(hidden.Count);
    }

    private sealed record Shown(
        string Model, AlarmSeverity Severity, int Partition, long Offset, long UntilMs, Tags Labels, long LabelNumber);
}
