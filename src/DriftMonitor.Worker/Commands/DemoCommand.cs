using System.CommandLine;
using System.Globalization;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Confluent.Kafka;
using DriftMonitor.Monitoring;
using DriftMonitor.Worker.Demo;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Prometheus;
using DriftMonitor.Worker.References;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands;

/// <summary><c>demo</c>: the service on an embedded broker and the digits stream, with nothing to install.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    public static Command Create(TimeProvider time, IScheduler scheduler)
    {
        var end = Arguments.Duration("--for", "How long to run; until Ctrl+C when left out.");
        var port = new Option<int>("--port") { Description = "The port of /metrics.", DefaultValueFactory = _ => 9464 };
        var command = new Command("demo", "Watch a model drift: an embedded broker, a real recorded stream, and the service.") { end, port };
        command.SetAction((parsed, cancelled) => Failures.Told(async () =>
        {
            await RunAsync(parsed.GetValue(end) ?? TimeSpan.MaxValue, parsed.GetValue(port), time, scheduler, cancelled);
            return Environment.ExitCode;
        }));
        return command;
    }

    private static async Task RunAsync(TimeSpan length, int port, TimeProvider time, IScheduler scheduler, CancellationToken cancelled)
    {
        const string topic = "predictions";
        const string feedbackTopic = "feedback";
        const int partitions = 2;
        var digits = Path.Combine(AppContext.BaseDirectory, "Demo", "digits");
        var references = Directory.CreateTempSubdirectory("driftmonitor-demo-");
        try
        {
            var reference = ReferenceFromPredictions.Build(Path.Combine(digits, "reference.jsonl"), null, null, 1, time.GetUtcNow()).Snapshots.Single();
            ReferenceFile.Write(reference, Path.Combine(references.FullName, "digits.json"));

            using var broker = EmbeddedBroker.Start();
            broker.CreateTopic(topic, partitions);
            broker.CreateTopic(feedbackTopic, partitions);
            broker.CreateTopic("driftmonitor.panes", partitions);
            broker.CreateTopic("driftmonitor.panes.feedback", partitions);
            broker.CreateTopic("driftmonitor.panes.rollups", partitions);

            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.Configuration.AddInMemoryCollection(Configuration(broker.BootstrapServers, topic, feedbackTopic, references.FullName, port));
            await using var app = await MonitorApp.BuildAsync(builder, time, scheduler);
            await MonitorApp.StartAsync(app, cancelled);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled, app.Lifetime.ApplicationStopping);
            using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
            var predictions = Path.Combine(digits, "predictions.jsonl");
            using (new DigitsPlayer(predictions, predictions).Play(producer, topic, scheduler))
            using (new DigitsPlayer(Path.Combine(digits, "feedback.jsonl"), predictions).Play(producer, feedbackTopic, scheduler))
            {
                await ShowAsync(
                    new DemoScreen($"{app.Urls.First()}/metrics", broker.BootstrapServers, app.Services.GetRequiredService<MonitorMetrics>().Feedback), app.Services.GetRequiredService<ReportStore>(), length, scheduler, stop.Token);
            }

            await app.StopAsync(CancellationToken.None);
        }
        finally
        {
            references.Delete(recursive: true);
        }
    }

    private static Dictionary<string, string?> Configuration(string brokers, string topic, string feedbackTopic, string references, int port) => new()
    {
        ["Urls"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:Console:FormatterName"] = "simple",
        ["Kafka:BootstrapServers"] = brokers,
        ["Kafka:Client:fetch.wait.max.ms"] = "10", // the embedded broker does not wake a fetch that waits
        ["Kafka:PredictionTopics"] = topic,
        ["Feedback:Topic"] = feedbackTopic,
        ["Feedback:Horizon"] = "5m",
        ["Windows:Spans"] = "20s/2s, 1m/2s",
        ["Windows:AllowedLateness"] = "10s",
        ["Windows:DisorderSlack"] = "1s",
        ["Windows:PublishInterval"] = "2s",
        ["Windows:EvaluationDelay"] = "1s",
        ["References:Directory"] = references,
    };

    private static async Task ShowAsync(DemoScreen screen, ReportStore store, TimeSpan length, IScheduler scheduler, CancellationToken stop)
    {
        var start = scheduler.Now;
        var beats = Observable.Interval(Refresh, scheduler)
            .StartWith(0)
            .Select(_ => scheduler.Now - start)
            .TakeWhile(elapsed => elapsed < length)
            .TakeUntil(Observable.Create<bool>(observer => stop.Register(() => observer.OnNext(true))));
        IReadOnlyList<DriftReport> Reports() => [.. store.Reports.OrderBy(r => r.Window.Series.ToString(), StringComparer.Ordinal).ThenBy(r => r.Window.Window.LengthMs)];

        if (Console.IsOutputRedirected)
        {
            await beats.LastOrDefaultAsync(elapsed =>
            {
                foreach (var report in screen.Note(Reports()))
                {
                    Console.WriteLine(screen.Line(report, elapsed));
                }

                return true;
            });
            return;
        }

        await AnsiConsole.Live(new Text("starting …")).StartAsync(async live => await beats.LastOrDefaultAsync(elapsed =>
        {
            var reports = Reports();
            screen.Note(reports);
            live.UpdateTarget(screen.Table(reports, elapsed));
            return true;
        }));
    }
}
