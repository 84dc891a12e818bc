using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Pages;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Telemetry;
using DriftMonitor.Worker.Topics;
using DriftMonitor.Worker.Views;
using DriftMonitor.Worker.Windows;
using DriftMonitor.Worker.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DriftMonitor.Worker.Commands.Run;

/// <summary>The service, put together: what there is and what depends on what.</summary>
internal static class MonitorApp
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Checks the configuration and the topics, and builds the service, ready to run.</summary>
    /// <param name="builder">The service's builder with its configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="scheduler">What polls the references directory.</param>
    /// <param name="problems">What is known already to be wrong with the configuration.</param>
    /// <exception cref="InvalidConfigurationException">Lists everything that is wrong with the configuration.</exception>
    /// <exception cref="Confluent.Kafka.KafkaException">The brokers are unreachable, or a topic is missing and cannot be made.</exception>
    public static async Task<WebApplication> BuildAsync(
        WebApplicationBuilder builder, TimeProvider time, IScheduler scheduler, params IEnumerable<string> problems)
    {
        var settings = ConfigurationReader.Read(builder.Configuration, problems);
        var accessTokens = AccessTokens.Read(settings.Http);
        using var startup = new StartupLog(builder.Configuration);
        foreach (var mixed in settings.Alarms.Mixed())
        {
            startup.Of(typeof(AlarmSettings).FullName!).AlarmSettingsMixed(mixed);
        }

        var topics = await TopicSetup.EnsureAsync(settings, () => startup.Of(nameof(TopicSetup)));

        var services = builder.Services;
        if (TelemetrySettings.Read(builder.Configuration) is { SendsAny: true } telemetry)
        {
            builder.AddOtlp(telemetry);
        }

        builder.WebHost.ConfigureKestrel(ServerLimits.Apply);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton(time);
        services.AddSingleton(settings);
        var memory = Memory(settings);
        services.AddSingleton(memory);
        services.AddSingleton(Models(settings, memory));
        services.AddSingleton(settings.Owners);
        services.AddAlarms(settings.Alarms, settings.Plan.Windows, settings.Evaluation, model => settings.Classes.GetValueOrDefault(model));
        services.AddMonitorMetrics(
            [
                .. settings.Predictions.Keys, settings.PanesTopic, .. FeedbackHosting.Topics(settings),
                .. topics.CalibrationPartitions > 0 ? new[] { settings.CalibrationsTopic } : [],
                .. topics.ReferencePartitions > 0 ? new[] { settings.ReferencesTopic } : [],
            ],
            TimeSpan.FromMilliseconds(Math.Min(1_000, settings.Plan.BasePaneMs / 10)), // far less than what changes by itself takes
            new ExportedSettings(settings.Http.PublicUrl, settings.TrafficFactor, settings.Owners));
        services.AddSingleton(provider => provider.GetRequiredService<MonitorMetrics>().Service);
        services.AddSingleton(provider => new KafkaConnection(
            settings.Client,
            settings.Plan.AllowedSkewMs,
            provider.GetRequiredService<MonitorMetrics>().Kafka,
            time,
            provider.GetRequiredService<ILoggerFactory>())
        {
            Ids = provider.GetRequiredService<TopicIds>(),
        });
        if (topics.CalibrationPartitions > 0)
        {
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CalibrationTopic>(provider, topics.CalibrationPartitions));
            services.AddSingleton<IHostedService>(
                provider => Loop(provider, provider.GetRequiredService<CalibrationTopic>().Run, "the calibrations topic"));
        }

        if (topics.ReferencePartitions > 0)
        {
            services.AddSingleton<Promotions>();
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ReferenceTopic>(provider, topics.ReferencePartitions));
            services.AddSingleton<IHostedService>(
                provider => Loop(provider, provider.GetRequiredService<ReferenceTopic>().Run, "the references topic"));
        }

        services.AddSingleton(_ => KafkaClients.Build(settings.Client, () =>
            new AdminClientBuilder(KafkaClients.Admin(settings.Client))
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, _) => { })
                .Build()));
        services.TryAddSingleton(provider =>
        {
            string[] read = [.. settings.Predictions.Keys, .. FeedbackHosting.Topics(settings)];
            var admin = provider.GetRequiredService<IAdminClient>();
            return new TopicIds(_ => TopicIds.AskAsync(admin, read), time, provider.GetRequiredService<ILogger<TopicIds>>());
        });
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TopicIds>());

        services.AddSingleton(provider => References(provider, settings, scheduler));

        services.AddSingleton(new SourcePartitions(topics.Sources));
        services.AddSingleton(settings.Limits);
        services.AddSingleton<PredictionDecoder>();
        services.AddSingleton(provider => new PredictionDeserializer(
            settings,
            provider.GetRequiredService<PredictionDecoder>(),
            new DecodingFaults(time, provider.GetRequiredService<ILogger<PredictionDeserializer>>())));
        services.TryAddSingleton(provider => new RecordCodec(
            settings.Plan, settings.Feedback?.Plan.Panes, provider.GetRequiredService<SourcePartitions>(), settings.Format));
        services.AddSingleton(provider => new PlanePublisher(
            settings,
            provider.GetRequiredService<RecordCodec>(),
            topics.PanesPartitions,
            provider.GetRequiredService<KafkaConnection>()));
        services.AddSingleton(provider => new StatusPublisher(
            settings, topics.PanesPartitions, provider.GetRequiredService<KafkaConnection>()));
        services.AddSingleton<StatusReader>();
        services.AddSingleton(provider => new ReplicaAddress(
            settings.Http.AdvertisedUrl, settings.Client.Properties.GetValueOrDefault("group.instance.id") ?? Environment.MachineName,
            provider.GetRequiredService<IServer>(), settings.Http.MetricsUrl));
        services.AddSingleton<StatusKeeper>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<StatusTopic>(provider, topics.PanesPartitions));
        services.AddSingleton<IHostedService>(
            provider => Loop(provider, provider.GetRequiredService<StatusTopic>().Run, "the status topic"));
        services.AddApi(
            [.. settings.Predictions.Keys, .. FeedbackHosting.SourceTopics(settings)], accessTokens,
            tokens => EffectiveSettings.Of(builder.Configuration, settings.Client.Secrets.Hide, tokens.AllowChanges));
        services.AddPages();
        services.AddSingleton<PaneConsumer>();
        if (settings.DeadLetterTopic is { } deadLetters)
        {
            services.AddSingleton(provider => new DeadLetterPublisher(deadLetters, provider.GetRequiredService<KafkaConnection>()));
        }

        services.AddSingleton<PredictionConsumer>();
        services.AddStageHealth("predictions", provider => provider.GetRequiredService<PredictionConsumer>().Health);
        services.AddStageHealth("panes", provider => provider.GetRequiredService<PaneConsumer>().Health);
        services.AddReadiness(
            "windows restored", provider => provider.GetRequiredService<PaneConsumer>().Restored ? null : "reading the panes topic");
        services.AddFeedback(settings, topics.RoutedPartitions, time);

        // Stopped in the reverse order: predictions are drained, published and committed before the windows go.
        // Not AddHostedService, which keeps only the first of one type.
        services.AddSingleton<IHostedService>(provider => Stage(provider, provider.GetRequiredService<PaneConsumer>().Run, "panes"));
        services.AddSingleton<IHostedService>(
            provider => Stage(provider, provider.GetRequiredService<PredictionConsumer>().Run, "predictions"));

        builder.Logging.AddJsonLines();

        // A start that fails is told by whoever asked for it, in a line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // Told to whoever asks; else the log would have it again with every probe.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        if (settings.Http.MetricsUrl is { } metricsUrl)
        {
            builder.Configuration["Urls"] = $"{builder.Configuration["Urls"]};{metricsUrl}";
        }

        var app = builder.Build();
        app.UseMetricsListener(settings.Http.MetricsUrl);
        app.UseMonitorHealth();
        app.UseAccess();
        app.UseApiAnswers();
        app.MapMonitorMetrics();
        app.MapApi();
        app.MapPages();
        return app;
    }

    /// <summary>
    /// Starts the service. When a part of it cannot start, those that have are stopped before the fault is thrown on. A stop that is asked
    /// for meanwhile ends the start, and is no fault: whoever waits for the shutdown stops what has started.
    /// </summary>
    public static async Task StartAsync(WebApplication app, CancellationToken cancelled)
    {
        var exporter = Task.Run(app.Services.GetService<ScrapeBody>, CancellationToken.None); // beside the others: it takes as long
        _ = app.Services.GetServices<IHostedService>().ToList(); // what cannot be built fails here: before that the host can stop nothing
        await exporter; // what is recorded before it listens is lost
        try
        {
            await app.StartAsync(cancelled);
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // asked for by a signal, or by a stage that has failed and has said why
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private const long DayMs = 86_400_000;

    /// <summary>The heap has the other half for garbage, for records on their way and for what is not counted.</summary>
    private static MemoryBudget Memory(MonitorSettings settings) => new(
        settings.MemoryCells > 0 ? settings.MemoryCells
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / MemoryBudget.BytesOfCell);

    private static WatchedModels Models(MonitorSettings settings, MemoryBudget memory)
    {
        var models = new WatchedModels(
            settings.MaxModels, settings.MaxSegments, settings.AcceptUnknownModels,
            settings.Plan.Windows.Max(window => window.LengthMs) + DayMs, memory.Part(3),
            settings.Plan.Compared);
        foreach (var (model, space) in settings.Classes)
        {
            models.Add(model).Fix(new ModelClasses(space, ModelClasses.Configured));
        }

        return models;
    }

    /// <summary>The references in use, the latest set to every subscriber; whatever it names is watched in its class space.</summary>
    private static IObservable<ReferenceSet> References(IServiceProvider provider, MonitorSettings settings, IScheduler scheduler)
    {
        var models = provider.GetRequiredService<WatchedModels>();
        var used = provider.GetRequiredService<UsedReferences>();
        var calibrations = provider.GetRequiredService<Calibrations>();
        var files = settings.ReferenceDirectory is { } directory
            ? new ReferenceDirectory(
                directory, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ReferenceDirectory>>(),
                count => used.RefusedFiles = count).Follow(settings.ReferencePollInterval, scheduler)
            : Observable.Return(ReferenceSet.Empty);
        return (provider.GetService<ReferenceTopic>()?.Beside(files) ?? files)
            .Do(set =>
            {
                foreach (var snapshot in set.ByModel.Values)
                {
                    var model = models.Add(snapshot.Model);
                    model.Fix(snapshot.Classes);
                    model.KeepSegments(snapshot.Segments.Keys);
                }

                calibrations.Use(set);
                used.Use(set);
            })
            .Replay(1)
            .AutoConnect(0); // now: the first prediction must find its model's classes, whether this replica is given panes to read or not
    }

    /// <summary>A stage, which begins when the references are known: a first prediction must find its model's classes.</summary>
    internal static ConsumerService Stage(IServiceProvider provider, Action<CancellationToken> run, string name)
    {
        var references = provider.GetService<ReferenceTopic>();
        return Loop(
            provider,
            stop =>
            {
                references?.WaitUntilRead(stop);
                run(stop);
            },
            name);
    }

    private static ConsumerService Loop(IServiceProvider provider, Action<CancellationToken> run, string name) => new(
        run, name, provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<ILogger<ConsumerService>>());
}
