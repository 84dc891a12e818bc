using System.Net;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>A replica that owns nothing is in its group, or it is not: <c>/health/ready</c> and the metrics tell which.</summary>
public sealed class GroupMembershipTests
{
    [Theory]
    [InlineData("classic", "up", "steady", 1, null)]
    [InlineData("classic", "up", "steady", 0, null)] // more replicas than partitions
    [InlineData("classic", "up", "wait-join", 1, null)] // a cooperative rebalance: it keeps what it has
    [InlineData("classic", "up", "wait-join", 0, "the coordinator to assign partitions")]
    [InlineData("classic", "up", "init", 0, "the coordinator to assign partitions")]
    // the coordinator restarts: partitions are read on until the session ends
    [InlineData("classic", "wait-broker-transport", "steady", 1, null)]
    [InlineData("consumer", "wait-broker-transport", "steady", 1, null)]
    [InlineData("classic", "wait-broker-transport", "steady", 0, "the group's coordinator")]
    [InlineData("classic", "query-coord", "init", 0, "the group's coordinator")]
    [InlineData("consumer", "up", "steady", 1, null)]
    [InlineData("consumer", "up", "init", 0, null)] // what librdkafka calls a member that is assigned nothing
    [InlineData("consumer", "query-coord", "init", 0, "the group's coordinator")]
    public async Task What_the_statistics_say(string protocol, string state, string joining, int assigned, string? waitingFor)
    {
        await using var monitor = await ScrapedMonitor.Start();
        var group = Membership(monitor, protocol);

        group.Observe(
            $$$"""{"topics":{"cgrp":{}},"cgrp":{"state":"{{{state}}}","join_state":"{{{joining}}}","assignment_size":{{{assigned}}}}}""",
            "id");
        monitor.Time.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal(waitingFor is null, group.IsMember);
        Assert.Equal(waitingFor is null ? null : $"consumer group g: waiting for {waitingFor} for 12 s", group.Missing);
        Assert.Equal(waitingFor is null ? 1 : 0, (await monitor.Scrape()).Value("""group_member{client="panes"}"""));
    }

    [Fact]
    public async Task It_is_no_member_before_it_has_joined_nor_after_it_lost_its_partitions_and_the_wait_is_that_since_it_was_one()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var group = Membership(monitor, "classic");
        Assert.False(group.IsMember);
        group.Join("id");
        Assert.True(group.IsMember);

