namespace DriftMonitor.Join;

/// <summary>What became of labels since the last commit, reported when durable: what is read again after a failure counts once.</summary>
/// <remarks>A label that was read to rebuild a store was reported before; only how many there were is.</remarks>
internal sealed class LabelOutcomes(
    Action<string?, UnmatchedReason, long>? onUnmatched, Action<long>? onMatched, Action<long>? onRebuilt)
{
    private readonly Dictionary<(string? Model, UnmatchedReason Reason), long> _unmatched = [];
    private readonly List<long> _delaysMs = [];
    private long _rebuilt;

    public void AddRebuilt() => _rebuilt++;

    /// <summary>Counts a label, of a model or, null, of any.</summary>
    public void AddUnmatched(string? model, UnmatchedReason reason, bool rebuilt) => AddUnmatched(model, reason, rebuilt ? 0 : 1);

    public void AddUnmatched(string? model, UnmatchedReason reason, long labels)
    {
        if (labels > 0)
        {
            _unmatched[(model, reason)] = _unmatched.GetValueOrDefault((model, reason)) + labels;
        }
    }

    public void AddMatched(long delayMs, bool rebuilt)
    {
        if (!rebuilt)
        {
            _delaysMs.Add(delayMs);
        }
    }

    public void Report()
    {
        foreach (var ((model, reason), count) in _unmatched)
        {
            onUnmatched?.Invoke(model, reason, count);
        }

        _delaysMs.ForEach(delayMs => onMatched?.Invoke(delayMs));
        if (_rebuilt > 0)
        {
            onRebuilt?.Invoke(_rebuilt);
        }

        _unmatched.Clear();
        _delaysMs.Clear();
        _rebuilt = 0;
    }
}
