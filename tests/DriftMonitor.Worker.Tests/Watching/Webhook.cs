using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>Whoever is on call: takes what Alertmanager sends, in this process.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Receiver, JsonNode Alert)> _alerts = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private Webhook(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Every alert that came, repeated ones too.</summary>
    public IReadOnlyCollection<(string Receiver, JsonNode Alert)> Alerts => _alerts;

    public static async Task<Webhook> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var app = builder.Build();
        var webhook = new Webhook(app);
        app.MapPost("/{receiver}", (RequestDelegate)webhook.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return webhook;
    }

    /// <summary>Waits for an alert that is as it should be.</summary>
    public async Task<(string Receiver, JsonNode Alert)> ExpectAsync(string what, Func<JsonNode, bool> isIt, TimeSpan patience)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(patience);
        try
        {
            while (true)
            {
                foreach (var alert in _alerts.Where(alert => isIt(alert.Alert)))
                {
                    return alert;
                }

                await _arrived.WaitAsync(cancel.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"it never came: {what}; what "
                + $"came:\n{string.Join('\n', _alerts.Select(alert => $"{alert.Receiver}: {alert.Alert.ToJsonString()}"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _arrived.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        foreach (var alert in body["alerts"]!.AsArray())
        {
            _alerts.Enqueue(((string)context.Request.RouteValues["receiver"]!, alert!.DeepClone()));
        }

        _arrived.Release();
    }
}
