using System.Collections.Concurrent;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>How many records of each model this replica read of late, and how many of them were rejected.</summary>
/// <remarks>
/// By the service's own time: the last <see cref="Minutes"/> minutes in which the model had records, none of them older than
/// <see cref="MaxAge"/>. A record counts once for each model that its rows name. Only models that are admitted are counted, so their
/// number is bounded. Written by one thread, which counts without a lock; read by any.
/// </remarks>
internal sealed class RecentRecords
{
    /// <summary>How many minutes with records are looked at.</summary>
    public const int Minutes = 5;

    /// <summary>What is older counts no longer. A batch that comes once an hour is late by a quarter of that at most.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(75);

    private readonly ConcurrentDictionary<WatchedModel, OfModel> _models = new();
    private OfModel? _last;
    private long _minute;
    private long _record;
    private volatile bool _readsAll;

    /// <summary>Whether this replica reads every partition of predictions: then it knows all records of each model.</summary>
    public bool ReadsAll
    {
        get => _readsAll;
        set => _readsAll = value;
    }

    /// <summary>The label sets {model,outcome}, one for both outcomes.</summary>
    public LabelSets LabelSets { get; } = new();

    /// <summary>The models of whose records more than half were rejected.</summary>
    public IEnumerable<string> Rejected => Counts.Where(model => model.Rejected > model.Accepted).Select(model => model.Model);

    /// <summary>What is known of each model.</summary>
    public IEnumerable<Shown> Counts => _models
        .Where(model => !model.Key.Retired)
        .Select(model => model.Value.Count(Volatile.Read(ref _minute)));

    /// <summary>Says what time it is, and forgets who has had no record for long. To be called every few seconds at least.</summary>
    public void Move(long nowMs)
    {
        var minute = nowMs / 60_000;
        if (minute == _minute)
        {
            return;
        }

        Volatile.Write(ref _minute, minute);
        _last = null;
        foreach (var (model, _) in _models.Where(model => model.Key.Retired || model.Value.IsOver(minute)))
        {
            _models.TryRemove(model, out _);
            LabelSets.Release();
        }
    }

    /// <summary>Says that what is counted from now on is of another record.</summary>
    public void Begin() => _record++;

    /// <summary>Counts the record as read, whatever becomes of it.</summary>
    /// <param name="model">That of one of its rows; null where it is not known, here and below.</param>
    public void CountRead(WatchedModel? model) => Find(model)?.Count(_minute, _record, rejected: false);

    /// <summary>Counts the record as rejected.</summary>
    public void CountRejected(WatchedModel? model) => Find(model)?.Count(_minute, _record, rejected: true);

    private OfModel? Find(WatchedModel? model)
    {
        if (model is not null && _last?.Model != model && !_models.TryGetValue(model, out _last))
        {
            _last = _models[model] = new OfModel(model, LabelSets.Issue());
        }

        return model is null ? null : _last;
    }

    /// <summary>How many records of a model were read of late, as exported.</summary>
    internal readonly record struct Shown(
        string Model, long Accepted, long Rejected, Tags AcceptedLabels, Tags RejectedLabels, long LabelNumber);

    private sealed class OfModel(WatchedModel model, long labelNumber)
    {
        private readonly Minute[] _minutes = new Minute[Minutes];
        private readonly Shown _none = new(
            model.Name, 0, 0, [new("model", model.Name), new("outcome", "accepted")],
            [new("model", model.Name), new("outcome", "rejected")], labelNumber);

        private int _now;
        private long _read;
        private long _rejected;

        public WatchedModel Model => model;

        public void Count(long minute, long record, bool rejected)
        {
            ref var last = ref rejected ? ref _rejected : ref _read;
            if (last == record)
            {
                return; // another row of the same
            }

            last = record;
            if (_minutes[_now].Number != minute)
            {
                lock (_minutes)
                {
                    _now = (_now + 1) % Minutes;
                    _minutes[_now] = new Minute { Number = minute };
                }
            }

            ref var count = ref rejected ? ref _minutes[_now].Rejected : ref _minutes[_now].Read;
            Volatile.Write(ref count, count + 1);
        }

        public bool IsOver(long minute) => minute - _minutes[_now].Number > MaxAge.TotalMinutes;

        public Shown Count(long minute)
        {
            var (read, rejected) = (0L, 0L);
            lock (_minutes)
            {
                foreach (ref var each in _minutes.AsSpan())
                {
                    if (minute - each.Number <= MaxAge.TotalMinutes)
                    {
                        read += Volatile.Read(ref each.Read);
                        rejected += Volatile.Read(ref each.Rejected);
                    }
                }
            }

            return _none with { Accepted = Math.Max(0, read - rejected), Rejected = rejected };
        }

        private struct Minute
        {
            public long Number;
            public long Read;
            public long Rejected;
        }
    }
}
