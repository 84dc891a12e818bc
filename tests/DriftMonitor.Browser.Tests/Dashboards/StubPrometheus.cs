using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>
/// Answers every query of a Prometheus with the same two series, of all labels that panels use, or with none; it understands no query.
/// </summary>
internal sealed class StubPrometheus : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubPrometheus(WebApplication app) => _app = app;

    public HttpClient Http { get; private set; } = new();

    public static async Task<StubPrometheus> StartAsync(bool knowsNothing)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var stub = new StubPrometheus(builder.Build());
        stub._app.MapGet("/api/v1/label/{label}/values", () => Data(knowsNothing ? Array.Empty<string>() : ["a", "b"]));
        stub._app.MapGet("/api/v1/query", (long time) => Result("vector", knowsNothing, (key, value) => new
        {
            metric = Labels(key),
            value = Sample(time, value),
        }));
        stub._app.MapGet("/api/v1/query_range", (long start, long end, long step) => Result("matrix", knowsNothing, (key, value) => new
        {
            metric = Labels(key),
            values = Enumerable.Range(0, (int)((end - start) / step) + 1).Select(i => Sample(start + (i * step), value * (1 + i))),
        }));
        await stub._app.StartAsync(TestContext.Current.CancellationToken);
        stub.Http.BaseAddress = new Uri(stub._app.Urls.Single());
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    private static IResult Data(object data) => Results.Json(new { status = "success", data });

    private static IResult Result(string type, bool none, Func<string, double, object> series) =>
        Data(new { resultType = type, result = none ? [] : new[] { series("a", 0.25), series("b", -1) } });

    private static object[] Sample(long time, double value) => [time, value.ToString(CultureInfo.InvariantCulture)];

    private static Dictionary<string, string> Labels(string key) => new()
    {
        ["model"] = key,
        ["segment"] = "_all",
        ["window"] = key,
        ["class"] = key,
        ["severity"] = "critical",
        ["kind"] = "</script>",
        ["distribution"] = key,
        ["state"] = "guarded",
        ["instance"] = key,
        ["topic"] = key,
        ["version"] = key,
    };
}
