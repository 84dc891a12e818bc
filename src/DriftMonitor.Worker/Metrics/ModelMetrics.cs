using DriftMonitor.Worker.State;
using DoubleMeasurement = System.Diagnostics.Metrics.Measurement<double>;

namespace DriftMonitor.Worker.Metrics;

/// <summary>The instruments of models as a whole: their states, and what is worth an alarm. Thread-safe.</summary>
internal sealed class ModelMetrics
{
    private static readonly KeyValuePair<string, object?>[] States =
        [.. Enum.GetNames<ModelState>().Select(state => Instruments.Label("state", state))];

    private static readonly (AlarmKind Kind, KeyValuePair<string, object?> Label)[] Kinds =
        [.. Enum.GetValues<AlarmKind>().Select(kind => (kind, Instruments.Label("kind", kind.ToString())))];

    private readonly ModelStates _states;

    public ModelMetrics(Instruments instruments, ModelStates states, ThresholdsInForce thresholds)
    {
        _states = states;
        instruments.Gauge(
            "model_state", null, "1 for the state that a model is in, 0 for all others.", states.LabelSets,
            () => states.Showing.SelectMany(OfStates), States.Length);
        instruments.Gauge(
            "model_recent_records", null,
            "Records of the model that this replica read of late, in the last five minutes that had any: accepted or rejected.",
            states.Records.LabelSets, () => states.Records.Counts
                .Where(model => states.Records.LabelSets.Shows(model.LabelNumber))
                .SelectMany(OfOutcomes), 2);
        instruments.Gauge(
            "model_silence_limit_seconds", "s",
            "How long a model may have no event: a quarter longer than its reference ever had none, at least Alarms:SilentAfter.",
            states.LabelSets, () => states.Showing.Select(model => new DoubleMeasurement(model.SilenceLimit.TotalSeconds, model.Labels)));
        instruments.Gauge(
            "smallest_effect", null,
            "The least that is worth an alarm, whatever is certain (Alarms:SmallestEffect): nats, of accuracy a share.", states.LabelSets,
            () => from model in states.Showing
                  where model.State != ModelState.Retired
                  let least = thresholds.SmallestEffect(model.Model)
                  from kind in Kinds
                  select new DoubleMeasurement(least.Of(kind.Kind), [kind.Label, .. model.Labels]),
            Kinds.Length);
        instruments.Gauge(
            "last_event_timestamp_seconds", "s", "Event time of the model's latest event, while it is watched or missed.", states.LabelSets,
            () => states.Showing
                .Where(model => model is { LatestEventMs: not null, State: not ModelState.Retired })
                .Select(model => new DoubleMeasurement(model.LatestEventMs!.Value / 1000.0, model.Labels)));
    }

    /// <summary>Decides the states by what is known now.</summary>
    public void Refresh() => _states.Refresh();

    private static IEnumerable<DoubleMeasurement> OfOutcomes(RecentRecords.Shown model) =>
        [new(model.Accepted, model.AcceptedLabels), new(model.Rejected, model.RejectedLabels)];

    /// <summary>Labels are made anew for each scrape, as those of thresholds.</summary>
    private static IEnumerable<DoubleMeasurement> OfStates(ModelStates.Shown model) =>
        States.Select((state, i) => new DoubleMeasurement(i == (int)model.State ? 1 : 0, [.. model.Labels, state]));
}
