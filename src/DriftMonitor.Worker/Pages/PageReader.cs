using DriftMonitor.Worker.Pages.Screens;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Components;

namespace DriftMonitor.Worker.Pages;

/// <summary>Reads what a page shows, by what its address asks for.</summary>
internal sealed class PageReader(MonitorViews views, OwnerViews owners, TimeProvider time)
{
    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<Page> AlarmsAsync(PageQuery query, CancellationToken cancelled)
    {
        var filter = new AlarmFilter(
            Search: query.Text("search"), Severity: query.Value<AlarmSeverity>("severity"), On: query.Either("state", "on", "ended"));
        var page = query.Page("page");
        if (query.Problems.Count > 0)
        {
            return Unreadable(query, PageRoom.Alarms);
        }

        var (all, models) = (views.Alarms(new AlarmFilter()), views.Models(new ModelFilter()));
        var incidents = Incidents.WithoutCovered(all);
        var shown = filter.Severity is not null ? all
            : filter.On is { } on ? Incidents.WithoutCovered([.. all.Where(alarm => alarm.EndedMs is null == on)])
            : incidents;
        AlarmItem[] asked = [.. shown.Where(filter.Matches)];
        var topics = models.Count == 0 ? (await owners.RejectionsAsync(all: false, cancelled)).Replicas[0].Topics : [];
        var board = new AlarmBoard(
            filter, ListPage<AlarmItem>.Of(asked, page, size: null),
            incidents.Count(alarm => alarm is { EndedMs: null, Pages: true, PagesAs: AlarmSeverity.Critical }),
            incidents.Count(alarm => alarm is { EndedMs: null, Pages: true, PagesAs: AlarmSeverity.Warning }),
            incidents.Count(alarm => alarm is { EndedMs: null, Pages: false }), models,
            [.. topics.Select(topic => topic.Topic)], NowMs);
        return new(AlarmsScreen.Title(board), AlarmsScreen.Of(board)) { Room = PageRoom.Alarms, RefreshedEvery = Page.Refresh };
    }

    public async Task<Page> AlarmAsync(PageQuery query, CancellationToken cancelled)
    {
        var filter = new AlarmFilter(
            query.Required("model"), query.Text("segment"), query.Text("window"), query.Value<AlarmKind>("kind"),
            query.Value<AlarmSeverity>("severity"), FromMs: query.Time("from"), ToMs: query.Time("to"),
            BeganMs: query.Milliseconds("began_ms"));
        if (query.Problems.Count > 0)
        {
            return Unreadable(query, PageRoom.Alarms);
        }

        var changes = views.Site().Changes;
        return Answered(
            await owners.AlarmAsync(filter, onlyLocal: false, cancelled), $"Alarm of {filter.Model}", filter.Model!, PageRoom.Alarms,
            (detail, _) => AlarmScreen.Of(Incidents.WithoutCovered(detail), changes, NowMs), ProblemScreen.NoAlarm(filter.Model));
    }

    public Task<Page> ModelsAsync(PageQuery query, CancellationToken cancelled)
    {
        var filter = new ModelFilter(query.Text("search"), query.Value<ModelState>("state"));
        var page = query.Page("page");
        if (query.Problems.Count > 0)
        {
            return Task.FromResult(Unreadable(query, PageRoom.Models));
        }

        var alarms = views.Alarms(new AlarmFilter(On: true)).Where(alarm => alarm.Pages).DistinctBy(alarm => alarm.Model)
            .ToDictionary(alarm => alarm.Model, StringComparer.Ordinal);
        var list = new ModelList(filter, ListPage<ModelItem>.Of(views.Models(filter), page, size: null), alarms, NowMs);
        return Task.FromResult(new Page("Models", ModelsScreen.Of(list))
        {
            Room = PageRoom.Models,
            RefreshedEvery = Page.Refresh,
        });
    }

    public async Task<Page> ModelAsync(PageQuery query, CancellationToken cancelled)
    {
        var (model, segment, window) = (query.Required("model"), query.Text("segment"), query.Text("window"));
        return query.Problems.Count > 0
            ? Unreadable(query, PageRoom.Models)
            : Answered(
                await owners.ModelAsync(model, onlyLocal: false, cancelled), model, model, PageRoom.Models,
                (detail, isWhole) => ModelScreen.Of(Incidents.WithoutCovered(detail), segment, window, NowMs, isWhole),
                ProblemScreen.NoModel(model));
    }

    public async Task<Page> ReferencesAsync(PageQuery query, CancellationToken cancelled)
    {
        var (model, page) = (query.Text("model"), query.Page("page"));
        if (query.Problems.Count > 0)
        {
            return Unreadable(query, PageRoom.References);
        }

        var asking = model is null ? null : owners.PromotionAsync(model, onlyLocal: false, cancelled);
        // what it lacks its owner knows
        var answer = model is null ? null : await owners.ModelAsync(model, onlyLocal: false, cancelled);
        var promotion = asking is null ? null : (await asking).Value;
        var used = answer?.Value?.Reference;
        ReferenceItem[] all =
        [
            .. views.References(model).Select(
                reference => reference.Id is not null && (reference.Id, reference.Version) == (used?.Id, used?.Version)
                    ? reference with { Lacks = used!.Lacks }
                    : reference),
        ];
        var list = new ReferenceList(
            model, ListPage<ReferenceItem>.Of(all, page, size: null), promotion, views.Site().Changes,
            answer?.Outcome ?? AnswerOutcome.Found, answer?.Url);
        return new(model is null ? "References" : $"References of {model}", ReferencesScreen.Of(list))
        {
            Room = PageRoom.References,
            RefreshedEvery = promotion is { State: PromotionState.Running } ? "2s" : Page.Refresh,
        };
    }

    public async Task<Page> RejectedAsync(PageQuery query, CancellationToken cancelled)
    {
        var model = query.Text("model");
        return new("Rejected", RejectedScreen.Of(await owners.RejectionsAsync(all: true, cancelled), model))
        {
            Room = PageRoom.Rejected,
            RefreshedEvery = Page.Refresh,
        };
    }

    public async Task<Page> MonitorAsync(PageQuery query, CancellationToken cancelled) =>
        new("Monitor", MonitorScreen.Of(await views.MonitorAsync(cancelled), NowMs))
        {
            Room = PageRoom.Monitor,
            RefreshedEvery = Page.Refresh,
        };

    private static Page Unreadable(PageQuery query, PageRoom room) =>
        new("The address cannot be read", ProblemScreen.Of("The address cannot be read", query.Problems))
        {
            Room = room,
            Status = StatusCodes.Status400BadRequest,
        };

    /// <summary>The page of what a replica owns, or the one that says why there is none.</summary>
    /// <param name="show">Shows it: all of it, or as little as is known here.</param>
    private Page Answered<T>(
        Answer<T> answer, string title, string model, PageRoom room, Func<T, bool, RenderFragment> show, RenderFragment missing)
        where T : class => answer switch
        {
            { Outcome: AnswerOutcome.Found, Value: { } value } => new(title, show(value, true))
            {
                Room = room,
                RefreshedEvery = Page.Refresh,
            },
            { Outcome: AnswerOutcome.NotFound } => new(title, missing) { Room = room, Status = StatusCodes.Status404NotFound },
            _ => new(title, OwnerScreen.Of(
                title, answer.Outcome, answer.Replica, answer.Url, answer.Problem,
                views.Models(new ModelFilter(model)).FirstOrDefault(known => known.Model == model), NowMs,
                answer.Value is { } said ? show(said, false) : null))
            {
                Room = room,
                RefreshedEvery = Page.Refresh,
            },
        };
}
