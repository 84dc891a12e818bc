using System.Collections.Concurrent;

namespace DriftMonitor.Worker.State;

/// <summary>The latest report of every series and window, with its readings: worked out when it is taken in, by nobody else.</summary>
/// <remarks>
/// Written by one thread at a time; readers take no locks: each report is immutable and swapped as a whole, and a reader sees every series
/// that is there from its first look to its last.
/// </remarks>
internal sealed class ReportStore(ThresholdsInForce thresholds)
{
    /// <summary>How many models that have left are remembered.</summary>
    public const int MaxLeft = 1_000;

    private readonly ConcurrentDictionary<(SeriesKey Series, string Window), WindowSeries> _windows = new();
    private readonly ConcurrentDictionary<string, ModelWindows> _models = new(StringComparer.Ordinal);
    private int _left;

    /// <summary>The latest reports, in no order.</summary>
    public IEnumerable<DriftReport> Reports => Judged.Select(judged => judged.Report);

    /// <summary>The same with their readings.</summary>
    public IEnumerable<JudgedReport> Judged => _windows.Select(window => window.Value.Now.Judged);

    /// <summary>Every series and window as it is exported, in no order.</summary>
    public IEnumerable<WindowSeries> Windows => _windows.Select(window => window.Value);

    /// <summary>
    /// Every model that has windows of all its traffic, and those that had some and have left, the latest, until they are back.
    /// </summary>
    public IEnumerable<ModelWindows> Models => _models.Select(model => model.Value);

    /// <summary>The label sets {model,segment,window}.</summary>
    public LabelSets WindowLabels { get; } = new();

    public int Count => _windows.Count;

    /// <summary>The label sets {model,segment,window,direction,class}.</summary>
    public LabelSets ClassLabels { get; } = new();

    /// <summary>The latest report of a series over the window of that name, null for none.</summary>
    public DriftReport? Find(SeriesKey series, string window) => _windows.GetValueOrDefault((series, window))?.Now.Report;

    /// <summary>Takes the report in place of the one before it, or away with both when the series has retired.</summary>
    /// <returns>It with its readings; null when it has retired.</returns>
    public JudgedReport? Update(DriftReport report)
    {
        var key = (report.Window.Series, report.Window.Window.Name);
        if (report.Window.Retired)
        {
            Remove(key);
            if (key.Series.Segment == SeriesKey.All)
            {
                Leave(key.Series.Model, report.Window.LatestEventMs);
            }

            return null;
        }

        var judged = thresholds.Judge(report);
        if (_windows.TryGetValue(key, out var known))
        {
            known.Update(judged);
        }
        else
        {
            var added = _windows[key] = new WindowSeries(judged, WindowLabels, ClassLabels);
            if (key.Series.Segment == SeriesKey.All)
            {
                var (model, windows) = (key.Series.Model, _models.GetValueOrDefault(key.Series.Model)?.Windows ?? []);
                Put(new ModelWindows(model, windows.Add(added), LeftMs: null));
            }
        }

        return judged;
    }

    /// <summary>Judges the latest report of a series over a window anew, since more has been worked out.</summary>
    /// <returns>It with its readings; null for none.</returns>
    public JudgedReport? JudgeAnew(SeriesKey series, string window) => Find(series, window) is { } report ? Update(report) : null;

    /// <summary>Forgets models that are no longer this replica's.</summary>
    public void Remove(Func<string, bool> models)
    {
        foreach (var (key, _) in _windows.Where(window => models(window.Key.Series.Model)))
        {
            Remove(key);
        }

        foreach (var (model, _) in _models.Where(model => models(model.Key)))
        {
            Forget(model);
        }
    }

    /// <summary>Whether a model has windows, or is remembered to have left.</summary>
    public bool Knows(string model) => _models.ContainsKey(model);

    /// <summary>Remembers that a model has left, and the time of its latest event.</summary>
    public void Leave(string model, long latestEventMs)
    {
        Put(new ModelWindows(model, [], latestEventMs));
        if (_left > MaxLeft)
        {
            Forget(_models.Where(left => left.Value.LeftMs is not null).MinBy(left => left.Value.LeftMs).Key);
        }
    }

    /// <summary>In place of what was known of the model: who looks finds one or the other.</summary>
    private void Put(ModelWindows next)
    {
        var before = _models.GetValueOrDefault(next.Model);
        _models[next.Model] = next;
        _left += (next.LeftMs is null ? 0 : 1) - (before?.LeftMs is null ? 0 : 1);
    }

    private void Forget(string model)
    {
        if (_models.TryRemove(model, out var removed) && removed.LeftMs is not null)
        {
            _left--;
        }
    }

    private void Remove((SeriesKey Series, string Window) key)
    {
        if (_windows.TryRemove(key, out var removed))
        {
            removed.Release(WindowLabels);
        }
    }

    /// <summary>What is known of a model: the windows of all its traffic, or that it has left. Immutable but for their numbers.</summary>
    /// <param name="Model">Its name.</param>
    /// <param name="Windows">One of each length that is known; none once it has left.</param>
    /// <param name="LeftMs">Once it has left, the time of its latest event, epoch milliseconds; else null.</param>
    internal sealed record ModelWindows(string Model, ImmutableArray<WindowSeries> Windows, long? LeftMs);
}
