using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>
/// From an alert's link to its cause, an acknowledgement and another reference, of the real service, in a browser and without a terminal.
/// </summary>
public sealed partial class WalkTests : IDisposable
{
    private const string Token = "the token of who may change things";
    private const string Good = "0.25,0.75";
    private const string Bad = "0.75,0.25";
    private const string Active = "driftmonitor_alarm_active";
    private const int MostSteps = 14;
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly Browser _browser;
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-walk-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly IProducer<Null, byte[]> _producer;
    private readonly LogLines _log = new();

    public WalkTests(Browser browser)
    {
        _browser = browser;
        string[] topics = ["predictions", "panes", "panes.rollups", "panes.status", "panes.calibrations", "panes.references"];
        Array.ForEach(topics, topic => _broker.CreateTopic(topic, 1));
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.BootstrapServers, LingerMs = 0 }).Build();
        var lines = Path.Combine(_files.FullName, "reference.jsonl");
        File.WriteAllLines(lines, Enumerable.Range(0, 1_000).Select(i => Line(Start.AddSeconds(i - 2_000), Good)));
        var references = _files.CreateSubdirectory("references");
        ReferenceFile.Write(
            ReferenceFromPredictions.Build(lines, null, null, 1, Start).Snapshots.Single(), Path.Combine(references.FullName, "m.json"));
        File.WriteAllText(TokenFile, Token);
    }

    private string TokenFile => Path.Combine(_files.FullName, "token");

    [Fact]
    public async Task From_an_alert_to_its_cause_an_acknowledgement_and_a_new_reference()
    {
        await using var tab = await _browser.OpenAsync();
        await using var monitor = await StartAsync();
        var drift = await DriftAsync(monitor);
        var dialogs = await PrepareAsync(tab);
        var walk = new Walk(tab.Page);
        await walk.OpenAsync(new Uri(monitor.Address, LinkOfAlert()));
        await walk.SeeAsync("1-alarm", "main", "Critical", "m", "25.0 %", "75.0 %", "all traffic", "vision", "nobody yet");

        await walk.PressAsync("Acknowledge");
        await walk.TypeAsync("Who", "Ann");
        await walk.TypeAsync("Why", "the new tokenizer is right, its reference follows");
        await walk.TypeAsync("API token", Token);
        await Walk.KeepAsync(tab.Page, "walk-2-acknowledging");
        await walk.PressAsync("Acknowledge");
        await walk.SeeAsync("3-acknowledged", ".facts", "Ann (ops)", "the new tokenizer is right");

        await walk.PressAsync("Make a new reference");
        await walk.SeeAsync("4-references", "main", "References of m", "in use");
        await walk.TypeAsync("From", LocalText(drift.AddMinutes(1)));
        await walk.TypeAsync("Until", LocalText(_time.GetUtcNow()));
        await walk.PressAsync("Try: say what it would lack");
        await walk.SeeAsync("5-trial", "main", "Trial is done", "Nothing has changed");
        await walk.PressAsync("Promote");
        await walk.SeeAsync("6-promoted", "main", "Promotion is done", "Version 2 is in use");
        Assert.Equal(["Use this traffic as the model's new normal?"], dialogs);

        var walked = walk.Elapsed;
        await SendUntilAsync(
            monitor, Bad, "its end", () => Task.FromResult(_log.All.Any(line => line.Contains("OutputDrift has ended", Ordinal))));
        await tab.Page.ReloadAsync();
        await walk.SeeAsync("7-in-use", "section[aria-label='Version 2']", "in use");
        await walk.PressAsync("Alarms");
        await walk.SeeAsync("8-quiet", "main", "No alarm is on", "Ended");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', walk.Steps));
        TestContext.Current.TestOutputHelper.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"from the link to the promotion: {walked.TotalSeconds:0.0} s of the browser and the monitor"));
        Assert.InRange(walk.Steps.Count, 1, MostSteps);

        // the only time that a test asserts: that a walk takes under a minute is what the pages are to achieve; a busy machine took 7 s
        Assert.InRange(walked, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        tab.FindsNoFault(monitor.Address);
    }

    /// <summary>The same changes without a mouse, and the new reference is taken back.</summary>
    [Fact]
    public async Task A_reference_is_promoted_and_taken_back_by_keys_alone()
    {
        await using var tab = await _browser.OpenAsync();
        await using var monitor = await StartAsync();
        var drift = await DriftAsync(monitor);
        var dialogs = await PrepareAsync(tab);
        var page = tab.Page;
        Assert.Equal(200, (await page.GotoAsync(new Uri(monitor.Address, "/references?model=m").ToString()))!.Status);

        await page.TypeTimeAsync(page.Locator("#from"), drift.AddMinutes(1));
        await page.TypeTimeAsync(page.Locator("#to"), _time.GetUtcNow());
        await page.StepToAsync(page.Locator("#promote-token"));
        await page.Keyboard.TypeAsync(Token);
        await page.PressAsync(page.Locator("#promote-form button[value=false]"));
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Promotion is done", new() { Timeout = 30_000 });
        Assert.Equal(["Use this traffic as the model's new normal?"], dialogs);
        await SendUntilAsync(monitor, Bad, "its use", async () => await VersionAsync(monitor) == 2);

        await page.ReloadAsync();
        var second = page.Locator("section[aria-label='Version 2']");
        var open = second.Locator("button[data-opens]");
        await page.PressAsync(open);
        await Assertions.Expect(second.Locator("dialog")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(open).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.PressAsync(second.Locator("dialog button.primary"));
        await Assertions.Expect(second.Locator("dialog")).Not.ToBeVisibleAsync(new() { Timeout = 30_000 });
        await SendUntilAsync(monitor, Bad, "the one before", async () => await VersionAsync(monitor) == 1);
        await page.ReloadAsync();
        await Assertions.Expect(second).ToContainTextAsync("taken back");
        await Assertions.Expect(page.Locator("section[aria-label='Version 1']")).ToContainTextAsync("in use");
        tab.FindsNoFault(monitor.Address);
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
        _files.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Has a model guarded, then drift until its alarm is on.</summary>
    /// <returns>When the drift began.</returns>
    private async Task<DateTimeOffset> DriftAsync(RunningMonitor monitor)
    {
        await SendUntilAsync(
            monitor, Good, "guarded", async () => await monitor.ValueAsync("driftmonitor_window_ready") == 1 && IsFullMinute);
        var drift = _time.GetUtcNow();
        await SendUntilAsync(monitor, Bad, "an alarm", async () => await monitor.ValueAsync(Active, "severity=\"critical\"") == 1
            && IsFullMinute && _time.GetUtcNow() > drift.AddMinutes(2));
        return drift;
    }

    /// <summary>Gives the tab the monitor's time, and agrees to what it is asked.</summary>
    /// <returns>What that is.</returns>
    private async Task<List<string>> PrepareAsync(Tab tab)
    {
        await tab.Page.Clock.InstallAsync(new() { TimeDate = _time.GetUtcNow().UtcDateTime });
        var dialogs = new List<string>();
        tab.Page.Dialog += (_, dialog) =>
        {
            dialogs.Add(dialog.Message);
            _ = dialog.AcceptAsync();
        };
        return dialogs;
    }

    /// <summary>The version of the reference in use.</summary>
    private static async Task<int> VersionAsync(RunningMonitor monitor)
    {
        using var answer = await monitor.GetAsync("/api/v1/model?model=m");
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (int)JsonNode.Parse(text)!["reference"]!["version"]!;
    }

    private bool IsFullMinute => _time.GetUtcNow().Second == 0;

    private static string LocalText(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    /// <summary>What the log gives as the link of the critical alarm, which alerts carry too.</summary>
    private string LinkOfAlert() => Link().Match(
        _log.All.Last(line => line.StartsWith("Error: Critical alarm of m", Ordinal))).Groups[1].Value;

    [GeneratedRegex(@"link: (\S+)")]
    private static partial Regex Link();

    private Task<RunningMonitor> StartAsync() => RunningMonitor.StartAsync(
        _time,
        new Dictionary<string, string?>
        {
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:PredictionTopics"] = "predictions",
            ["Kafka:PanesTopic"] = "panes",
            ["Kafka:Client:group.protocol"] = "consumer", // a rebalance takes 0.1 s
            ["Windows:Spans"] = "1m/5s",
            ["Divergence:MinimumEvents"] = "20",
            ["References:Directory"] = Path.Combine(_files.FullName, "references"),
            ["Alarms:KlWarningNats"] = "0",
            ["Alarms:KlCriticalNats"] = "0.1",
            ["Logging:LogLevel:DriftMonitor"] = "Information",
            ["Models:0:Name"] = "m",
            ["Models:0:Team"] = "vision",
            ["Http:Tokens:0:Name"] = "ops",
            ["Http:Tokens:0:Role"] = "change",
            ["Http:Tokens:0:File"] = TokenFile,
        },
        _log);

    /// <summary>A second passes between two looks, with ten records in it.</summary>
    private Task SendUntilAsync(RunningMonitor monitor, string probabilities, string what, Func<Task<bool>> isSo) =>
        monitor.UntilAsync(what, isSo, () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var at = _time.GetUtcNow().AddMilliseconds(100 * i);
                _producer.Produce("predictions", new Message<Null, byte[]>
                {
                    Value = Encoding.UTF8.GetBytes(Line(at, probabilities)),
                    Timestamp = new Timestamp(at),
                });
            }

            _producer.Flush(TimeSpan.FromSeconds(30));
            _time.Advance(TimeSpan.FromSeconds(1));
        });

    private static string Line(DateTimeOffset at, string probabilities) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"model":"m","ts":{{at.ToUnixTimeMilliseconds()}},"probs":[{{probabilities}}]}""");
}
