namespace DriftMonitor.Worker.Windows;

/// <summary>Which models' classes, taken from their first predictions, leave much of their outputs to <c>__other__</c>.</summary>
/// <remarks>
/// It is said once a model: other classes take the place of these only with a reference or a setting. Safe for concurrent use.
/// </remarks>
internal sealed class GuessedClasses
{
    private const double MostOther = 0.01;
    private const int MostModels = 1_000;

    private readonly HashSet<(string Model, string SpaceId)> _told = [];

    /// <summary>Whether a window is the first to show that.</summary>
    /// <param name="other">The share of <c>__other__</c>.</param>
    public bool IsNews(LiveWindow window, out double other)
    {
        other = 0;
        if (window.Classes.Inferred is null || window.Series.Segment != SeriesKey.All || window.Events == 0)
        {
            return false;
        }

        UInt128 total = 0;
        foreach (var mass in window.Mass)
        {
            total += mass;
        }

        var holdsOther = window.KeptCells is null || (window.KeptCells is [.., var last] && last == window.Cells - 1);
        other = holdsOther && total > 0 ? window.Classes.Choices * (double)window.Mass[^1] / (double)total : 0;
        lock (_told)
        {
            return other >= MostOther && _told.Count < MostModels && _told.Add((window.Series.Model, window.Classes.SpaceId));
        }
    }
}
