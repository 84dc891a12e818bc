using DriftMonitor.Display;

namespace DriftMonitor.Panes;

/// <summary>A sliding window's length and slide.</summary>
/// <remarks>
/// Written <c>5m/10s</c>: the length, then the slide, each a whole number of <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>. A window
/// covers [from, to) of event time, <c>to</c> a multiple of the slide since the epoch. Its panes are one slide long.
/// </remarks>
public sealed record WindowSpec
{
    /// <summary>The most panes a window may have: what bounds the memory of a series.</summary>
    public const int MaxPanes = 360;

    private WindowSpec(string name, long lengthMs, long slideMs) => (Name, LengthMs, SlideMs) = (name, lengthMs, slideMs);

    /// <summary>The length as it was written, <c>5m</c>: the window's label.</summary>
    public string Name { get; }

    /// <summary>Milliseconds of event time that the window covers.</summary>
    public long LengthMs { get; }

    /// <summary>Milliseconds between one window's start and the next one's.</summary>
    public long SlideMs { get; }

    /// <summary>How many panes of one slide the window sums.</summary>
    public int Panes => (int)(LengthMs / SlideMs);

    /// <summary>The start of the pane that a time falls in.</summary>
    public long PaneStart(long timeMs) => timeMs - (((timeMs % SlideMs) + SlideMs) % SlideMs);

    /// <summary>Reads <c>length/slide</c>.</summary>
    /// <param name="text">For example <c>5m/10s</c>.</param>
    /// <param name="spec">The window, null when the text is not one.</param>
    /// <param name="problem">What is wrong and what is allowed, null when nothing is.</param>
    public static bool TryParse(
        string text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WindowSpec? spec,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        spec = null;
        problem = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? text : text[..slash].Trim();
        if (slash < 0 || !DurationText.TryParse(name, out var length) || !DurationText.TryParse(text[(slash + 1)..].Trim(), out var slide))
        {
            problem = $"'{text}' is not length/slide, each a whole number of ms, s, m, h or d, such as 5m/10s";
        }
        else if (length % slide != 0 || length / slide > MaxPanes)
        {
            problem = $"'{text}': the length must be 1 to {MaxPanes} times the slide";
        }
        else
        {
            spec = new WindowSpec(name, length, slide);
        }

        return spec is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}/{SlideMs}ms";
}
