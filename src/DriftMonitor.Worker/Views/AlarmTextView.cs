namespace DriftMonitor.Worker.Views;

/// <summary>An explained alarm in words, part by part: the words that the log has.</summary>
internal sealed record AlarmTextView(
    string Title, string Summary, string Moved, string Effect, string Onset, string Peak, string Now, string Windows, string Segments,
    string Pace, string Labels)
{
    public static AlarmTextView Of(AlarmText of) => new(
        of.Title, of.Summary, of.Moved, of.Effect, of.Onset, of.Peak, of.Now, of.Windows, of.Segments, of.Pace, of.Labels);
}
