using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>Questions to a real Prometheus.</summary>
internal sealed class PrometheusQueries(Server prometheus)
{
    private const int RangeSeconds = 300;

    /// <summary>What an instant query answers now, one string a series.</summary>
    /// <exception cref="InvalidOperationException">Prometheus does not take it for a query.</exception>
    public Task<string[]> AnswerAsync(string query) => AskAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");

    /// <summary>What a range query answers for the last five minutes, one string a series.</summary>
    public Task<string[]> RangeAsync(string query)
    {
        var end = WallClock.NowMs / 1_000;
        return AskAsync(
            FormattableString.Invariant(
                $"/api/v1/query_range?start={end - RangeSeconds}&end={end}&step=1&query={Uri.EscapeDataString(query)}"));
    }

    /// <summary>Asks again and again until there is an answer.</summary>
    public async Task UntilAsync(string query, TimeSpan patience)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(patience);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await AnswerAsync(query) is [])
        {
            Assert.False(cancel.IsCancellationRequested, $"Prometheus never had an answer to {query}\n{prometheus.Output}");
            await beat.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task<string[]> AskAsync(string path)
    {
        using var answer = await prometheus.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return (string)body["status"]! == "success"
            ? [.. body["data"]!["result"]!.AsArray().Select(series => series!.ToJsonString())]
            : throw new InvalidOperationException($"{Uri.UnescapeDataString(path)}: {body["error"]}");
    }
}