        group.NoteRemoval();
        monitor.Time.Advance(TimeSpan.FromSeconds(2));
        group.Observe("""{"cgrp":{"state":"query-coord","join_state":"init","assignment_size":0}}""", "");
        monitor.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("consumer group g: waiting for the group's coordinator for 5 s", group.Missing);
        group.Join("another");
        Assert.Null(group.Missing);
    }

    [Theory]
    [InlineData("id", true)] // the group shares its partitions out anew
    [InlineData("", false)] // the session is over
    [InlineData("another", false)] // and it has asked to be let in again
    public async Task A_member_without_partitions_stays_one_through_a_rebalance_and_not_when_it_must_join_anew(
        string memberId, bool isMember)
    {
        await using var monitor = await ScrapedMonitor.Start();
        var group = Membership(monitor, "classic");
        group.Join("id");

        group.Observe("""{"cgrp":{"state":"up","join_state":"wait-join","assignment_size":0}}""", memberId);

        Assert.Equal(isMember, group.IsMember);
    }

    /// <summary>librdkafka calls no handler of a member that joins a KIP-848 group and is assigned nothing.</summary>
    [Theory]
    [InlineData("consumer")]
    [InlineData("classic")]
    public async Task A_replica_that_is_assigned_nothing_is_ready(string protocol)
    {
        using var broker = Broker(brokers: 1);
        await using var first = await StartAsync(broker, protocol);
        await first.UntilAsync("ready", () => IsAsync(first, HttpStatusCode.OK, "\"ready: predictions joined\":\"Healthy\""));
        await using var second = await StartAsync(broker, protocol);

        await second.UntilAsync("ready", () => IsAsync(second, HttpStatusCode.OK, "\"ready: panes joined\":\"Healthy\""));

        Assert.Equal(1, await second.ValueAsync("driftmonitor_group_member", "client=\"predictions\""));
        // told with the loop's next round
        await second.UntilAsync("restored", async () => await second.ValueAsync("driftmonitor_state_restored") == 1);
    }

    /// <summary>Only the coordinator is down, so partitions are read on by whoever has some.</summary>
    [Theory]
    [InlineData("consumer")]
    [InlineData("classic")]
    public async Task A_replica_without_partitions_or_session_whose_coordinator_is_gone_is_not_ready_and_says_why_until_it_is_back(
        string protocol)
    {
        using var broker = Broker(brokers: 2);
        broker.SetCoordinator("driftmonitor", 2);
        broker.SetCoordinator("driftmonitor-panes", 1);
        await using var monitor = await StartAsync(broker, protocol);
        await monitor.UntilAsync("ready", () => IsAsync(monitor, HttpStatusCode.OK, "\"ready: predictions joined\":\"Healthy\""));

        await using var empty = await StartAsync(broker, protocol);
        await empty.UntilAsync("ready", () => IsAsync(empty, HttpStatusCode.OK, "\"ready: predictions joined\":\"Healthy\""));

        broker.SetBrokerDown(2);
        var waiting = protocol == "classic" ? 2 : 1; // with KIP-848 the coordinator tells whose session is over, once it is back
        await empty.UntilAsync("not ready", async () => await WaitsAsync(monitor) + await WaitsAsync(empty) == waiting);

        broker.SetBrokerUp(2);
        await monitor.UntilAsync("ready again", () => IsAsync(monitor, HttpStatusCode.OK, "\"ready: predictions joined\":\"Healthy\""));
        await empty.UntilAsync("ready again", () => IsAsync(empty, HttpStatusCode.OK, "\"ready: predictions joined\":\"Healthy\""));

        static async Task<int> WaitsAsync(RunningMonitor replica)
        {
            const string why =
                "\"ready: predictions joined\":\"consumer group driftmonitor: waiting for the group\\u0027s coordinator for 0 s\"";
            return await replica.ValueAsync("driftmonitor_group_member", "client=\"predictions\"") == 0
                && await IsAsync(replica, HttpStatusCode.ServiceUnavailable, why)
                && await IsAsync(replica, HttpStatusCode.ServiceUnavailable, "\"ready: panes joined\":\"Healthy\"") ? 1 : 0;
        }
    }

    private static GroupMembership Membership(ScrapedMonitor monitor, string protocol)
    {
        var config = new ConsumerConfig { GroupId = "g" };
        config.Set("group.protocol", protocol);
        return new GroupMembership(config, KafkaClient.Panes, monitor.Metrics.Kafka, monitor.Time, new LogLines());
    }

    private static EmbeddedBroker Broker(int brokers)
    {
        var broker = EmbeddedBroker.Start(brokers);
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        return broker;
    }

    private static Task<RunningMonitor> StartAsync(EmbeddedBroker broker, string protocol)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = broker.BootstrapServers,
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:group.protocol"] = protocol,
            ["Kafka:Client:reconnect.backoff.max.ms"] = "100",
            ["Windows:Spans"] = "5m/1m",
        };
        if (protocol == "classic")
        {
            settings["Kafka:Client:session.timeout.ms"] = "3000"; // a rebalance of the embedded broker takes a second less
            settings["Kafka:Client:heartbeat.interval.ms"] = "500";
        }

        return RunningMonitor.StartAsync(new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_700_000)), settings);
    }

    private static async Task<bool> IsAsync(RunningMonitor monitor, HttpStatusCode status, string check)
    {
        using var answer = await monitor.GetAsync("/health/ready");
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return answer.StatusCode == status && body.Contains(check, StringComparison.Ordinal);
    }
}
