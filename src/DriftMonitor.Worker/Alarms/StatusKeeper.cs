using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;

namespace DriftMonitor.Worker.Alarms;

/// <summary>
/// Says what there is to say of each model that this replica owns, in the status topic: when it changes and at least every half minute.
/// Goes on from what its predecessor said. Used by the one thread of stage 2.
/// </summary>
/// <remarks>
/// A replica that has lost a partition and does not know yet has a smaller epoch than its successor, so what it writes does not hold. What
/// a successor decides once more, since the slide up to which it was decided, is as it was: nothing of it is told again.
/// </remarks>
internal sealed class StatusKeeper(
    MonitorSettings settings, AlarmDesk desk, ModelStates states, Calibrations calibrations, UsedReferences references, StatusReader reader,
    StatusPublisher publisher, ReplicaAddress address, TimeProvider time, ILogger<StatusKeeper> log)
{
    private static readonly TimeSpan MostFlushing = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, long> _epochs = [];
    private readonly Dictionary<int, IReadOnlyCollection<ModelStatus>> _opened = []; // whose windows have not been seen yet
    private readonly Dictionary<string, Said> _said = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private long _decidedToMs;

    /// <summary>The partition of a model's status, and of its panes.</summary>
    public int PartitionOf(string model) => publisher.PartitionOf(model);

    /// <summary>Takes partitions over, one after the other: what alarms their models had on is on from now on.</summary>
    /// <returns>
    /// Of each the end of the last slide that was decided of all its models; null when nothing is known, and alarms begin anew.
    /// </returns>
    public IEnumerable<long?> Open(IReadOnlyList<Partition> partitions, Action onProgress, CancellationToken stop)
    {
        foreach (var (partition, past) in partitions.Zip(reader.Read(partitions, onProgress, stop)))
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            _epochs[partition.Value] = past.NextEpoch(nowMs);
            _opened[partition.Value] = [.. past.Current(nowMs)];
            var lost = past.All.Count - past.Current(nowMs).Count(Restore) + past.Unreadable;
            if (lost > 0)
            {
                log.StatusesUnreadable(settings.StatusTopic, partition.Value, lost);
            }

            yield return past.DecidedToMs(nowMs);
        }
    }

    /// <summary>Says that nothing is known of a partition whose windows are.</summary>
    public void NoteLost(Partition partition) => log.StatusesMissing(settings.StatusTopic, partition.Value);

    /// <summary>Says what has changed of the models of partitions, and what was last said half a minute ago.</summary>
    /// <param name="partitions">Those whose windows are restored.</param>
    /// <param name="decidedToMs">The end of the slide up to which their alarms are decided.</param>
    public void Write(IReadOnlySet<int> partitions, long decidedToMs)
    {
        foreach (var opened in partitions)
        {
            if (_opened.Remove(opened, out var past))
            {
                desk.ForgetAbsent(model => PartitionOf(model) == opened);
                foreach (var left in past.Where(status => status.LatestEventMs is not null))
                {
                    desk.NoteLeft(left.Model, left.LatestEventMs!.Value);
                }
            }
        }

        Write(partitions, decidedToMs, saidBeforeMs: time.GetUtcNow().ToUnixTimeMilliseconds() - ModelStatus.RepeatMs);
    }

    /// <summary>Tells successors all there is of partitions that are given away.</summary>
    /// <param name="partitions">Those whose windows have come to where the others are.</param>
    /// <param name="decidedToMs">As of <see cref="Write(IReadOnlySet{int}, long)"/>.</param>
    public void Leave(IReadOnlySet<int> partitions, long decidedToMs)
    {
        if (partitions.Count > 0)
        {
            Write(partitions, decidedToMs, saidBeforeMs: long.MaxValue);
            publisher.Flush(MostFlushing);
        }
    }

    /// <summary>Forgets what was said of the models of partitions that are another replica's.</summary>
    public void Forget(IReadOnlySet<int> partitions)
    {
        foreach (var partition in partitions)
        {
            _epochs.Remove(partition);
            _opened.Remove(partition);
        }

        foreach (var model in _said.Keys.Where(model => partitions.Contains(PartitionOf(model))))
        {
            _said.Remove(model);
        }
    }

    /// <exception cref="KafkaException">A fatal error: the client cannot go on.</exception>
    public void ThrowIfFatal() => publisher.ThrowIfFatal();

    private void Write(IReadOnlySet<int> partitions, long decidedToMs, long saidBeforeMs)
    {
        _decidedToMs = Math.Max(_decidedToMs, decidedToMs); // a clock that goes back would undo what was said
        foreach (var model in states.All)
        {
            var said = _said.GetValueOrDefault(model.Model) ?? new Said(PartitionOf(model.Model));
            if (!partitions.Contains(said.Partition) || !_epochs.TryGetValue(said.Partition, out var epoch))
            {
                continue;
            }

            var reference = calibrations.Of(model.Model)?.Reference is { } used ? new StatusReference(used.Id, used.Version) : null;
            var now = said with
            {
                Changes = desk.Changes(model.Model),
                State = model.State,
                Reference = reference,
                ReferenceChange = references.LastChange(model.Model),
            };
            if ((now == said && said.AtMs > saidBeforeMs) || (saidBeforeMs < long.MaxValue && publisher.IsUnderWay(model.Model)))
            {
                continue; // what waits for the brokers must not grow, while they cannot be reached
            }

            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            _said[model.Model] = now with { AtMs = nowMs };
            var status = new ModelStatus(
                ModelStatus.CurrentVersion, model.Model, epoch, _decidedToMs, nowMs, address.Owner, model.State, model.SinceMs,
                model.LatestEventMs, reference, [], [], [], default, now.ReferenceChange);
            publisher.Publish(said.Partition, desk.Describe(status), error => NoteWritten(model.Model, error));
        }

        var retired = _said.Keys.Except(states.All.Select(model => model.Model), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (retired.Count > 0)
        {
            foreach (var model in retired)
            {
                _said.Remove(model);
            }

            desk.Forget(retired.Contains); // names may be without end
        }
    }

    private void NoteWritten(string model, Error error)
    {
        lock (_failed)
        {
            if (!error.IsError)
            {
                _failed.Remove(model);
            }
            else if (_failed.Add(model))
            {
                log.StatusUnwritten(DisplayText.Of(model), settings.StatusTopic, error.Reason);
            }
        }
    }

    private bool Restore(ModelStatus status)
    {
        try
        {
            return desk.Restore(status);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What was said of a model, and when.</summary>
    private sealed record Said(int Partition)
    {
        public long Changes { get; init; } = -1;

        public ModelState State { get; init; }

        public StatusReference? Reference { get; init; }

        public ReferenceChange? ReferenceChange { get; init; }

        public long AtMs { get; init; }
    }
}
