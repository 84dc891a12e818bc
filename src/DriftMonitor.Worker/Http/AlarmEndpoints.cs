using System.Net.Mime;
using System.Text.Json;
using DriftMonitor.Worker.Alarms;

namespace DriftMonitor.Worker.Http;

/// <summary><c>GET /api/alarms</c>: the alarms of the series that this replica owns, each with its explanation, as a JSON array.</summary>
internal static class AlarmEndpoints
{
    public static void MapAlarms(this IEndpointRouteBuilder app)
    {
        var desk = app.ServiceProvider.GetRequiredService<AlarmDesk>();
        app.MapGet("/api/alarms", (RequestDelegate)(context => WriteAsync(context, desk)));
    }

    private static async Task WriteAsync(HttpContext context, AlarmDesk desk)
    {
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var explanation in desk.Explain())
        {
            AlarmJson.Write(json, explanation);
            await json.FlushAsync(context.RequestAborted); // each has a line for every segment: one at a time in memory
        }

        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }
}
