using System.Net.Mime;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;
using Microsoft.Extensions.Primitives;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>GET /api/alarms</c>: the states of the models that this replica knows, and the alarms of the series that it owns, each with its
/// explanation, as a JSON object. <c>?model=</c> leaves out the others; <c>&amp;segment=</c> and <c>&amp;window=</c>, that by which an
/// alarm began, other alarms.
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
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        var query = context.Request.Query;
        var (model, segment, window) = (query["model"], query["segment"], query["window"]);
        states.Refresh();
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (var known in states.All.Where(known => IsAsked(model, known.Model)))
        {
            MonitorJson.Of(new { known.Model, known.State, Since = known.SinceMs }).WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("alarms");
        var asked = desk.Explain().Where(
            each => IsAsked(model, each.Alarm.Series.Model)
                && IsAsked(segment, each.Alarm.Series.Segment)
                && IsAsked(window, each.Alarm.FirstWindow.Name));
        foreach (var explanation in asked)
        {
            AlarmJson.Of(explanation, owners).WriteTo(json);
            await json.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted); // each has a line a segment: one at a time in memory
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static bool IsAsked(StringValues names, string name) => names.Count == 0 || names.Contains(name);
}
