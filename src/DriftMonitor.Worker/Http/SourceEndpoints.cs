using System.Net.Mime;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// <c>GET /api/sources</c>: what this replica has read of each source's topic, and the latest few records of each model and reason that
/// were rejected, ignored or fell back: where they stand and what was expected, nothing of what they hold. A JSON array.
/// </summary>
internal static class SourceEndpoints
{
    private const int MaxAtOnce = 4;

    /// <param name="topics">The topics of the sources.</param>
    public static void MapSources(this IEndpointRouteBuilder app, IReadOnlyCollection<string> topics)
    {
        var metrics = app.ServiceProvider.GetRequiredService<MonitorMetrics>().Service;
        app.MapGet(
            "/api/sources",
            BoundedRequests.Bounded(context => WriteAsync(context, topics.Select(metrics.Topic)), MaxAtOnce, app.ServiceProvider));
    }

    private static async Task WriteAsync(HttpContext context, IEnumerable<TopicMetrics> topics)
    {
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var topic in topics)
        {
            Write(json, topic);
            await json.FlushAsync(context.RequestAborted);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, TopicMetrics topic)
    {
        json.WriteStartObject();
        json.WriteString("topic", topic.Topic);
        json.WriteNumber("accepted", topic.Accepted);
        json.WriteNumber("ignored", topic.Ignored);
        json.WriteNumber("rejected", topic.Rejected);
        json.WriteNumber("duplicates", topic.Duplicates);
        json.WriteStartArray("latest");
        foreach (var (kind, expected, count, records) in topic.Latest.All)
        {
            json.WriteStartObject();
            json.WriteString("outcome", SnakeCaseName.Of(kind.Outcome));
            json.WriteString("reason", kind.Reason.Length > 0 ? kind.Reason : null);
            json.WriteString("model", kind.Model?.Name);
            json.WriteNumber("count", count);
            json.WriteString("expected", expected);
            json.WriteStartArray("records");
            foreach (var record in records)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", record.Partition);
                json.WriteNumber("offset", record.Offset);
                json.WriteNumber("row", record.Row);
                json.WriteNumber("record_time_ms", record.TimeMs);
                json.WriteString("where", record.Where);
                json.WriteString("what_to_do", record.Remedy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
