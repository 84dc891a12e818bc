using System.Collections.Concurrent;

namespace DriftMonitor.Worker.State;

/// <summary>How many records of each model were read of late, and how many of them were rejected.</summary>
/// <remarks>
/// By the service's own time: the last <see cref="Minutes"/> minutes in which the model had records, none of them older than
/// <see cref="MaxAge"/>. Rows count as one record. Only models that are admitted are counted, so their number is bounded. Written by one
/// thread, which counts without a lock; read by any.
/// </remarks>
internal sealed class RecentRecords
{
    /// <summary>How many minutes with records are looked at.</summary>
    public const int Minutes = 5;

    /// <summary>What is older counts no longer.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<WatchedModel, OfModel> _models = new();
    private OfModel? _last;
    private long _minute;

    /// <summary>The models of whose records more than half were rejected.</summary>
    public IEnumerable<string> Rejected => _models
        .Where(model => !model.Key.Retired && model.Value.IsRejected(Volatile.Read(ref _minute)))
        .Select(model => model.Key.Name);

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
        foreach (var (model, counted) in _models.Where(model => model.Key.Retired || model.Value.IsOver(minute)))
        {
            _models.TryRemove(model, out _);
        }
    }

    /// <summary>Counts a record that was read, whatever becomes of it.</summary>
    /// <param name="model">Null where it is not known, here and below.</param>
    public void CountRead(WatchedModel? model) => Find(model)?.Count(_minute, rejected: false);

    /// <summary>Counts one of those as rejected.</summary>
    public void CountRejected(WatchedModel? model) => Find(model)?.Count(_minute, rejected: true);

    private OfModel? Find(WatchedModel? model)
    {
        if (model is not null && _last?.Model != model)
        {
            _last = _models.GetOrAdd(model, static model => new OfModel(model));
        }

        return model is null ? null : _last;
    }

    private sealed class OfModel(WatchedModel model)
    {
        private readonly Minute[] _minutes = new Minute[Minutes];
        private int _now;

        public WatchedModel Model => model;

        public void Count(long minute, bool rejected)
        {
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

        public bool IsRejected(long minute)
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

            return 2 * rejected > read;
        }

        private struct Minute
        {
            public long Number;
            public long Read;
            public long Rejected;
        }
    }
}
