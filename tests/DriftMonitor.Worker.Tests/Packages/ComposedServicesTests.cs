using System.Text.Json.Nodes;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>
/// docker-compose.yml as it is, with three replicas, in Docker's engine and on its network. Only Grafana is left out, which Debian lacks.
/// </summary>
[Collection(nameof(PublishedImage))]
public sealed class ComposedServicesTests(PublishedImage image)
{
    private const string Prometheus = "http://localhost:9090";
    private const string Alertmanager = "http://localhost:9093";

    private static readonly string File = Path.Combine(RepositoryFiles.Root, "docker-compose.yml");
    private static readonly string[] Compose = ["--project-name", "driftmonitor", "--file", File, "--profile", "replicas"];
    private static readonly string[] Monitors = ["driftmonitor_monitor-2_1", "driftmonitor_monitor-3_1", "driftmonitor_monitor_1"];
    private static readonly string[] Healthy = ["driftmonitor_kafka_1", .. Monitors];

    [Fact]
    public async Task Three_replicas_on_hosts_of_their_own_read_the_traffic_and_are_watched()
    {
        Assert.SkipUnless(Trials.AreFull, "only with --full");
        await using var engine = await DockerEngine.StartAsync();
        await StandIns.MakeAsync(
            engine, await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken),
            Path.Combine(image.Root, "app", "centos8-librdkafka.so"));
        await engine.RunAsync("docker", "load", "--input", image.Archive);
        await engine.RunAsync(
            "docker-compose",
            [.. Compose, "up", "--detach", "monitor", "monitor-2", "monitor-3", "traffic", "prometheus", "alertmanager"]);

        await UntilAsync("all are healthy", async () =>
        {
            var states = await InspectAsync("{{.State.Health.Status}}");
            return states.All(state => state == "healthy")
                || (states.Contains("unhealthy") ? throw new InvalidOperationException(await LogsAsync()) : false);
        });
        foreach (var monitor in Monitors)
        {
            Assert.Equal(
                $"true [ALL] [no-new-privileges:true] {BaseImage.User}\n",
                await engine.RunAsync(
                    "docker", "inspect", monitor, "--format",
                    "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.Config.User}}"));
        }

        var addresses = await InspectAsync("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
        Assert.Equal(Healthy.Length, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.Matches(@"^\d+\.\d+\.\d+\.\d+$", address));
        Assert.Equal("Healthy", (string)(await AskAsync("http://localhost:9464/health/live"))["status"]!);

        await HasAsync("count(up{job='driftmonitor'} == 1) == 3");
        await HasAsync("count(driftmonitor_assigned_partitions{topic='predictions'} > 0) == 3");
        await HasAsync("sum(increase(driftmonitor_records_consumed_total{topic='predictions'}[1m])) > 0");
        await HasAsync("driftmonitor_kl_divergence_nats{model='digits-lr',segment='_all',window='1m'} >= 0");
        await UntilAsync("Prometheus has evaluated every rule", async () =>
        {
            var rules = (await AskAsync($"{Prometheus}/api/v1/rules"))["data"]!["groups"]!.AsArray()
                .SelectMany(group => group!["rules"]!.AsArray()).ToList();
            Assert.DoesNotContain(rules, rule => (string)rule!["health"]! == "err");
            Assert.Empty(AlertRules.Names.Except(rules.Select(rule => (string)rule!["name"]!)));
            return rules.TrueForAll(rule => (string)rule!["health"]! == "ok");
        });
        await UntilAsync("Alertmanager was told", async () =>
            (await AskAsync($"{Alertmanager}/api/v2/alerts")).AsArray()
                .Any(alert => (string)alert!["labels"]!["alertname"]! == "MonitorWatchdog"));
        var known = (await AskAsync($"{Prometheus}/api/v1/alertmanagers"))["data"]!["activeAlertmanagers"]!.AsArray();
        Assert.Equal("http://alertmanager:9093/api/v2/alerts", (string)Assert.Single(known)!["url"]!);
        Assert.All(await InspectAsync("{{.State.Health.Status}} {{.RestartCount}}"), state => Assert.Equal("healthy 0", state));

        async Task<string[]> InspectAsync(string format) =>
            (await engine.RunAsync("docker", ["inspect", .. Healthy, "--format", format])).TrimEnd().Split('\n');

        Task<string> LogsAsync() => engine.RunAsync("docker-compose", [.. Compose, "logs", "--no-color", "--tail", "20"]);

        async Task<JsonNode> AskAsync(string url) => JsonNode.Parse(await engine.GetAsync(url))!;

        Task UntilAsync(string what, Func<Task<bool>> isSo) => Patience.UntilAsync(what, isSo, LogsAsync);

        Task HasAsync(string query) => UntilAsync(query, async () =>
            (await AskAsync($"{Prometheus}/api/v1/query?query={Uri.EscapeDataString(query)}"))["data"]!["result"]!.AsArray().Count > 0);
    }
}
