using Confluent.Kafka;

namespace DriftMonitor.Worker.Join;

/// <summary>What a record that was routed says beside its own bytes: the topic that it is of, and which of its rows are meant.</summary>
internal static class RoutedRecord
{
    private const string Source = "driftmonitor.source";
    private const string Rows = "driftmonitor.rows";

    /// <param name="rows">The rows, in their order; null for all of them.</param>
    public static Headers HeadersOf(Headers? original, string topic, IReadOnlyCollection<int>? rows)
    {
        var headers = new Headers();
        foreach (var header in original ?? [])
        {
            if (header.Key is not (Source or Rows))
            {
                headers.Add(header);
            }
        }

        headers.Add(Source, Encoding.UTF8.GetBytes(topic));
        if (rows is not null)
        {
            headers.Add(Rows, Encoding.UTF8.GetBytes(string.Join(',', rows)));
        }

        return headers;
    }

    /// <summary>The topic that the record was copied from; null for a record that was not.</summary>
    public static string? TopicOf(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(Source, out var topic) ? Encoding.UTF8.GetString(topic) : null;

    /// <summary>The rows that are meant; null for all.</summary>
    public static HashSet<int>? RowsOf(Headers? headers)
    {
        if (headers is null || !headers.TryGetLastBytes(Rows, out var text))
        {
            return null;
        }

        var rows = new HashSet<int>();
        foreach (var number in Encoding.UTF8.GetString(text).Split(','))
        {
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            {
                rows.Add(row);
            }
        }

        return rows;
    }
}
