using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The latest windows of labels, as they are exported.</summary>
/// <remarks>Thread-safe. Each window is immutable and swapped as a whole; readers take no locks.</remarks>
internal sealed class FeedbackWindows
{
    private static readonly string[] Attributions = [.. Enum.GetNames<Attribution>().Select(SnakeCaseName.Of)];

    private readonly ConcurrentDictionary<(string Model, string Segment, string Window, Attribution Attribution), Shown> _windows = new();

    /// <summary>The label sets {attribution,model,segment,window}.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The windows, in no order.</summary>
    public IEnumerable<FeedbackWindow> All => _windows.Select(window => window.Value.Window);

    /// <summary>Each window that may be shown, in no order.</summary>
    public IEnumerable<Shown> Showing => _windows.Select(window => window.Value).Where(shown => LabelSets.Shows(shown.LabelNumber));

    public static (string Model, string Segment, string Window, Attribution Attribution) KeyOf(FeedbackWindow window) =>
        (window.Series.Model, window.Series.Segment, window.Window.Name, window.Attribution);

    /// <summary>Takes a window in place of the same one before.</summary>
    public void Update(FeedbackWindow window)
    {
        var (model, segment, name, attribution) = KeyOf(window);
        _windows.AddOrUpdate(
            (model, segment, name, attribution),
            _ => new Shown(
                window,
                [new("attribution", Attributions[(int)attribution]), new("model", model), new("segment", segment), new("window", name)],
                LabelSets.Issue()),
            (_, shown) => shown with { Window = window });
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

    internal sealed record Shown(FeedbackWindow Window, Tags Labels, long LabelNumber);
}
