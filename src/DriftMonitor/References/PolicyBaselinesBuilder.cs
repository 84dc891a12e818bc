using System.Collections.Frozen;

namespace DriftMonitor.References;

/// <summary>Builds the baseline of each <see cref="PolicyEstimate"/> from a model's predictions. Used by one thread.</summary>
/// <param name="blockMs">How long a block is, milliseconds, unless there are too many.</param>
public sealed class PolicyBaselinesBuilder(long blockMs = ReferenceBuilder.DefaultBlockMs)
{
    private readonly SortedDictionary<PolicyEstimate, ValueBaselineBuilder> _estimates = [];

    /// <summary>Adds what a prediction says of two policies, if it does.</summary>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Paired is { } paired)
        {
            Add(PolicyEstimate.ExactLiveVsReference, record.EventTimeMs, paired.LiveVsReference);
            Add(PolicyEstimate.ExactReferenceVsLive, record.EventTimeMs, paired.ReferenceVsLive);
        }

        if (record.Sampled is { } sampled)
        {
            Add(PolicyEstimate.K1, record.EventTimeMs, sampled.K1);
            Add(PolicyEstimate.K2, record.EventTimeMs, sampled.K2);
            Add(PolicyEstimate.K3, record.EventTimeMs, sampled.K3);
        }
    }

    /// <summary>The baselines of the estimates that there were.</summary>
    public FrozenDictionary<PolicyEstimate, ValueBaseline> Build() =>
        _estimates.ToFrozenDictionary(estimate => estimate.Key, estimate => estimate.Value.Build());

    private void Add(PolicyEstimate estimate, long timeMs, double nats)
    {
        if (!_estimates.TryGetValue(estimate, out var values))
        {
            _estimates[estimate] = values = new ValueBaselineBuilder(blockMs);
        }

        values.Add(timeMs, FixedPoint.FromNats(nats));
    }
}
