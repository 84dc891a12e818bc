namespace DriftMonitor.Worker.Status;

/// <summary>What is in a partition of the status topic: of each model the status that holds.</summary>
internal sealed class PastStatuses
{
    private readonly Dictionary<string, ModelStatus> _statuses = new(StringComparer.Ordinal);

    /// <summary>The statuses that hold, one a model.</summary>
    public IReadOnlyCollection<ModelStatus> All => _statuses.Values;

    /// <summary>How many records cannot be read, as those of a newer version.</summary>
    public int Unreadable { get; private set; }

    /// <summary>An epoch larger than any before it, also than those of a topic that was lost: at least the time.</summary>
    public long NextEpoch(long nowMs) => Math.Max(nowMs, 1 + All.Max(status => (long?)status.Epoch) ?? 0);

    /// <summary>Takes a record in; null says nothing.</summary>
    public void Add(byte[]? value)
    {
        if (value is null)
        {
            return;
        }

        try
        {
            var status = ModelStatus.Of(value);
            if (!_statuses.TryGetValue(status.Model, out var known) || status.Supersedes(known))
            {
                _statuses[status.Model] = status;
            }
        }
        catch (JsonException)
        {
            Unreadable++;
        }
    }
}
