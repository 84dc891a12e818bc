using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The latest windows of labels, as they are exported.</summary>
/// <remarks>Thread-safe. Each window is immutable and swapped as a whole; readers take no locks.</remarks>
internal sealed class FeedbackWindows
{
    private static readonly string[] Attributions = [.. Enum.GetNames<Attribution>().Select(SnakeCaseName.Of)];

    private readonly ConcurrentDictionary<(SeriesKey Series, string Window, Attribution Attribution), Shown> _windows = new();

    /// <summary>The label sets {attribution,model,segment,window}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The windows, in no order.</summary>
    public IEnumerable<FeedbackWindow> All => _windows.Select(window => window.Value.Window);

    /// <summary>Each window that may be shown, in no order.</summary>
    public IEnumerable<Shown> Showing => _windows.Select(window => window.Value).Where(shown => LabelSets.Shows(shown.LabelNumber));

    /// <summary>Takes a window in place of the same one before, or away with that when the series has retired.</summary>
    public void Update(FeedbackWindow window)
    {
        var key = (window.Series, window.Window.Name, window.Attribution);
        if (window.Retired)
        {
            Remove(key);
            return;
        }

        if (_windows.TryGetValue(key, out var shown))
        {
            shown.Window = window;
            return;
        }

        Tags labels =
        [
            new("attribution", Attributions[(int)window.Attribution]), new("model", window.Series.Model),
            new("segment", window.Series.Segment), new("window", window.Window.Name),
        ];
        _windows[key] = new Shown(window, labels, LabelSets.Issue());
    }

    /// <summary>Forgets the windows of series.</summary>
    public void Remove(Func<SeriesKey, bool> series)
    {
        foreach (var (key, _) in _windows)
        {
            if (series(key.Series))
            {
                Remove(key);
            }
        }
    }

    private void Remove((SeriesKey Series, string Window, Attribution Attribution) key)
    {
        if (_windows.TryRemove(key, out _))
        {
            LabelSets.Release();
        }
    }

    internal sealed class Shown(FeedbackWindow window, Tags labels, long labelNumber)
    {
        private volatile FeedbackWindow _window = window;

        public FeedbackWindow Window
        {
            get => _window;
            set => _window = value;
        }

        public Tags Labels => labels;

        public long LabelNumber => labelNumber;
    }
}
