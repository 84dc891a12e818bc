using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The alarms that a group has said in its status topic and that somebody had to hear of, as a reader takes them in: of several statuses of
/// a model, that with the largest epoch and slide holds.
/// </summary>
internal sealed class AlarmsSaid
{
    private readonly Lock _reading = new();
    private readonly Dictionary<string, (long Epoch, long DecidedToMs)> _latest = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, long BeganMs), SaidAlarm> _alarms = [];

    /// <summary>Statuses that did not hold: zombies'.</summary>
    public int Fenced { get; private set; }

    /// <summary>Takes in the next record of the topic.</summary>
    public void Add(ConsumeResult<Ignore, byte[]> record)
    {
        var status = JsonNode.Parse(record.Message.Value)!;
        var (model, order) = ((string)status["model"]!, ((long)status["epoch"]!, (long)status["decided_to_ms"]!));
        lock (_reading)
        {
            if (_latest.TryGetValue(model, out var before) && order.CompareTo(before) < 0)
            {
                Fenced++;
                return;
            }

            _latest[model] = order;
            foreach (var alarm in status["alarms"]!.AsArray().Concat(status["ended"]!.AsArray()).Where(alarm => IsCompared(model, alarm!)))
            {
                var said = SaidAlarm.Of(model, alarm!);
                _alarms[(said.Name, said.BeganMs)] = said.With(_alarms.GetValueOrDefault((said.Name, said.BeganMs)));
            }
        }
    }

    /// <summary>All that were ever on, by name, the first to begin first.</summary>
    public ImmutableArray<SaidAlarm> All()
    {
        lock (_reading)
        {
            return [.. _alarms.Values.OrderBy(alarm => alarm.Name, StringComparer.Ordinal).ThenBy(alarm => alarm.BeganMs)];
        }
    }

    /// <remarks>A segment of the policy has seven events in the shortest window: whether it is above is chance at each slide.</remarks>
    private static bool IsCompared(string model, JsonNode alarm) =>
        (bool)alarm["pages"]! && (model != RandomTraffic.PolicyModel || (string)alarm["segment"]! == SeriesKey.All);

    public override string ToString() => string.Join("\n  ", All());
}
