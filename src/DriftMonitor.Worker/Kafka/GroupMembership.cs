using Confluent.Kafka;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>
/// Whether a consumer is in its group, and what it waits for while it is not. A member that is assigned nothing is in its group.
/// </summary>
/// <remarks>
/// <para>
/// Rebalance handlers tell at once what they are called for. They are not called for a member without partitions: neither when its session
/// is lost, nor, with <c>group.protocol=consumer</c>, when it has joined. librdkafka's statistics tell that, some seconds later (<see
/// cref="StatisticsIntervalMs"/>): the state of the connection to the group's coordinator, and with the classic protocol how far joining
/// has come. A member with partitions keeps them and reads on while its coordinator is gone, until its session is over, of which a handler
/// tells. A member that takes part in a rebalance is one still; it has another id, or none, when it has to join anew. With KIP-848 a
/// member has joined with its first heartbeat, and an error in answer to that is fatal.
/// </para>
/// <para>Told on the consumer's thread; may be asked on any.</para>
/// </remarks>
internal sealed class GroupMembership
{
    /// <summary>How often librdkafka tells: 128 kB of JSON each time in a large cluster, so not often.</summary>
    public const int StatisticsIntervalMs = 5_000;

    private const string Coordinator = "the group's coordinator";
    private const string Assignment = "the coordinator to assign partitions";

    private readonly KafkaClient _client;
    private readonly KafkaMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string _group;
    private readonly bool _isClassic;
    private readonly ILogger _log;
    private volatile Wait? _wait;
    private string? _joinedAs;

    public GroupMembership(ConsumerConfig config, KafkaClient client, KafkaMetrics metrics, TimeProvider time, ILogger log)
    {
        (_client, _metrics, _time, _log) = (client, metrics, time, log);
        (_group, _isClassic) = (config.GroupId, config.GroupProtocol != GroupProtocol.Consumer);
        _wait = new Wait(Coordinator, time.GetTimestamp());
        metrics.SetGroupMember(client, false);
    }

    public bool IsMember => _wait is null;

    /// <summary>What is waited for, since when and in which group; null for a member.</summary>
    public string? Missing => _wait is { } wait
        ? FormattableString.Invariant(
            $"consumer group {_group}: waiting for {wait.What} for {_time.GetElapsedTime(wait.Since).TotalSeconds:0} s")
        : null;

    /// <summary>The group has said what this member owns, if only that it owns nothing.</summary>
    /// <param name="memberId">Which member this is.</param>
    public void Join(string memberId)
    {
        _joinedAs = memberId;
        if (_wait is not null)
        {
            _wait = null;
            _metrics.SetGroupMember(_client, true);
            _log.GroupJoined(_group);
        }
    }

    /// <summary>The group has gone on without this member.</summary>
    public void NoteRemoval()
    {
        _joinedAs = null;
        WaitFor(Assignment);
    }

    /// <param name="statistics">librdkafka's, as JSON.</param>
    /// <param name="memberId">Which member this is now, empty for none.</param>
    public void Observe(string statistics, string memberId)
    {
        using var document = JsonDocument.Parse(statistics);
        if (!document.RootElement.TryGetProperty("cgrp", out var group))
        {
            return; // not begun yet
        }

        var isJoining = group.GetProperty("join_state").GetString() is "init" or "wait-metadata" or "wait-join" or "wait-sync";
        var holdsNothing = group.GetProperty("assignment_size").GetInt32() == 0;
        if (holdsNothing && group.GetProperty("state").GetString() != "up")
        {
            WaitFor(Coordinator);
        }
        else if (holdsNothing && _isClassic && isJoining && memberId != _joinedAs)
        {
            WaitFor(Assignment);
        }
        else
        {
            Join(memberId);
        }
    }

    private void WaitFor(string what)
    {
        var since = _wait?.Since;
        _wait = new Wait(what, since ?? _time.GetTimestamp());
        if (since is null)
        {
            _metrics.SetGroupMember(_client, false);
            _log.GroupWaits(_group, what);
        }
    }

    private sealed record Wait(string What, long Since);
}
