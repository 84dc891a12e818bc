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
    private readonly ConcurrentDictionary<string, long> _left = new(StringComparer.Ordinal);

    /// <summary>The latest reports, in no order.</summary>
    public IEnumerable<DriftReport> Reports => Judged.Select(judged => judged.Report);

    /// <summary>The same with their readings.</summary>
    public IEnumerable<JudgedReport> Judged => _windows.Select(window => window.Value.Now.Judged);

    /// <summary>Every series and window as it is exported, in no order.</summary>
    public IEnumerable<WindowSeries> Windows => _windows.Select(window => window.Value);

    /// <summary>
    /// The models that have left, each with the time of its latest event: the last of them to be heard of, until they are back.
    /// </summary>
    public IEnumerable<KeyValuePair<string, long>> Left => _left;

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
            if (key.Series.Segment == SeriesKey.All && _windows.ContainsKey(key))
            {
                Leave(key.Series.Model, report.Window.LatestEventMs); // before it is removed: who looks finds it here or there
            }

            Remove(key);
            return null;
        }

        var judged = thresholds.Judge(report);
        if (_windows.TryGetValue(key, out var known))
        {
            known.Update(judged);
        }
        else
        {
            _windows[key] = new WindowSeries(judged, WindowLabels, ClassLabels);
            if (key.Series.Segment == SeriesKey.All)
            {
                _left.TryRemove(key.Series.Model, out _);
            }
        }

        return judged;
    }

    /// <summary>Judges the latest report of a series over a window anew, since more has been worked out.</summary>
    /// <returns>It with its readings; null for none.</returns>
    public JudgedReport? JudgeAnew(SeriesKey series, string window) => Find(series, window) is { } report ? Update(report) : null;

    /// <summary>Forgets the series that are no longer this replica's.</summary>
    public void Remove(Func<SeriesKey, bool> series)
    {
        foreach (var (key, _) in _windows.Where(window => series(window.Key.Series)))
        {
            Remove(key);
        }

        foreach (var (model, _) in _left.Where(left => series(new SeriesKey(left.Key, SeriesKey.All))))
        {
            _left.TryRemove(model, out _);
        }
    }

    private void Leave(string model, long latestEventMs)
    {
        _left[model] = latestEventMs;
        if (_left.Count > MaxLeft)
        {
            _left.TryRemove(_left.MinBy(left => left.Value).Key, out _);
        }
    }

    private void Remove((SeriesKey Series, string Window) key)
    {
        if (_windows.TryRemove(key, out var removed))
        {
            removed.Release(WindowLabels);
        }
    }
}
