using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Join;

/// <summary>Counts labels that count in no window, and logs what to do about those of a model as a whole, once an hour each.</summary>
internal sealed class UnmatchedLabels(FeedbackMetrics metrics, TimeProvider time, ILogger log)
{
    private const int MostModels = 1_000;

    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly Dictionary<(string Model, UnmatchedReason Reason), DateTimeOffset> _logged = [];

    /// <param name="model">Their model, where the reason is what its predictions are; else null.</param>
    /// <param name="reason">Why they do not count.</param>
    /// <param name="labels">How many.</param>
    public void Count(string? model, UnmatchedReason reason, long labels)
    {
        metrics.CountUnmatched(model, reason, labels);
        if (model is null || UnmatchedRemedies.Of(reason) is not { } remedy)
        {
            return;
        }

        var (key, now) = ((model, reason), time.GetUtcNow());
        if (_logged.TryGetValue(key, out var before) ? now - before >= Silence : _logged.Count < MostModels)
        {
            _logged[key] = now;
            log.LabelsUnmatched(labels, DisplayText.Of(model), SnakeCaseName.Of(reason), remedy);
        }
    }
}
