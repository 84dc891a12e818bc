using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RocksDbSharp;

namespace DriftMonitor.Worker.Commands.Run;

/// <summary>The join of labels, when there is a feedback topic.</summary>
internal static class FeedbackHosting
{
    /// <summary>The topics that are read for it.</summary>
    public static string[] Topics(MonitorSettings settings) =>
        settings.Feedback is not { } feedback ? []
        : feedback.Routing is { } routing
            ? [feedback.Topic, settings.FeedbackPanesTopic, routing.PredictionsTopic, feedback.Source.Topic]
        : [feedback.Topic, settings.FeedbackPanesTopic];

    /// <summary>The topics that its labels come from.</summary>
    public static string[] SourceTopics(MonitorSettings settings) =>
        settings.Feedback is { } feedback ? [.. new[] { feedback.Topic, feedback.Source.Topic }.Distinct()] : [];

    /// <summary>Adds the join; nothing without a feedback topic.</summary>
    /// <param name="routedPartitions">How many partitions there are to route labels into, if they are routed.</param>
    public static IServiceCollection AddFeedback(
        this IServiceCollection services, MonitorSettings settings, int routedPartitions, TimeProvider time)
    {
        if (settings.Feedback is not { } feedback)
        {
            return services;
        }

        services.AddStageHealth("feedback", provider =>
        {
            var consumer = provider.GetRequiredService<FeedbackConsumer>();
            return (consumer.Health.SinceLastLoop, consumer.Health.WaitsFor ?? consumer.PredictionsWaitFor);
        });
        services.AddReadiness(
            "feedback store",
            provider => provider.GetRequiredService<FeedbackConsumer>().Degraded,
            HealthStatus.Degraded); // drift is monitored
        services.TryAddSingleton(_ => Opening(feedback));
        services.AddSingleton(provider => new FeedbackStores(
            feedback, provider.GetRequiredService<Func<string, IFeedbackStore>>(), time,
            provider.GetRequiredService<ILogger<FeedbackStores>>()));
        services.AddSingleton(provider => Consumer(provider, settings, feedback, time));
        services.AddSingleton<IHostedService>(
            provider => MonitorApp.Stage(provider, provider.GetRequiredService<FeedbackConsumer>().Run, "feedback"));
        if (feedback.Routing is not null)
        {
            services.AddSingleton(provider => Routing(provider, settings, feedback, routedPartitions, time));
            services.AddStageHealth("routing", provider => provider.GetRequiredService<RoutingConsumer>().Health);
            services.AddSingleton<IHostedService>(
                provider => MonitorApp.Stage(provider, provider.GetRequiredService<RoutingConsumer>().Run, "routing"));
        }

        return services;
    }

    private static RoutingConsumer Routing(
        IServiceProvider provider, MonitorSettings settings, FeedbackSettings feedback, int partitions, TimeProvider time)
    {
        var decoder = new PredictionDecoder(
            provider.GetRequiredService<WatchedModels>(), provider.GetRequiredService<PredictionDecoderSettings>());
        return new RoutingConsumer(
            settings, partitions, Labels(provider, feedback, decoder, time), decoder, provider.GetRequiredService<ServiceMetrics>(),
            provider.GetRequiredService<KafkaConnection>());
    }

    private static LabelReader Labels(IServiceProvider provider, FeedbackSettings feedback, PredictionDecoder decoder, TimeProvider time)
    {
        var limits = provider.GetRequiredService<PredictionDecoderSettings>();
        var faults = new DecodingFaults(time, provider.GetRequiredService<ILogger<FeedbackDeserializer>>());
        return new LabelReader(
            feedback.Source,
            new FeedbackJsonDecoder(decoder, limits, feedback.Source.Model, feedback.Source.Format.Times),
            limits.MaxBytes,
            problem => faults.Tell(problem, feedback.Source.Topic));
    }

    private static FeedbackConsumer Consumer(
        IServiceProvider provider, MonitorSettings settings, FeedbackSettings feedback, TimeProvider time)
    {
        var limits = provider.GetRequiredService<PredictionDecoderSettings>();
        var models = provider.GetRequiredService<WatchedModels>();
        var predictions = new PredictionDecoder(models, limits); // a decoder belongs to one thread
        return new FeedbackConsumer(
            settings,
            new FeedbackDeserializer(
                Labels(provider, feedback, predictions, time), predictions, keepsOriginal: settings.DeadLetterTopic is not null,
                isRouted: feedback.Routing is not null),
            provider.GetRequiredService<FeedbackStores>(),
            provider.GetRequiredService<PlanePublisher>(),
            provider.GetRequiredService<MonitorMetrics>(),
            provider.GetRequiredService<KafkaConnection>(),
            provider.GetService<DeadLetterPublisher>());
    }

    /// <summary>All stores share the memory for reading.</summary>
    private static Func<string, IFeedbackStore> Opening(FeedbackSettings feedback)
    {
        var cache = Cache.CreateLru(feedback.BlockCacheBytes);
        return directory => RocksDbFeedbackStore.Open(
            directory, feedback.Plan, feedback.MadeFrom, feedback.BucketMs, cache, feedback.WriteBufferBytes);
    }
}
