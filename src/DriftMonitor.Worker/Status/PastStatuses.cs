using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Status;

/// <summary>What is in a partition of the status topic: of each model the status that holds.</summary>
/// <param name="keepsDecided">Whether what only a successor reads is kept.</param>
internal sealed class PastStatuses(bool keepsDecided = true)
{
    private const long MostAheadMs = 60_000;

    private readonly Dictionary<string, ModelStatus> _statuses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private int _nameless;
    private long _largestEpoch;

    /// <summary>The statuses that hold, one a model.</summary>
    public IReadOnlyCollection<ModelStatus> All => _statuses.Values;

    /// <summary>Those that can be gone on from: what a replica has decided whose clock was ahead, nobody would decide until then.</summary>
    public IEnumerable<ModelStatus> Current(long nowMs) => All.Where(status => status.DecidedToMs <= nowMs + MostAheadMs);

    /// <summary>
    /// The end of the last slide that was decided of every model; null when nothing is known. Each is said every half minute: what is much
    /// older is of a model that is gone.
    /// </summary>
    public long? DecidedToMs(long nowMs)
    {
        var latestMs = Current(nowMs).Max(status => (long?)status.DecidedToMs);
        return Current(nowMs).Where(status => status.DecidedToMs >= latestMs - (2 * ModelStatus.RepeatMs))
            .Min(status => (long?)status.DecidedToMs);
    }

    /// <summary>Of how many models the last record cannot be read, as one of a newer version.</summary>
    public int Unreadable => _unreadable.Count + _nameless;

    /// <summary>An epoch larger than any before it, also than those of a topic that was lost: at least the time.</summary>
    public long NextEpoch(long nowMs) => Math.Max(nowMs, _largestEpoch + 1);

    /// <summary>Takes a record in; null says nothing.</summary>
    public void Add(byte[]? value)
    {
        if (value is null)
        {
            return;
        }

        try
        {
            var read = ModelStatus.Of(value);
            var status = keepsDecided ? read : read with { Decided = default, Reported = [] };
            _unreadable.Remove(status.Model);
            _largestEpoch = Math.Max(_largestEpoch, status.Epoch);
            if (!_statuses.TryGetValue(status.Model, out var known) || status.Supersedes(known))
            {
                _statuses[status.Model] = status;
            }
        }
        catch (JsonException)
        {
            if (NameIn(value) is { } model)
            {
                _unreadable.Add(model);
                _statuses.Remove(model); // it was superseded
            }
            else
            {
                _nameless++;
            }
        }
    }

    /// <summary>Forgets what was last written of models before some time: whoever shows what is, not whoever goes on from it.</summary>
    public void Forget(long writtenBeforeMs)
    {
        foreach (var status in _statuses.Values.Where(status => status.WrittenMs < writtenBeforeMs).ToArray())
        {
            _statuses.Remove(status.Model);
        }
    }

    private static string? NameIn(byte[] value)
    {
        try
        {
            return (string?)JsonNode.Parse(value)?["model"];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
