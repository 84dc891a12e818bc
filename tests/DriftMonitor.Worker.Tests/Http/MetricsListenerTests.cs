using System.Net;
using System.Net.Sockets;
using DriftMonitor.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>Metrics and health at an address of their own.</summary>
public sealed class MetricsListenerTests
{
    [Fact]
    public async Task Metrics_and_health_are_served_there_alone_and_nothing_else_is()
    {
        var port = FreePort();
        var url = $"http://127.0.0.1:{port}";
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:0;{url}");
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseMetricsListener(url);
        foreach (var path in new[] { "/", "/api/v1/alarms", "/metrics", "/health/live" })
        {
            app.MapGet(path, () => "here");
        }

        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var pages = app.Urls.Single(address => address != url);
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound],
            await AskAsync(pages, "/", "/api/v1/alarms", "/metrics", "/METRICS", "/Health/live"));
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK],
            await AskAsync(url, "/", "/api/v1/alarms", "/metrics", "/METRICS", "/Health/live"));

        async Task<HttpStatusCode[]> AskAsync(string address, params string[] paths)
        {
            var statuses = new List<HttpStatusCode>();
            foreach (var path in paths)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address + path);
                request.Headers.Host = $"127.0.0.1:{port}"; // what somebody says in a header decides nothing
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                statuses.Add(answer.StatusCode);
            }

            return [.. statuses];
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
