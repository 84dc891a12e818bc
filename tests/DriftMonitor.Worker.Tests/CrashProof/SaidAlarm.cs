using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>An alarm as statuses say it.</summary>
/// <param name="Name">Of what it is: two alarms of a name are two incidents.</param>
/// <param name="BeganMs">When it began.</param>
/// <param name="Begins">What may not change while it is on, whoever owns its model: one where nothing did.</param>
/// <param name="EndedMs">When it was said to have ended: more than one time where that was taken back.</param>
internal sealed record SaidAlarm(string Name, long BeganMs, ImmutableHashSet<SaidBegin> Begins, ImmutableHashSet<long> EndedMs)
{
    public static SaidAlarm Of(string model, JsonNode alarm)
    {
        var begin = new SaidBegin(
            (long?)alarm["onset_ms"], $"{alarm["window"]} {alarm["measure"]} {alarm["value"]}", $"{alarm["summary"]}",
            $"{alarm["threshold"]} of {alarm["reference_id"]}");
        return new(
            $"{model}/{alarm["segment"]} {alarm["kind"]} {alarm["severity"]} {alarm["basis"]}", (long)alarm["began_ms"]!,
            alarm["ended_ms"] is null && alarm["summary"] is not null ? [begin] : [], // its words are said a moment later
            (long?)alarm["ended_ms"] is { } endedMs ? [endedMs] : []);
    }

    public SaidAlarm With(SaidAlarm? other) =>
        other is null ? this : this with { Begins = Begins.Union(other.Begins), EndedMs = EndedMs.Union(other.EndedMs) };

    public override string ToString() => $"{Name} began {BeganMs}, {string.Join(" / ", Begins)}, ended {string.Join(" / ", EndedMs)}";
}
