using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using DoubleMeasurement = System.Diagnostics.Metrics.Measurement<double>;

namespace DriftMonitor.Worker.Metrics;

/// <summary>
/// The instruments of models as a whole: their states, what is worth an alarm, their owners, tests of their alarms. Thread-safe.
/// </summary>
internal sealed class ModelMetrics
{
    private static readonly KeyValuePair<string, object?>[] States =
        [.. Enum.GetNames<ModelState>().Select(state => Instruments.Label("state", state))];

    private static readonly (AlarmKind Kind, KeyValuePair<string, object?> Label)[] Kinds =
        [.. Enum.GetValues<AlarmKind>().Select(kind => (kind, Instruments.Label("kind", kind.ToString())))];

    private readonly ModelStates _states;

    public ModelMetrics(
        Instruments instruments, MonitorState state, ThresholdsInForce thresholds,
        ImmutableSortedDictionary<string, ModelOwner> owners, TimeProvider time)
    {
        var (states, tests) = (state.Models, state.Tests);
        _states = states;
        instruments.Gauge(
            "model_state", null, "1 for the state that a model is in, 0 for all others.", states.LabelSets,
            () => states.Showing.SelectMany(OfStates), States.Length);
        instruments.Gauge(
            "model_recent_records", null,
            "Records of the model that this replica read recently, by outcome (accepted or rejected): those of the last five clock "
            + "minutes in which the model had any record. These minutes need not be consecutive; none is more than 75 minutes ago.",
            states.Records.LabelSets, () => states.Records.Counts
                .Where(model => states.Records.LabelSets.Shows(model.LabelNumber))
                .SelectMany(OfOutcomes), 2);
        instruments.Gauge(
            "model_silence_limit_seconds", "s",
            "Longest time that a model may have no events: 1.25 times the longest gap in its reference, at least Alarms:SilentAfter.",
            states.LabelSets, () => states.Showing.Select(model => new DoubleMeasurement(model.SilenceLimit.TotalSeconds, model.Labels)));
        instruments.Gauge(
            "smallest_effect", null,
            "Smallest effect that can raise an alarm, however certain it is (Alarms:SmallestEffect): in nats; for accuracy, a share.",
            states.LabelSets,
            () => from model in states.Showing
                  where model.State != ModelState.Retired
                  let least = thresholds.SmallestEffect(model.Model)
                  from kind in Kinds
                  select new DoubleMeasurement(least.Of(kind.Kind), [kind.Label, .. model.Labels]),
            Kinds.Length);
        instruments.Gauge(
            "last_event_timestamp_seconds", "s",
            "Event time of the model's latest event; absent once the model's state is `retired`.",
            states.LabelSets,
            () => states.Showing
                .Where(model => model is { LatestEventMs: not null, State: not ModelState.Retired })
                .Select(model => new DoubleMeasurement(model.LatestEventMs!.Value / 1000.0, model.Labels)));
        DoubleMeasurement[] infos = [.. owners.Select(owner => new DoubleMeasurement(1, Labels(owner.Key, owner.Value)))];
        var ofOwners = new LabelSets();
        ofOwners.Issue(infos.Length);
        instruments.Gauge(
            "model_info", null,
            "1 for each model with at least one of the settings Models:N:Owner, Team, Runbook, QuietHours and MaxSeverity.",
            ofOwners, () => infos);
        instruments.Gauge(
            "alarm_test", null,
            "1 while a test alarm of the model is on, started by the command `driftmonitor alarm test`; it is no sign of a fault.",
            tests.LabelSets,
            () => tests.Showing(time.GetUtcNow().ToUnixTimeMilliseconds()).Select(labels => new DoubleMeasurement(1, labels)));
    }

    /// <summary>Decides the states by what is known now.</summary>
    public void Refresh() => _states.Refresh();

    private static IEnumerable<DoubleMeasurement> OfOutcomes(RecentRecords.Shown model) =>
        [new(model.Accepted, model.AcceptedLabels), new(model.Rejected, model.RejectedLabels)];

    private static KeyValuePair<string, object?>[] Labels(string model, ModelOwner owner) =>
    [
        Instruments.Label("max_severity", owner.MaxSeverity.ToString()),
        new("model", model),
        new("owner", owner.Owner),
        new("quiet_hours", owner.QuietHours),
        new("runbook", owner.Runbook),
        new("team", owner.Team),
    ];

    /// <summary>Labels are made anew for each scrape, as those of thresholds.</summary>
    private static IEnumerable<DoubleMeasurement> OfStates(ModelStates.Shown model) =>
        States.Select((state, i) => new DoubleMeasurement(i == (int)model.State ? 1 : 0, [.. model.Labels, state]));
}
