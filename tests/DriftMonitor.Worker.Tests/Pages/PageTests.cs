using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Pages;
using DriftMonitor.Worker.Pages.Screens;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Pages;

/// <summary>The screens in their states, rendered from records made by hand.</summary>
public sealed partial class PageTests
{
    private const int MostBytes = 150_000;

    private static readonly Dictionary<string, AlarmItem> NoAlarms = [];

    private static readonly Dictionary<string, AlarmItem> OfDigits = new() { [PageData.Digits] = PageData.Alarm };

    private static readonly Dictionary<string, RenderFragment> Screens = new(StringComparer.Ordinal)
    {
        ["alarms: nothing yet"] = AlarmsScreen.Of(Board([], [], ["predictions", "scores"])),
        ["alarms: quiet"] = AlarmsScreen.Of(Board([], [PageData.Model with { Critical = 0 }])),
        ["alarms: none guarded"] = AlarmsScreen.Of(Board([], [PageData.Models[2]])),
        ["alarms: retired"] = AlarmsScreen.Of(Board([], [PageData.Model with { State = ModelState.Retired, Critical = 0 }])),
        ["alarms: filling"] = AlarmsScreen.Of(Board([], [PageData.Models[4]])),
        ["alarms: ended only"] = AlarmsScreen.Of(Board([PageData.Ended], PageData.Models)),
        ["alarms: some"] = AlarmsScreen.Of(Board([PageData.Alarm, PageData.Warning, PageData.Ended], PageData.Models)),
        ["alarms: none like that"] = AlarmsScreen.Of(Board([], PageData.Models) with { Filter = new AlarmFilter(Search: "zzz") }),
        ["alarm: on"] = AlarmScreen.Of(PageData.Detail, changes: true, PageData.NowMs),
        ["alarm: accuracy"] = AlarmScreen.Of(PageData.Accuracy, changes: true, PageData.NowMs),
        ["alarm: dispersion"] = AlarmScreen.Of(PageData.Dispersion, changes: true, PageData.NowMs),
        ["alarm: read only"] = AlarmScreen.Of(PageData.Detail, changes: false, PageData.NowMs),
        ["alarm: ended"] = AlarmScreen.Of(PageData.EndedDetail, changes: true, PageData.NowMs),
        ["models: none"] = ModelsScreen.Of(new ModelList(new ModelFilter(), ListPage<ModelItem>.Of([], 1, null), NoAlarms, PageData.NowMs)),
        ["models: some"] = ModelsScreen.Of(
            new ModelList(new ModelFilter(), ListPage<ModelItem>.Of(PageData.Models, 1, null), OfDigits, PageData.NowMs)),
        ["model: alarm"] = ModelScreen.Of(PageData.ModelDetail, null, null, PageData.NowMs),
        ["model: nothing yet"] = ModelScreen.Of(Empty(ModelState.NoReference), null, null, PageData.NowMs),
        ["model: rejected"] = ModelScreen.Of(Empty(ModelState.Rejected), null, null, PageData.NowMs),
        ["model: filling"] = ModelScreen.Of(
            Empty(ModelState.Filling) with { Windows = [PageData.Windows[2]] }, null, "no such window", PageData.NowMs),
        ["references: none"] = ReferencesScreen.Of(References(null, [], changes: true)),
        ["references: all"] = ReferencesScreen.Of(References(null, PageData.References, changes: true)),
        ["references: of a model"] = ReferencesScreen.Of(References(PageData.Digits, PageData.References, changes: true)),
        ["references: read only"] = ReferencesScreen.Of(References(PageData.Digits, PageData.References, changes: false)),
        ["references: owner gone"] = ReferencesScreen.Of(
            References(PageData.Digits, PageData.References, changes: true) with { Owner = AnswerOutcome.OwnerGone }),
        ["references: another's"] = ReferencesScreen.Of(
            References(PageData.Digits, PageData.References, changes: true)
                with
            { Owner = AnswerOutcome.NotForwarded, OwnerUrl = "http://monitor-2:9464" }),
        ["references: running"] = ReferencesScreen.Of(References(PageData.Digits, [], changes: true) with
        {
            Promotion = PageData.Promotion with { State = PromotionState.Running, Lines = [] },
        }),
        ["rejected: some"] = RejectedScreen.Of(PageData.Rejections, model: null),
        ["rejected: of a model"] = RejectedScreen.Of(PageData.Rejections, PageData.Digits),
        ["rejected: nothing read"] = RejectedScreen.Of(new RejectionsView([]), model: null),
        ["rejected: of another model"] = RejectedScreen.Of(PageData.Rejections, "steady"),
        ["rejected: only rejected"] = RejectedScreen.Of(Read(new TopicRejections("predictions", 0, 0, 318, 0, [])), "steady"),
        ["rejected: none"] = RejectedScreen.Of(Read(new TopicRejections("predictions", 5, 0, 0, 0, [])), model: null),
        ["monitor"] = MonitorScreen.Of(PageData.Monitor, PageData.NowMs),
        ["monitor: nothing yet"] = MonitorScreen.Of(
            PageData.Monitor with { Topics = [], Models = [], Replicas = [], Settings = [], Checks = [] }, PageData.NowMs),
        ["owner gone"] = Owner(AnswerOutcome.OwnerGone),
        ["owner unreachable"] = Owner(AnswerOutcome.OwnerUnreachable),
        ["not forwarded"] = Owner(AnswerOutcome.NotForwarded),
        ["no such alarm"] = ProblemScreen.NoAlarm(PageData.Digits),
        ["no such model"] = ProblemScreen.NoModel(PageData.Digits),
        ["token"] = TokenScreen.Of(),
    };

