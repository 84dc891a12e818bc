using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>The shipped Alertmanager configuration in a real Alertmanager.</summary>
public sealed class AlertmanagerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-alertmanager-");

    [Fact]
    public async Task Amtool_has_nothing_against_it()
    {
        Tool.Need("amtool");
        var (exitCode, output) = await Tool.RunAsync("amtool", "check-config", AlertmanagerFile.Path);
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [InlineData("watchdog", "alertname=MonitorWatchdog", "severity=watchdog")]
    [InlineData("page", "alertname=MonitorRestoreStuck", "severity=critical")]
    [InlineData("notify", "alertname=MonitorKafkaDenied", "severity=warning")]
    [InlineData("page", "subject=model", "severity=critical", "team=nobodys")]
    [InlineData("notify", "subject=model", "severity=warning")]
    [InlineData("payments-page", "subject=model", "severity=critical", "team=payments")]
    [InlineData("payments-notify", "subject=model", "severity=warning", "team=payments")]
    [InlineData("search-page", "subject=model", "severity=critical", "team=search", "test=true")]
    [InlineData("search-page", "subject=model", "severity=critical", "team=search", "quiet_hours=office-closed")]
    [InlineData("search-notify", "subject=model", "severity=warning", "team=search", "quiet_hours=office-closed")]
    public async Task Everything_has_its_receiver(string receiver, params string[] labels)
    {
        Tool.Need("amtool");
        var (_, output) = await Tool.RunAsync(
            "amtool", ["config", "routes", "test", $"--config.file={AlertmanagerFile.Path}", .. labels]);
        Assert.Equal(receiver, output.Split('\n')[0]); // a warning may follow
    }

    [Fact]
    public async Task Critical_pages_and_holds_back_its_own_models_warnings_only()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await StartAsync(webhook);

        await PostAsync(
            alertmanager,
            Drift("Critical", "a"), Drift("Warning", "a"), Drift("Warning", "a", window: "1h"),
            Drift("Warning", "b"), Drift("Warning", "a", segment: "eu"),
            Alert("ModelUnseenClasses", "warning", ("subject", "model"), ("job", "driftmonitor"), ("model", "a")));

        var critical = await webhook.ExpectAsync("a's page", alert => Is(alert, "ModelOutputDriftCritical", "a"), Patience);
        var warning = await webhook.ExpectAsync("b's warning", alert => Is(alert, "ModelOutputDriftWarning", "b"), Patience);
        Assert.Equal(("page", "notify"), (critical.Receiver, warning.Receiver));
        Assert.Equal(2, webhook.Alerts.Count);
    }

    [Fact]
    public async Task A_test_is_told_apart_from_what_is_real_and_holds_nothing_back()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await StartAsync(webhook);

        await PostAsync(
            alertmanager,
            Test("critical", "a"), Drift("Warning", "a"), Drift("Critical", "b"), Test("warning", "b"));

        await webhook.ExpectAsync(
            Patience, "page firing test: a, 1 critical", "notify firing: a, 1 warning", "page firing: b, 1 critical",
            "notify firing test: b, 1 warning");

        static JsonObject Test(string severity, string model) => Alert(
            "ModelAlarmTest", severity, ("subject", "model"), ("job", "driftmonitor"), ("model", model), ("test", "true"));
    }

    /// <summary>Every time is in the interval that the file is given here, so what it names is muted; the other model is not.</summary>
    [Fact]
    public async Task In_its_quiet_hours_nobody_hears_of_a_model()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        var path = AlertmanagerFile.For(webhook, _directory);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var always = text.Replace("weekdays: ['saturday', 'sunday']", "weekdays: ['sunday:saturday']", StringComparison.Ordinal);
        Assert.NotEqual(text, always);
        await File.WriteAllTextAsync(path, always, TestContext.Current.CancellationToken);
        using var alertmanager = await Server.AlertmanagerAsync(path, Path.Combine(_directory.FullName, "data"));

        string[] teams = ["payments", "search", "nobodys"];
        string[] severities = ["critical", "warning"];
        JsonObject[] quiet =
        [
            .. from team in teams
               from severity in severities
               select Alert(
                   "ModelX", severity, ("subject", "model"), ("job", "driftmonitor"), ("model", $"{team} {severity}"), ("team", team),
                   ("quiet_hours", "office-closed")),
        ];
        await PostAsync(alertmanager, quiet);
        await PostAsync(alertmanager, [.. quiet.Select(alert =>
        {
            var loud = alert.DeepClone().AsObject();
            loud["labels"]!.AsObject().Remove("quiet_hours");
            return loud;
        })]);

        foreach (var alert in quiet)
        {
            var model = (string)alert["labels"]!["model"]!;
            await webhook.ExpectAsync(model, came => (string)came["labels"]!["model"]! == model, Patience);
        }

        Assert.All(webhook.Alerts, alert => Assert.Null(alert.Alert["labels"]!["quiet_hours"]));
    }

    [Fact]
    public async Task Critical_holds_back_the_warning_whichever_of_the_two_has_a_budget()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await StartAsync(webhook);

        await PostAsync(
            alertmanager,
            Drift("Critical", "a"), Drift("Warning", "a", basis: "budget"),
            Drift("Critical", "b", basis: "budget"), Drift("Warning", "b", window: "1h"),
            Drift("Critical", "c", basis: "budget"), Drift("Warning", "c", basis: "budget"),
            Drift("Warning", "d", basis: "budget"));

        await webhook.ExpectAsync("d's warning", alert => Is(alert, "ModelOutputDriftWarning", "d"), Patience);
        foreach (var model in new[] { "a", "b", "c" })
        {
            await webhook.ExpectAsync($"{model}'s page", alert => Is(alert, "ModelOutputDriftCritical", model), Patience);
            Assert.DoesNotContain(webhook.Alerts, alert => Is(alert.Alert, "ModelOutputDriftWarning", model));
        }
    }

    [Fact]
    public async Task A_blind_monitor_holds_back_the_models_of_its_job()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await StartAsync(webhook);

        await PostAsync(
            alertmanager,
            Alert("MonitorStalled", "critical", ("subject", "monitor"), ("blinds", "models"), ("job", "driftmonitor"), ("topic", "t")),
            Alert("MonitorRejecting", "warning", ("subject", "monitor"), ("job", "driftmonitor"), ("topic", "t")));
        await webhook.ExpectAsync("the monitor's page", alert => Is(alert, "MonitorStalled"), Patience);
        await PostAsync(alertmanager, Drift("Critical", "a"), Drift("Critical", "b", job: "elsewhere"));

        await webhook.ExpectAsync("the other job's page", alert => Is(alert, "ModelOutputDriftCritical", "b"), Patience);
        await webhook.ExpectAsync("the monitor's warning", alert => Is(alert, "MonitorRejecting"), Patience);
        Assert.DoesNotContain(webhook.Alerts, alert => Is(alert.Alert, "ModelOutputDriftCritical", "a"));
        var held = JsonNode.Parse(
            await alertmanager.Http.GetStringAsync(
                new Uri("/api/v2/alerts?inhibited=true&active=false&silenced=false", UriKind.Relative),
                TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal("a", (string)Assert.Single(held)!["labels"]!["model"]!);
    }

    [Fact]
    public async Task A_topic_of_which_nothing_counts_holds_back_that_part_of_it_does_not()
    {
        Tool.Need("prometheus-alertmanager");
        await using var webhook = await Webhook.StartAsync();
        using var alertmanager = await StartAsync(webhook);

        await PostAsync(alertmanager, Of("MonitorSourceRefused", "critical", "a"));
        await webhook.ExpectAsync("a's page", alert => Is(alert, "MonitorSourceRefused"), Patience);
        await PostAsync(alertmanager, Of("MonitorRejecting", "warning", "a"), Of("MonitorRejecting", "warning", "b"));

        await webhook.ExpectAsync("b's warning", alert => Is(alert, "MonitorRejecting") && TopicOf(alert) == "b", Patience);
        Assert.DoesNotContain(webhook.Alerts, alert => Is(alert.Alert, "MonitorRejecting") && TopicOf(alert.Alert) == "a");

        static JsonObject Of(string name, string severity, string topic) =>
            Alert(name, severity, ("subject", "monitor"), ("job", "driftmonitor"), ("topic", topic));
        static string TopicOf(JsonNode alert) => (string)alert["labels"]!["topic"]!;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Task<Server> StartAsync(Webhook webhook) =>
        Server.AlertmanagerAsync(AlertmanagerFile.For(webhook, _directory), Path.Combine(_directory.FullName, "data"));

    private static bool Is(JsonNode alert, string name, string? model = null) =>
        (string)alert["labels"]!["alertname"]! == name && (string?)alert["labels"]!["model"] == model;

    private static JsonObject Drift(
        string severity, string model,
        string segment = "_all", string window = "5m", string basis = "fixed", string job = "driftmonitor") =>
        Alert(
            $"ModelOutputDrift{severity}", severity.ToLower(CultureInfo.InvariantCulture), ("subject", "model"), ("job", job),
            ("model", model), ("segment", segment), ("window", window), ("basis", basis));

    private static JsonObject Alert(string name, string severity, params (string Name, string Value)[] labels) => new()
    {
        ["labels"] = new JsonObject(
            [
                new("alertname", name), new("severity", severity),
                .. labels.Select(label => KeyValuePair.Create(label.Name, (JsonNode?)label.Value))]),
    };

    private static async Task PostAsync(Server alertmanager, params JsonObject[] alerts)
    {
        using var answer = await alertmanager.Http.PostAsJsonAsync("/api/v2/alerts", alerts, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
