using System.Globalization;
using System.Reactive.Concurrency;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Tests.Broker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.EndToEnd;

/// <summary>The whole service in this process, looked at from outside: through <c>/metrics</c>. Only the clock is ours.</summary>
internal sealed partial class RunningMonitor : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private bool _stopped;

    private RunningMonitor(WebApplication app)
    {
        _app = app;
        _http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public static async Task<RunningMonitor> StartAsync(
        FakeTimeProvider time, Dictionary<string, string?> settings, ILoggerProvider? log = null,
        Action<IServiceCollection>? services = null)
    {
        RealBrokerRules.CheckSession(settings.Select(setting => $"{setting.Key}={setting.Value}"));
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Kafka:Client:fetch.wait.max.ms"] = "50",
            ["Windows:PublishInterval"] = "10ms",
            ["Windows:EvaluationDelay"] = "1ms",
            ["Alarms:Budget:Warning"] = "none", // nothing is simulated where nobody looks at it
            ["Alarms:Budget:Critical"] = "none",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        if (log is not null)
        {
            builder.Logging.ClearProviders().AddProvider(log);
        }

        builder.Services.AddSingleton(provider => new ScrapeBody( // each scrape is to show what is so by then
            provider.GetRequiredService<MonitorMetrics>(), provider, TimeSpan.Zero, time));
        services?.Invoke(builder.Services);
        var app = await MonitorApp.BuildAsync(builder, time, new HistoricalScheduler());
        await MonitorApp.StartAsync(app, TestContext.Current.CancellationToken);
        return new RunningMonitor(app);
    }

    /// <summary>Where its pages are.</summary>
    public Uri Address => _http.BaseAddress!;

    public Task<HttpResponseMessage> GetAsync(string path) =>
        _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    public Task<string> ScrapeAsync() => _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>
    /// The value of the one sample of a metric that has these labels, NaN for none; of a counter with and without a model the sum.
    /// </summary>
    public async Task<double> ValueAsync(string metric, params string[] labels)
    {
        var samples = (await ScrapeAsync()).Split('\n')
            .Where(
                line => line.StartsWith(metric + "{", StringComparison.Ordinal)
                    && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .ToArray();
        return samples switch
        {
            [] => double.NaN,
            [var sample] => Value(sample),
            _ when samples.All(sample => metric.EndsWith("_total", StringComparison.Ordinal)
                && WithoutModel(sample) == WithoutModel(samples[0])) => samples.Sum(Value),
            _ => throw new InvalidOperationException($"{metric}: several samples:\n{string.Join('\n', samples)}"),
        };
    }

    private static double Value(string sample) =>
        double.Parse(sample[(sample.LastIndexOf('}') + 2)..].Split(' ')[0], CultureInfo.InvariantCulture);

    private static string WithoutModel(string sample) => ModelLabel().Replace(sample[..sample.LastIndexOf('}')], "");

    [GeneratedRegex("(?<=[{,])model=\"[^\"]*\",?")]
    private static partial Regex ModelLabel();

    /// <summary>Asks again and again until something is so; between two looks, <paramref name="between"/>.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> isSo, Action? between = null) =>
        Patience.UntilAsync(what, isSo, ScrapeAsync, between);

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        // a client that cannot be destroyed fails the test, and names it
        await Task.Run(() => _app.DisposeAsync().AsTask()).WaitAsync(TimeSpan.FromMinutes(1));
        _http.Dispose();
    }
}