    public static TheoryData<string> Names { get; } = [.. Screens.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_page_holds_no_script_style_or_handler_and_all_of_its_times_are_machine_readable(string screen)
    {
        var html = await RenderAsync(Screens[screen]);
        CheckForm(html);
        Assert.Single(Heading().Matches(html));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Ids_are_unique_and_labels_lead_to_fields(string screen)
    {
        var html = await RenderAsync(Screens[screen]);
        var ids = Id().Matches(html).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        Assert.All(
            Reference().Matches(html).SelectMany(match => match.Groups[1].Value.Split(' ')), id => Assert.Contains(id, ids));
    }

    [Theory]
    [InlineData("alarms: nothing yet", "Nothing to watch yet", "predictions", "scores", "appears here with its first prediction")]
    [InlineData(
        "alarms: quiet", "No alarm is on", "of 1 model is guarded", "appears here when a window of a guarded model is above its threshold")]
    [InlineData(
        "alarms: none guarded", "No alarm about outputs can begin, since no model is guarded",
        "No alarm is on, and 1 model is not guarded")]
    [InlineData("alarms: filling", "No alarm is on, and 1 model is not guarded", "1 more will be by itself once its windows have filled")]
    [InlineData("alarms: filling", "No alarm about outputs can begin before a model is guarded: windows are filling")]
    [InlineData("alarms: retired", "No alarm about outputs can begin, since all models are retired")]
    [InlineData("alarms: some", "1 critical alarm, 1 warning", "Critical now", "Warnings now", "for <b>12 min</b>", "acknowledged by")]
    [InlineData("alarms: none like that", "No alarm is like that", "Show all alarms")]
    [InlineData("alarm: on", "10.1 %", "33.5 %", "3.4 × the threshold", "12 min ago", "all traffic", "accuracy 92.0 % → <b>81.2 %</b>")]
    [InlineData(
        "alarm: on", "sudden: most of it came within 7 min", "Ann Lee", "nobody yet", "runbooks/ModelOutputDriftCritical",
        "0.2287 nats")]
    [InlineData("alarm: on", "filling, ready in 2 d 3 h", "too few events: ready once 5m hold 500")]
    [InlineData("alarms: some", "at its worst 3.6 × the threshold of 5m or 1h")]
    [InlineData("alarm: accuracy", "92.0 %", "81.2 %", "10.8 points of accuracy", "Now, share of labels", ">Labels</th>")]
    [InlineData("alarm: accuracy", "filling: ready once labels have come for its whole length")]
    [InlineData("alarm: dispersion", "its outputs are surer than they were", "0.3310 nats", "0.1210 nats", "Now, nats", ">Events</th>")]
    [InlineData("alarm: read only", "Nobody can acknowledge here", "Http:Tokens")]
    [InlineData("alarm: ended", "lasted 1 h 19 min", "It has ended", "Critical, ended|Warning, ended", "Other alarms of this model")]
    [InlineData("models: none", "No model yet", "appears here with its first prediction")]
    [InlineData("models: some", "14 models", "its replica is gone", "too few events")]
    [InlineData("models: some", "its predictions have shifted</a>\\s+for 12 min, at its worst 3.6 × the threshold of 5m or 1h")]
    [InlineData("model: alarm", "filling, ready in 5 h", "too few events: ready once 5m hold 500", "country=DE", "81.2 %")]
    [InlineData("model: rejected", "no prediction of this model can be read now")]
    [InlineData("model: nothing yet", "no reference", "Promote a reference", "There is nothing to draw")]
    [InlineData("references: of a model", "in use", "refused", "taken back", "Take version 3 back\\?", "needs 98,000", "Trial is done")]
    [InlineData("references: owner gone", "it cannot be asked here and now", "no other has taken it over yet", "reference promote MODEL")]
    [InlineData("references: another's", "Http:PeerSecret:File", "href=\"http://monitor-2:9464\"")]
    [InlineData("references: read only", "Changing is off here", "Http:Tokens", "reference push")]
    [InlineData("references: running", "is running", "the result appears here by itself")]
    [InlineData("rejected: some", "not_a_distribution", "301 times", "991221", "did not answer within 2s", "send what softmax returns")]
    [InlineData("rejected: nothing read", "No replica has read anything yet")]
    [InlineData("rejected: some", "It appears here once that replica can be asked", "Nothing has been read yet: rejections appear")]
    [InlineData("rejected: of another model", "Nothing of this model was rejected. A record of it")]
    [InlineData("rejected: only rejected", "Nothing of this model was rejected")]
    [InlineData("rejected: none", "Nothing was rejected. A record that cannot be read appears here")]
    [InlineData("monitor: nothing yet", "Nothing is checked", "No topic is read yet", "None yet: a model appears", "No setting is")]
    [InlineData("monitor", "The monitor is degraded", "reading the panes topic", "120 records", "61.1 %", "gone")]
    [InlineData("owner gone", "its replica is gone", "monitor-2", "7 min ago", "http://monitor-2:9464")]
    [InlineData("not forwarded", "Http:PeerSecret:File")]
    [InlineData("no such alarm", "may have ended a while ago", "model\\?model=digits-lr")]
    public async Task A_screen_says(string screen, params string[] words)
    {
        var html = WebUtility.HtmlDecode(await RenderAsync(Screens[screen]));
        Assert.All(words, word => Assert.Matches(word, html));
    }

    /// <summary>As when the brokers cannot be reached: what is shown is as it was.</summary>
    [Fact]
    public async Task A_replica_that_is_not_well_says_so_on_every_page()
    {
        var site = PageData.Site with { Problem = "panes joined: the brokers cannot be reached" };
        var html = await Writer().RenderAsync(new Page("A page", Screens["alarms: quiet"]) { Room = PageRoom.Alarms }, "self", site);
        Assert.Contains(
            "so what is below may not be current: <bdi>panes joined: the brokers cannot be reached</bdi>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_above_has_the_colour_of_its_severity()
    {
        var (windows, labels) = (PageData.Windows[0], PageData.ModelDetail.Labels);
        var warning = windows with { Readings = [windows.Readings[0]] };
        var ofWindows = await RenderAsync(ModelScreen.Of(
            PageData.ModelDetail with { Windows = [windows, warning], Labels = [] }, null, null, PageData.NowMs));
        Assert.Equal(["above critical", "above warning"], RowClass().Matches(ofWindows).Select(match => match.Groups[1].Value));
        var ofLabels = await RenderAsync(ModelScreen.Of(
            PageData.ModelDetail with { Windows = [], Labels = labels }, null, null, PageData.NowMs));
        Assert.Equal(["above warning"], RowClass().Matches(ofLabels).Select(match => match.Groups[1].Value));
        var capped = PageData.Detail with { Alarm = PageData.Alarm with { PagesAs = AlarmSeverity.Warning } };
        var ofAlarm = await RenderAsync(AlarmScreen.Of(capped, changes: true, PageData.NowMs));
        Assert.Equal(["above warning"], RowClass().Matches(ofAlarm).Select(match => match.Groups[1].Value).Distinct());
    }

    [Fact]
    public async Task Names_that_mean_harm_are_text_on_every_screen()
    {
        foreach (var name in PageData.HostileNames)
        {
            var alarm = PageData.Alarm with { Model = name, Segment = name, Owner = name, Team = name, Summary = name, Replica = name };
            var model = PageData.Model with { Model = name, Owner = name, Team = name, Replica = name, IsOwnerGone = true };
            var share = new ClassShare(name, 0.1, 0.2, 0.1);
            var item = new RejectionItem(Worker.Metrics.RecordOutcome.Rejected, name, name, 1, name,
                [new(1, 2, 3, PageData.NowMs, name, name)]);
            RenderFragment[] screens =
            [
                AlarmsScreen.Of(Board([alarm], [model], [name])),
                AlarmScreen.Of(
                    new AlarmDetail(
                        alarm, PageData.Explanation with { Classes = [share, share], Slices = [name], AllTraffic = false }, [alarm]),
                    changes: true, PageData.NowMs),
                ModelsScreen.Of(new ModelList(
                    new ModelFilter(Search: name), ListPage<ModelItem>.Of([model], 1, null),
                    new Dictionary<string, AlarmItem> { [name] = alarm }, PageData.NowMs)),
                ModelScreen.Of(
                    PageData.ModelDetail with
                    {
                        Model = model, Alarms = [alarm], Shares = [share], Windows = [PageData.Windows[0] with { Segment = name }],
                    },
                    name, null, PageData.NowMs),
                ReferencesScreen.Of(References(
                    name, [PageData.Reference with { Model = name, Problem = name, Lacks = [name] }], changes: true)),
                RejectedScreen.Of(
                    new RejectionsView([new(name, name, [new(name, 1, 1, 1, 1, [item])])]), name),
                OwnerScreen.Of(name, AnswerOutcome.OwnerGone, name, $"javascript:{name}", name, model, PageData.NowMs, said: null),
                ProblemScreen.NoModel(name),
            ];
            foreach (var screen in screens)
            {
                var html = await RenderAsync(screen, name);
                CheckForm(html);
                Assert.DoesNotContain(name.Contains('<', StringComparison.Ordinal) ? name : "\0", html, StringComparison.Ordinal);
                Assert.DoesNotContain("\u202e", html, StringComparison.Ordinal);
                Assert.DoesNotMatch(@"\s(href|hx-get|data-api|data-history)=""[^""]*[<> ]", html);
            }
        }
    }

    [Fact]
    public async Task A_page_of_a_thousand_models_is_small_with_all_that_it_loads()
    {
        var names = Enumerable.Range(0, 1_000).Select(
            i => $"organisation-{i * 7919 % 1000}/recommender-model-{i}:2026-11-{i % 30}").ToList();
        AlarmItem[] alarms = [.. names.Select(name => PageData.Alarm with { Model = name, Segment = $"country={name[^4..]}" })];
        ModelItem[] models = [.. names.Select(name => PageData.Model with { Model = name, State = ModelState.NoReference })];
        var assets = PageAssets.ByName.Values.Where(asset => asset.ContentType.StartsWith("text/", StringComparison.Ordinal))
            .Sum(asset => asset.Gzip.Length);
        foreach (var screen in (RenderFragment[])[
            AlarmsScreen.Of(Board(alarms, models)),
            ModelsScreen.Of(new ModelList(new ModelFilter(), ListPage<ModelItem>.Of(models, 3, null),
                names.Zip(alarms).ToDictionary(pair => pair.First, pair => pair.Second), PageData.NowMs)),
        ])
        {
            var html = Encoding.UTF8.GetBytes(await RenderAsync(screen));
            Assert.True(assets + PageBody.Compress(html).Length < MostBytes, $"{assets} + {PageBody.Compress(html).Length}");
            Assert.Contains("Page ", Encoding.UTF8.GetString(html), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        "?page=zero&severity=loud&state=odd", "page should be", "severity should be one of warning, critical",
        "state should be on or ended")]
    [InlineData("?page=-1", "page should be")]
    public async Task An_address_that_cannot_be_read_is_told_in_words(string query, params string[] words)
    {
        var page = await Reader().AlarmsAsync(Query(query), TestContext.Current.CancellationToken);
        var html = await RenderAsync(page.Body);
        Assert.Equal(StatusCodes.Status400BadRequest, page.Status);
        Assert.All(words, word => Assert.Contains(word, html, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "names no model")]
    [InlineData("?model=m&began_ms=1e3", "began_ms should be")]
    [InlineData("?model=m&began_ms=99999999999999999999", "began_ms should be")]
    [InlineData("?model=m&from=yesterday", "from should be a time")]
    [InlineData("?model=m&kind=Output_Drift", "kind should be one of output_drift")]
    public async Task Neither_can_one_of_an_alarm(string query, string word)
    {
        var page = await Reader().AlarmAsync(Query(query), TestContext.Current.CancellationToken);
        Assert.Equal(StatusCodes.Status400BadRequest, page.Status);
        Assert.Contains(word, await RenderAsync(page.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_refreshes_itself_asks_for_its_own_address()
    {
        var page = new Page("A", Screens["monitor"]) { Room = PageRoom.Monitor, RefreshedEvery = Page.Refresh };
        var html = await Writer().RenderAsync(page, "alarm?model=a%2Fb&segment=%22", PageData.Site with { AreStatusesRead = false });
        Assert.Contains("hx-get=\"alarm?model=a%2Fb&amp;segment=%22\"", html, StringComparison.Ordinal);
        Assert.Contains("hx-trigger=\"every 10s, refresh\"", html, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\">Monitor</a>", html, StringComparison.Ordinal);
        Assert.Contains("Lists are not complete yet", html, StringComparison.Ordinal);
        Assert.Contains("monitor-0", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_a_status_says_of_a_model_claims_nothing_of_its_windows()
    {
        var said = await RenderAsync(ModelScreen.Of(Empty(ModelState.Guarded), null, null, PageData.NowMs, isWhole: false));

        Assert.Contains("are not known here", said, StringComparison.Ordinal);
        Assert.DoesNotContain("No window yet", said, StringComparison.Ordinal);
        Assert.DoesNotContain("There is no reference", said, StringComparison.Ordinal);
    }

    private static void CheckForm(string html)
    {
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|<style|href=""javascript:", html);
        Assert.DoesNotMatch(@"\s(on\w+|style)\s*=", Tags(html));
        Assert.Equal(Time().Count(html), TimeWithDate().Count(html));
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
    }

    /// <summary>The tags, without the values of their attributes.</summary>
    private static string Tags(string html) =>
        string.Concat(Tag().Matches(html).Select(match => Quoted().Replace(match.Value, "=\"\"")));

    private static AlarmBoard Board(AlarmItem[] alarms, IReadOnlyList<ModelItem> models, ImmutableArray<string>? topics = null) => new(
        new AlarmFilter(), ListPage<AlarmItem>.Of(alarms, 1, null),
        alarms.Count(alarm => alarm is { EndedMs: null, Pages: true, PagesAs: AlarmSeverity.Critical }),
        alarms.Count(alarm => alarm is { EndedMs: null, Pages: true, PagesAs: AlarmSeverity.Warning }),
        alarms.Count(alarm => alarm is { EndedMs: null, Pages: false }), models, topics ?? [], PageData.NowMs);

    private static ModelDetail Empty(ModelState state) => new(
        PageData.Model with { State = state, Critical = 0, LatestEventMs = null, Owner = null, Team = null, Replica = null }, [], [], [], 0,
        [], [], SharesWindow: null, Reference: null);

    private static ReferenceList References(string? model, ImmutableArray<ReferenceItem> references, bool changes) =>
        new(model, ListPage<ReferenceItem>.Of(references, 1, null), model is null ? null : PageData.Promotion, changes);

    private static RejectionsView Read(TopicRejections topic) => new([new ReplicaRejections("monitor-0", null, [topic])]);

    private static RenderFragment Owner(AnswerOutcome outcome) => OwnerScreen.Of(
        PageData.Digits, outcome, "monitor-2", "http://monitor-2:9464", "connection refused",
        PageData.Model with { WrittenMs = PageData.NowMs - (7 * PageData.MinuteMs) }, PageData.NowMs, said: null);

    /// <summary>It may ask nobody: what is asked for cannot be read.</summary>
    private static PageReader Reader() => new(views: null!, owners: null!, new FakeTimeProvider());

    private static PageQuery Query(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        return new PageQuery(context.Request.Query);
    }

    private static PageWriter Writer() => new(new ServiceCollection().BuildServiceProvider(), NullLoggerFactory.Instance);

    private static Task<string> RenderAsync(RenderFragment screen, string title = "A page") =>
        Writer().RenderAsync(new Page(title, screen) { Room = PageRoom.Alarms, RefreshedEvery = Page.Refresh }, "self?a=b", PageData.Site);

    [GeneratedRegex("<tr class=\"(above[^\"]*)\"")]
    private static partial Regex RowClass();

    [GeneratedRegex("<h1[ >]")]
    private static partial Regex Heading();

    [GeneratedRegex("<[a-z][^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("=(\"[^\"]*\"|'[^']*')")]
    private static partial Regex Quoted();

    [GeneratedRegex("<time[ >]")]
    private static partial Regex Time();

    [GeneratedRegex("<time datetime=\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\"")]
    private static partial Regex TimeWithDate();

    [GeneratedRegex("\\sid=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("\\s(?:for|aria-labelledby|aria-describedby|data-opens)=\"([^\"]*)\"")]
    private static partial Regex Reference();
}
