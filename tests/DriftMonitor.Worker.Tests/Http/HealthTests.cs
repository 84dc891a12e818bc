using System.Net;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>A stage whose loop hangs makes <c>/health/live</c> red, so that the orchestrator restarts it.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_loop_that_does_not_come_round_for_a_minute_is_not_alive_until_it_does()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("predictions", 1);
        broker.CreateTopic("panes", 1);
        broker.CreateTopic("panes.rollups", 1);
        broker.CreateTopic("panes.status", 1);
        broker.CreateTopic("panes.calibrations", 1);
        broker.CreateTopic("panes.references", 1);
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var log = new LogLines
        {
            OnLine = line => // on the loop's own thread, in the middle of a rebalance
            {
                if (line.StartsWith("Information: assigned predictions", StringComparison.Ordinal))
                {
                    held.Set();
                    release.Wait(TimeSpan.FromMinutes(1));
                }
            },
        };
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_700_000));
        await using var monitor = await RunningMonitor.StartAsync(
            time,
            new Dictionary<string, string?>
            {
                ["Kafka:BootstrapServers"] = broker.BootstrapServers,
                ["Kafka:PanesTopic"] = "panes",
                ["Windows:Spans"] = "5m/1m",
                ["Logging:LogLevel:Default"] = "Information",
            },
            log);
        try
        {
            held.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(59));
            await monitor.UntilAsync("alive", () => IsAsync(monitor, HttpStatusCode.OK, "\"live: predictions\":\"Healthy\""));
            time.Advance(TimeSpan.FromSeconds(1));
            await monitor.UntilAsync(
                "the other stage alive", () => IsAsync(monitor, HttpStatusCode.ServiceUnavailable, "\"live: panes\":\"Healthy\""));
            Assert.True(await IsAsync(monitor, HttpStatusCode.ServiceUnavailable, "\"live: predictions\":\"no progress for 60 s\""));
        }
        finally
        {
            release.Set();
        }

        await monitor.UntilAsync("alive again", () => IsAsync(monitor, HttpStatusCode.OK, "\"live: predictions\":\"Healthy\""));
    }

    private static async Task<bool> IsAsync(RunningMonitor monitor, HttpStatusCode status, string check)
    {
        using var answer = await monitor.GetAsync("/health/live");
        return answer.StatusCode == status
            && (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(check, StringComparison.Ordinal);
    }
}
