using System.CommandLine;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.State;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Demo;

/// <summary><c>demo</c>: the service on an embedded broker and the digits stream, with nothing to install.</summary>
internal static class DemoCommand
{
    private const string Topic = "predictions";
    private const string FeedbackTopic = "feedback";
    private const double Speed = 10;

    private static readonly TimeSpan Horizon = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    public static Command Create(CommandConsole console, TimeProvider time, IScheduler scheduler)
    {
        var end = Arguments.Duration("--for", "How long to run. Default: until Ctrl+C.");
        var port = new Option<int>("--port") { Description = "The port of /metrics.", DefaultValueFactory = _ => 9464 };
        var to = new Option<string?>("--to")
        {
            Description = "Only play the stream into the topics 'predictions' and 'feedback' of these brokers.",
            HelpName = "HOST:PORT",
        };
        var command = new Command(
            "demo", "Watch a model drift: an embedded broker, a real recorded stream, and the service.") { end, port, to };
        command.SetAction((parsed, cancelled) => console.TellFaultsAsync(async () =>
        {
            var length = parsed.GetValue(end) ?? TimeSpan.MaxValue;
            await (parsed.GetValue(to) is { } brokers
                ? PlayAsync(brokers, length, scheduler, cancelled)
                : RunAsync(console, length, parsed.GetValue(port), time, scheduler, cancelled));
            return Environment.ExitCode;
        }));
        return command;
    }

    private static string Digits(string file) => Path.Combine(AppContext.BaseDirectory, "Demo", "digits", file);

    private static PredictionFiles Recorded(string file) =>
        new([new RecordedFile(new FileInfo(Digits(file)))], RecordedSource.OwnJson.Source);

    private static IProducer<string, byte[]> Producer(string brokers) =>
        new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = brokers, LingerMs = 5 }).Build();

    /// <summary>Starts playing predictions and their labels; disposing ends it.</summary>
    private static CompositeDisposable Play(IProducer<string, byte[]> producer, double speed, IScheduler scheduler) => new(
        new DigitsPlayer(Digits("predictions.jsonl"), Digits("predictions.jsonl"), speed).Play(producer, Topic, scheduler),
        new DigitsPlayer(Digits("feedback.jsonl"), Digits("predictions.jsonl"), speed).Play(producer, FeedbackTopic, scheduler));

    /// <summary>Plays the stream at its own speed to brokers that are there, until it is enough.</summary>
    private static async Task PlayAsync(string brokers, TimeSpan length, IScheduler scheduler, CancellationToken cancelled)
    {
        using var producer = Producer(brokers);
        using (Play(producer, speed: 1, scheduler))
        {
            await (length == TimeSpan.MaxValue ? Observable.Never<long>() : Observable.Timer(length, scheduler))
                .TakeUntil(Ended(cancelled))
                .LastOrDefaultAsync();
        }

        producer.Flush(TimeSpan.FromSeconds(10));
    }

    private static IObservable<bool> Ended(CancellationToken stop) =>
        Observable.Create<bool>(observer => stop.Register(() => observer.OnNext(true)));

    private static async Task RunAsync(
        CommandConsole console, TimeSpan length, int port, TimeProvider time, IScheduler scheduler, CancellationToken cancelled)
    {
        const int partitions = 2;
        var references = Directory.CreateTempSubdirectory("driftmonitor-demo-");
        try
        {
            var labels = new ReferenceFromPredictions.Labels(Recorded("reference-feedback.jsonl"), RecordedSource.OwnJson, Horizon);
            var reference = ReferenceFromPredictions.Build(
                Recorded("reference.jsonl"), null, null, 1, time.GetUtcNow(), labels: labels).Snapshots.Single();
            ReferenceFile.Write(reference, Path.Combine(references.FullName, "digits.json"));

            using var broker = EmbeddedBroker.Start();
            string[] topics =
            [
                Topic, FeedbackTopic, "driftmonitor.panes", "driftmonitor.panes.feedback", "driftmonitor.panes.rollups",
                "driftmonitor.panes.status", "driftmonitor.panes.calibrations", "driftmonitor.panes.references",
            ];
            Array.ForEach(topics, topic => broker.CreateTopic(topic, partitions));

            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.Configuration.AddInMemoryCollection(Configuration(broker.BootstrapServers, references.FullName, port));
            await using var app = await MonitorApp.BuildAsync(builder, time, scheduler);
            await MonitorApp.StartAsync(app, cancelled);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled, app.Lifetime.ApplicationStopping);
            using var producer = Producer(broker.BootstrapServers);
            var screen = new DemoScreen(
                app.Urls.FirstOrDefault(""), broker.BootstrapServers, scheduler.Now, app.Services.GetRequiredService<MonitorState>(),
                app.Services.GetRequiredService<AlarmDesk>());
            using (screen)
            using (Play(producer, Speed, scheduler))
            {
                await ShowAsync(console, screen, length, scheduler, stop.Token);
            }

            await app.StopAsync(CancellationToken.None);
        }
        finally
        {
            references.Delete(recursive: true);
        }
    }

    private static Dictionary<string, string?> Configuration(string brokers, string references, int port) => new()
    {
        ["Urls"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:DriftMonitor.Worker.Alarms"] = "None", // the screen shows them
        ["Logging:Console:FormatterName"] = "simple",
        ["Kafka:BootstrapServers"] = brokers,
        ["Kafka:Client:fetch.wait.max.ms"] = "10", // the embedded broker does not wake a fetch that waits
        ["Kafka:PredictionTopics"] = Topic,
        ["Feedback:Topic"] = FeedbackTopic,
        ["Feedback:Horizon"] = DurationText.Exact((long)Horizon.TotalMilliseconds),
        ["Windows:Spans"] = "20s/2s, 1m/2s",
        ["Windows:AllowedLateness"] = "10s",
        ["Windows:DisorderSlack"] = "1s",
        ["Windows:PublishInterval"] = "2s",
        ["Windows:EvaluationDelay"] = "1s",
        ["References:Directory"] = references,
    };

    private static async Task ShowAsync(
        CommandConsole console, DemoScreen screen, TimeSpan length, IScheduler scheduler, CancellationToken stop)
    {
        var start = scheduler.Now;
        var beats = Observable.Interval(Refresh, scheduler)
            .StartWith(0)
            .Select(_ => scheduler.Now - start)
            .TakeWhile(elapsed => elapsed < length)
            .TakeUntil(Ended(stop));
        if (!console.IsOutputSeen)
        {
            console.Output.WriteLine(screen.Introduction);
            await beats.LastOrDefaultAsync(elapsed =>
            {
                foreach (var line in screen.Lines(elapsed))
                {
                    console.Output.WriteLine(line);
                }

                return true;
            });
            return;
        }

        var screenful = console.Screen.Live(new Text("starting …")).Cropping(VerticalOverflowCropping.Bottom);
        await screenful.StartAsync(async live => await beats.LastOrDefaultAsync(elapsed =>
        {
            live.UpdateTarget(screen.Table(elapsed));
            return true;
        }));
    }
}
