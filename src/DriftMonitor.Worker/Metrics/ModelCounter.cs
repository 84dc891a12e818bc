using System.Collections.Concurrent;
using DriftMonitor.Worker.State;
using LongMeasurement = System.Diagnostics.Metrics.Measurement<long>;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.Metrics;

/// <summary>A counter that is kept by model where the model is known, and without that label for all others.</summary>
/// <remarks>
/// A model is known when it is admitted, so names that nothing admits make no series; those of a model that gave up its place are gone
/// with it. Thread-safe.
/// </remarks>
/// <param name="labels">The labels besides the model.</param>
/// <param name="labelSets">Numbers the label sets.</param>
/// <param name="maxModels">The most models that have a series of their own.</param>
internal sealed class ModelCounter(Tags labels, LabelSets labelSets, int maxModels)
{
    private readonly ConcurrentDictionary<WatchedModel, OfModel> _byModel = new();
    private readonly long _number = labelSets.Issue();
    private int _models;
    private long _total;
    private long _ofNoModel;

    public long Total => Volatile.Read(ref _total);

    /// <param name="model">Null where it is not known.</param>
    public void Add(WatchedModel? model, long events = 1)
    {
        Interlocked.Add(ref _total, events);
        Interlocked.Add(ref model is not null && Find(model) is { } known ? ref known.Events : ref _ofNoModel, events);
    }

    /// <summary>What may be shown of it now.</summary>
    public IEnumerable<LongMeasurement> Points()
    {
        if (labelSets.Shows(_number))
        {
            yield return new LongMeasurement(Volatile.Read(ref _ofNoModel), labels);
        }

        foreach (var (model, counted) in _byModel)
        {
            if (!model.Retired)
            {
                if (labelSets.Shows(counted.Number))
                {
                    yield return new LongMeasurement(Volatile.Read(ref counted.Events), counted.Labels);
                }
            }
            else if (_byModel.TryRemove(model, out _))
            {
                Interlocked.Decrement(ref _models);
                labelSets.Release();
            }
        }
    }

    private OfModel? Find(WatchedModel model)
    {
        if (_byModel.TryGetValue(model, out var known))
        {
            return known;
        }

        if (model.Retired || Interlocked.Increment(ref _models) > maxModels)
        {
            Interlocked.Decrement(ref _models);
            return null;
        }

        var added = new OfModel([new("model", model.Name), .. labels], labelSets.Issue());
        return _byModel.TryAdd(model, added) ? added : _byModel.GetValueOrDefault(model);
    }

    private sealed class OfModel(Tags labels, long number)
    {
        public long Events;

        public Tags Labels => labels;

        public long Number => number;
    }
}
