using System.Net.Mime;
using DriftMonitor.Worker.Alarms;
using Microsoft.Extensions.Primitives;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>GET /api/alarms</c>: the alarms of the series that this replica owns, each with its explanation, as a JSON array. <c>?model=</c>,
/// <c>&amp;segment=</c> and <c>&amp;window=</c>, that by which an alarm began, leave out the others.
/// </summary>
internal static class AlarmEndpoints
{
    private const int MaxAtOnce = 4;

    public static void MapAlarms(this IEndpointRouteBuilder app)
    {
        var desk = app.ServiceProvider.GetRequiredService<AlarmDesk>();
        app.MapGet("/api/alarms", BoundedRequests.Bounded(context => WriteAsync(context, desk), MaxAtOnce, app.ServiceProvider));
    }

    private static async Task WriteAsync(HttpContext context, AlarmDesk desk)
    {
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        var query = context.Request.Query;
        var (model, segment, window) = (query["model"], query["segment"], query["window"]);
        var asked = desk.Explain().Where(
            each => IsAsked(model, each.Alarm.Series.Model)
                && IsAsked(segment, each.Alarm.Series.Segment)
                && IsAsked(window, each.Alarm.FirstWindow.Name));
        foreach (var explanation in asked)
        {
            AlarmJson.Of(explanation).WriteTo(json);
            await json.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted); // each has a line a segment: one at a time in memory
        }

        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }

    private static bool IsAsked(StringValues names, string name) => names.Count == 0 || names.Contains(name);
}
