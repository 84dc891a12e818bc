using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The latest windows of labels as they are exported, with their readings: worked out when one is taken in.</summary>
/// <remarks>Written by one thread at a time; readers take no locks: each window is immutable and swapped as a whole.</remarks>
internal sealed class FeedbackWindows(ThresholdsInForce thresholds)
{
    private static readonly string[] Attributions = [.. Enum.GetNames<Attribution>().Select(SnakeCaseName.Of)];

    private readonly ConcurrentDictionary<(SeriesKey Series, string Window, Attribution Attribution), Shown> _windows = new();

    /// <summary>The label sets {attribution,model,segment,window}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The windows, in no order.</summary>
    public IEnumerable<FeedbackWindow> All => Judged.Select(judged => judged.Window);

    /// <summary>The same with their readings.</summary>
    public IEnumerable<JudgedLabels> Judged => _windows.Select(window => window.Value.Judged);

    /// <summary>Each window that may be shown, in no order.</summary>
    public IEnumerable<Shown> Showing => _windows.Select(window => window.Value).Where(shown => LabelSets.Shows(shown.LabelNumber));

    /// <summary>Takes a window in place of the same one before, or away with that when the series has retired.</summary>
    /// <returns>It with its readings; null when it has retired.</returns>
    public JudgedLabels? Update(FeedbackWindow window)
    {
        var key = (window.Series, window.Window.Name, window.Attribution);
        if (window.Retired)
        {
            Remove(key);
            return null;
        }

        var judged = thresholds.Judge(window);
        if (_windows.TryGetValue(key, out var shown))
        {
            _windows[key] = shown with { Judged = judged.Kept() };
            return judged;
        }

        Tags labels =
        [
            new("attribution", Attributions[(int)window.Attribution]), new("model", window.Series.Model),
            new("segment", window.Series.Segment), new("window", window.Window.Name),
        ];
        _windows[key] = new Shown(judged.Kept(), labels, LabelSets.Issue());
        return judged;
    }

    /// <summary>Judges the latest windows of labels of a series over a window anew, since more has been worked out.</summary>
    /// <returns>Them with their readings.</returns>
    public IEnumerable<JudgedLabels> JudgeAnew(SeriesKey series, string window)
    {
        foreach (var attribution in Enum.GetValues<Attribution>())
        {
            if (_windows.TryGetValue((series, window, attribution), out var shown))
            {
                yield return Update(shown.Judged.Window)!;
            }
        }
    }

    /// <inheritdoc cref="ReportStore.Remove(Func{string, bool})"/>
    public void Remove(Func<string, bool> models)
    {
        foreach (var (key, _) in _windows.Where(window => models(window.Key.Series.Model)))
        {
            Remove(key);
        }
    }

    private void Remove((SeriesKey Series, string Window, Attribution Attribution) key)
    {
        if (_windows.TryRemove(key, out _))
        {
            LabelSets.Release();
        }
    }

    internal sealed record Shown(JudgedLabels Judged, Tags Labels, long LabelNumber);
}
