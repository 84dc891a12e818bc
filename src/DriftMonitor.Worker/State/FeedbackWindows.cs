using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The latest windows of labels as they are exported, with their readings: worked out when one is taken in.</summary>
/// <remarks>Thread-safe. Each window is immutable and swapped as a whole; readers take no locks.</remarks>
internal sealed class FeedbackWindows(ThresholdsInForce thresholds)
{
    private static readonly string[] Attributions = [.. Enum.GetNames<Attribution>().Select(SnakeCaseName.Of)];

    private readonly ConcurrentDictionary<(string Model, string Segment, string Window, Attribution Attribution), Shown> _windows = new();

    /// <summary>The label sets {attribution,model,segment,window}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The windows, in no order.</summary>
    public IEnumerable<FeedbackWindow> All => Judged.Select(judged => judged.Window);

    /// <summary>The same with their readings.</summary>
    public IEnumerable<JudgedLabels> Judged => _windows.Select(window => window.Value.Judged);

    /// <summary>Each window that may be shown, in no order.</summary>
    public IEnumerable<Shown> Showing => _windows.Select(window => window.Value).Where(shown => LabelSets.Shows(shown.LabelNumber));

    public static (string Model, string Segment, string Window, Attribution Attribution) KeyOf(FeedbackWindow window) =>
        (window.Series.Model, window.Series.Segment, window.Window.Name, window.Attribution);

    /// <summary>Takes a window in place of the same one before.</summary>
    /// <returns>It with its readings.</returns>
    public JudgedLabels Update(FeedbackWindow window)
    {
        var judged = thresholds.Judge(window);
        var (model, segment, name, attribution) = KeyOf(window);
        _windows.AddOrUpdate(
            (model, segment, name, attribution),
            _ => new Shown(
                judged,
                [new("attribution", Attributions[(int)attribution]), new("model", model), new("segment", segment), new("window", name)],
                LabelSets.Issue()),
            (_, shown) => shown with { Judged = judged });
        return judged;
    }

    /// <summary>Judges the latest windows of labels of a series over a window anew, since more has been worked out.</summary>
    /// <returns>Them with their readings.</returns>
    public IEnumerable<JudgedLabels> JudgeAnew(SeriesKey series, string window)
    {
        foreach (var attribution in Enum.GetValues<Attribution>())
        {
            if (_windows.TryGetValue((series.Model, series.Segment, window, attribution), out var shown))
            {
                yield return Update(shown.Judged.Window);
            }
        }
    }

    /// <summary>Forgets windows.</summary>
    public void Remove(IEnumerable<(string Model, string Segment, string Window, Attribution Attribution)> windows)
    {
        foreach (var window in windows)
        {
            if (_windows.TryRemove(window, out _))
            {
                LabelSets.Release();
            }
        }
    }

    internal sealed record Shown(JudgedLabels Judged, Tags Labels, long LabelNumber);
}
