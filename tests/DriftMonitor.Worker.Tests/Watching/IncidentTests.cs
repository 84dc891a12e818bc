namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// One incident is one page: what people are told, counted by a webhook behind a real Prometheus and Alertmanager with the shipped files
/// (<see cref="Durations"/> says what is changed), before which a fake exporter has the monitor's metrics.
/// </summary>
public sealed class IncidentTests(ITestOutputHelper output) : IDisposable
{
    private const int Segments = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Ten = [.. Enumerable.Range(0, 10).Select(i => $"rank-{i}")];

    private static readonly string[] Owners =
    [
        Info("fraud", "payments"), .. Ten.Select(model => Info(model, "search")),
        "driftmonitor_model_state{model=\"nobodys\",state=\"guarded\"}",
    ];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-incident-");

    [Fact]
    public async Task One_incident_is_one_page_to_its_team_and_one_recovery()
    {
        Tool.Need("prometheus", "prometheus-alertmanager");
        await using var exporter = await FakeExporter.StartAsync();
        exporter.Export(Owners);
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await Server.AlertmanagerAsync(
            AlertmanagerFile.For(webhook, _directory), Path.Combine(_directory.FullName, "alertmanager"));
        using var prometheus = await Server.PrometheusAsync(
            PrometheusFile.For(exporter.Address, alertmanager.Address, _directory), Path.Combine(_directory.FullName, "prometheus"));
        await new PrometheusQueries(prometheus).UntilAsync(
            "driftmonitor:model_info and on () absent(ALERTS{subject=\"monitor\",alertname!=\"MonitorWatchdog\"})", Patience);

        exporter.Export(
            [
                .. Owners, // twenty segments of one model by both severities; ten models, some with a warning before; a test
                .. Enumerable.Range(0, Segments).Select(i => Alarm("fraud", "critical", $"country={i}")),
                .. Enumerable.Range(0, Segments).Select(i => Alarm("fraud", "warning", $"country={i}")),
                .. Ten.Select(model => Alarm(model, "critical")), .. Ten[..3].Select(model => Alarm(model, "warning")),
                "driftmonitor_alarm_test{model=\"fraud\",severity=\"critical\"}",
            ]);
        string[] incidents = [$"fraud, {Segments} critical", $"{string.Join(' ', Ten)}, {Ten.Length} critical", "fraud, 1 critical"];
        string[] firing =
            [$"payments-page firing: {incidents[0]}", $"search-page firing: {incidents[1]}", $"payments-page firing test: {incidents[2]}"];
        await webhook.ExpectAsync(Patience, firing);

        exporter.Export(Owners);
        string[] resolved = [.. firing.Select(told => told.Replace("firing", "resolved", StringComparison.Ordinal))];
        await webhook.ExpectAsync(Patience, resolved);

        // Whatever else there was to tell of them would have come before the end of this one.
        exporter.Export([.. Owners, Alarm("nobodys", "warning")]);
        await webhook.ExpectAsync(Patience, "notify firing: nobodys, 1 warning");
        exporter.Export(Owners);
        await webhook.ExpectAsync(Patience, "notify resolved: nobodys, 1 warning");
        output.WriteLine(string.Join('\n', webhook.Notifications));
        var ofModels = webhook.Notifications.Where(told => told.Alerts.Any(labels => (string?)labels["subject"] == "model"));
        Assert.Equal(
            [.. firing.Order(), .. resolved.Order(), "notify firing: nobodys, 1 warning", "notify resolved: nobodys, 1 warning"],
            [
                .. ofModels.Take(3).Select(told => $"{told}").Order(), .. ofModels.Skip(3).Take(3).Select(told => $"{told}").Order(),
                .. ofModels.Skip(6).Select(told => $"{told}"),
            ]);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static string Info(string model, string team) =>
        $"driftmonitor_model_info{{max_severity=\"critical\",model=\"{model}\",owner=\"\",quiet_hours=\"\",runbook=\"\",team=\"{team}\"}}";

    private static string Alarm(string model, string severity, string segment = "_all") =>
        $"driftmonitor_alarm_active{{basis=\"budget\",kind=\"output_drift\",model=\"{model}\",segment=\"{segment}\","
        + $"severity=\"{severity}\",window=\"5m\"}}";
}
