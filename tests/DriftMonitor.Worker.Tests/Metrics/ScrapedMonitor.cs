using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Pages;
using DriftMonitor.Worker.Pages.Screens;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Pages;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>The metrics behind a real endpoint, read over loopback as Prometheus reads them.</summary>
internal sealed class ScrapedMonitor : IAsyncDisposable
{
    /// <summary>Of a model that has no event, and of another that has only a team.</summary>
    public static readonly ModelOwners Owners = new(
        ImmutableSortedDictionary<string, ModelOwner>.Empty.WithComparers(StringComparer.Ordinal)
            .Add("spam", new ModelOwner("Ann \"A\" Lee", "mail", "https://wiki.example/spam#drift", "nights", AlarmSeverity.Warning))
            .Add("digits", ModelOwner.Nobody with { Team = "vision" }));

    private const int MaxModels = 50;

    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    private ScrapedMonitor(string[] topics, MinDataRate? rate, LogLines? log, AccessTokens? tokens = null, string? waitsFor = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(server =>
        {
            ServerLimits.Apply(server);
            server.Limits.MinResponseDataRate = rate;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => (log is null ? logging : logging.AddProvider(log)).SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(Models);
        builder.Services.AddSingleton(Owners);
        builder.Services.AddAlarms(Reported.Alarms, Reported.Windows, new EvaluationSettings());
        builder.Services.AddMonitorMetrics(
            topics, TimeSpan.FromSeconds(1), new ExportedSettings("https://monitor.example", TrafficFactor: 2, Owners));
        builder.Services.AddSingleton(provider => new ReplicaAddress(null, "this", provider.GetRequiredService<IServer>()));
        builder.Services.AddApi(topics, tokens ?? AccessTokens.None, access => new EffectiveSettings([], access.AllowChanges));
        builder.Services.AddPages();
        if (waitsFor is not null)
        {
            builder.Services.AddReadiness("predictions joined", _ => waitsFor);
        }

        _app = builder.Build();
        _app.UseAccess();
        _app.UseApiAnswers();
        _app.MapMonitorMetrics();
        _app.MapApi();
        _app.MapPages();
        foreach (var alarm in (AlarmDetail[])[PageData.Accuracy, PageData.Dispersion]) // by budgets: thresholds take minutes to work out
        {
            _app.MapPage(
                $"/made-{SnakeCaseName.Of(alarm.Alarm.Kind)}",
                _ => Task.FromResult(new Page("An alarm made by hand", AlarmScreen.Of(alarm, changes: true, PageData.NowMs))
                {
                    Room = PageRoom.Alarms,
                }),
                atOnce: 1);
        }

        _app.MapPage("/fails", _ => throw new InvalidOperationException("a path of this machine"), atOnce: 1);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 10, 0, TimeSpan.Zero));

    public WatchedModels Models { get; } = new(MaxModels, maxSegmentsPerModel: 10, acceptUnknown: true);

    public IServiceProvider Services => _app.Services;

    public MonitorMetrics Metrics => _app.Services.GetRequiredService<MonitorMetrics>();

    public AlarmDesk Alarms => _app.Services.GetRequiredService<AlarmDesk>();

    public ReportStore Reports => _app.Services.GetRequiredService<ReportStore>();

    public UsedReferences References => _app.Services.GetRequiredService<UsedReferences>();

    public ScrapeBody Endpoint => _app.Services.GetRequiredService<ScrapeBody>();

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Clients that report here, and log nothing.</summary>
    public KafkaConnection Connection(ClientSettings client) =>
        new(client, AllowedSkewMs: 0, Metrics.Kafka, Time, NullLoggerFactory.Instance);

    public static Task<ScrapedMonitor> Start(params string[] topics) => StartAsync(new ScrapedMonitor(topics, null, null));

    /// <summary>One that asks who may do what, and is not ready while it waits for something; null for one without health checks.</summary>
    public static Task<ScrapedMonitor> StartAsync(
        AccessTokens tokens, LogLines? log = null, string? waitsFor = null, params string[] topics) =>
        StartAsync(new ScrapedMonitor(topics, null, log, tokens, waitsFor));

    /// <param name="rate">How fast answers must be read; null for as slowly as the reader likes.</param>
    /// <param name="log">Where what is worth a warning goes.</param>
    public static Task<ScrapedMonitor> StartAsync(MinDataRate? rate, LogLines? log = null) => StartAsync(new ScrapedMonitor([], rate, log));

    /// <summary>What is exported a second later: within one, scrapes have the same body.</summary>
    public async Task<Scrape> Scrape(string accept = "*/*")
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_app.Urls.Single()}/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(StatusCodes.Status200OK, (int)response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return new Scrape(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? acceptEncoding = null, string path = "/metrics")
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<string> GetAsync(string path) =>
        _http.GetStringAsync(new Uri($"{_app.Urls.Single()}{path}"), TestContext.Current.CancellationToken);

    private static async Task<ScrapedMonitor> StartAsync(ScrapedMonitor monitor)
    {
        _ = monitor.Endpoint; // what is recorded before it listens is lost
        await monitor._app.StartAsync(TestContext.Current.CancellationToken);
        return monitor;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Task.WhenAll(
            _app.Services.GetServices<IHostedService>()
                .OfType<CalibrationWorker>()
                .Select(worker => worker.StopAsync(CancellationToken.None)));
        await _app.DisposeAsync();
    }
}
