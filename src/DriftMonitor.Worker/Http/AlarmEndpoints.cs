using System.Net.Mime;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using Microsoft.Extensions.Primitives;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>GET /api/alarms</c>: the states of the models that this replica knows, the alarms of the series that it owns, each with its
/// explanation, and the last ones that ended, as a JSON object. <c>?model=</c> leaves out the others; <c>&amp;segment=</c>,
/// <c>&amp;window=</c>, that by which an alarm began, and <c>&amp;from=</c> and <c>&amp;to=</c>, times as of RFC 3339, alarms of others
/// and those whose drift was over before, or came after.
/// </summary>
internal static class AlarmEndpoints
{
    private const int MaxAtOnce = 4;

    public static void MapAlarms(this IEndpointRouteBuilder app)
    {
        var desk = app.ServiceProvider.GetRequiredService<AlarmDesk>();
        var states = app.ServiceProvider.GetRequiredService<ModelStates>();
        var owners = app.ServiceProvider.GetRequiredService<ModelOwners>();
        app.MapGet(
            "/api/alarms", BoundedRequests.Bounded(context => WriteAsync(context, desk, states, owners), MaxAtOnce, app.ServiceProvider));
    }

    private static async Task WriteAsync(HttpContext context, AlarmDesk desk, ModelStates states, ModelOwners owners)
    {
        var query = context.Request.Query;
        var (model, segment, window) = (query["model"], query["segment"], query["window"]);
        if (!TryInstant(query["from"], long.MinValue, out var fromMs) || !TryInstant(query["to"], long.MaxValue, out var toMs))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("from and to are times such as 2026-01-31T23:59:00Z\n", context.RequestAborted);
            return;
        }

        context.Response.ContentType = MediaTypeNames.Application.Json;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        states.Refresh();
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (var known in states.All.Where(known => IsAsked(model, known.Model)))
        {
            MonitorJson.Of(new { known.Model, known.State, Since = known.SinceMs }).WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("alarms");
        foreach (var explanation in desk.Explain().Where(each => IsOfAlarm(
            each.Alarm.Series.Model, each.Alarm.Series.Segment, each.Alarm.FirstWindow.Name, each.Alarm.OnsetMs ?? each.Alarm.BeganMs,
            endedMs: null)))
        {
            AlarmJson.Of(explanation, owners).WriteTo(json);
            await json.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted); // each has a line a segment: one at a time in memory
        }

        json.WriteEndArray();
        json.WriteStartArray("ended");
        foreach (var (of, ended) in desk.Ended().Where(each => IsOfAlarm(
            each.Model, each.Alarm.Segment, each.Alarm.Window, each.Alarm.OnsetMs ?? each.Alarm.BeganMs, each.Alarm.EndedMs)))
        {
            AlarmJson.Of(of, ended).WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);

        bool IsOfAlarm(string ofModel, string ofSegment, string ofWindow, long onsetMs, long? endedMs) =>
            IsAsked(model, ofModel) && IsAsked(segment, ofSegment) && IsAsked(window, ofWindow)
            && onsetMs <= toMs && !(endedMs < fromMs);
    }

    private static bool TryInstant(StringValues written, long otherwise, out long ms)
    {
        var isTime = DateTimeOffset.TryParse(
            written.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant);
        ms = isTime ? instant.ToUnixTimeMilliseconds() : otherwise;
        return isTime || StringValues.IsNullOrEmpty(written);
    }

    private static bool IsAsked(StringValues names, string name) => names.Count == 0 || names.Contains(name);
}
