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
    private readonly ConcurrentQueue<Notification> _notifications = new();
    private readonly SemaphoreSlim _arrived = new(0);

    private Webhook(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Every alert that came, repeated ones too.</summary>
    public IReadOnlyCollection<(string Receiver, JsonNode Alert)> Alerts => _alerts;

    /// <summary>Every notification that came, in their order.</summary>
    public IReadOnlyCollection<Notification> Notifications => _notifications;

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
    public Task<(string Receiver, JsonNode Alert)> ExpectAsync(string what, Func<JsonNode, bool> isIt, TimeSpan patience) =>
        WaitAsync(what, _alerts, alert => isIt(alert.Alert), patience);

    /// <summary>Waits for notifications, each as its text says.</summary>
    public async Task ExpectAsync(TimeSpan patience, params string[] notifications)
    {
        foreach (var notification in notifications)
        {
            await WaitAsync(notification, _notifications, came => $"{came}" == notification, patience);
        }
    }

    private async Task<T> WaitAsync<T>(string what, IReadOnlyCollection<T> came, Func<T, bool> isIt, TimeSpan patience)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cancel.CancelAfter(patience);
        try
        {
            while (true)
            {
                foreach (var it in came.Where(isIt))
                {
                    return it;
                }

                await _arrived.WaitAsync(cancel.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"it never came: {what}; what "
                + $"came:\n{string.Join('\n', came)}");
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
        _notifications.Enqueue(new Notification((string)context.Request.RouteValues["receiver"]!, body.DeepClone()));
        foreach (var alert in body["alerts"]!.AsArray())
        {
            _alerts.Enqueue(((string)context.Request.RouteValues["receiver"]!, alert!.DeepClone()));
        }

        _arrived.Release();
    }

    /// <summary>One message to one receiver, of a group of alerts.</summary>
    internal sealed record Notification(string Receiver, JsonNode Body)
    {
        /// <summary>The labels of its alerts.</summary>
        public IEnumerable<JsonNode> Alerts => Body["alerts"]!.AsArray().Select(alert => alert!["labels"]!);

        /// <summary>Who is told what of which models, in how many alerts.</summary>
        public override string ToString()
        {
            var models = Alerts.Select(labels => (string?)labels["model"]).Distinct().Order();
            var severities = Alerts.Select(labels => (string?)labels["severity"]).Distinct().Order();
            var test = Alerts.Any(labels => labels["test"] is not null) ? " test" : "";
            return $"{Receiver} {Body["status"]}{test}: {string.Join(' ', models)}, {Alerts.Count()} {string.Join(' ', severities)}";
        }
    }
}
