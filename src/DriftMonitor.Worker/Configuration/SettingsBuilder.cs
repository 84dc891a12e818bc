using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns options that are valid into the settings that run.</summary>
internal static class SettingsBuilder
{
    public static MonitorSettings Build(MonitorOptions options, Secrets secrets)
    {
        var (kafka, windows, limits, divergence) = (options.Kafka, options.Windows, options.Limits, options.Divergence);
        SourceSettings[] sources = [.. options.AllSources().Select(source => SourceBuilder.Build(source, secrets))];
        var alarms = AlarmBuilder.Build(options, windows.ReadSpans([]));
        var plan = windows.BuildPlan(divergence.Trailing, AlarmSettings.WatchedBy([alarms]), alarms.Compared);
        return new MonitorSettings
        {
            GroupId = kafka.GroupId,
            Predictions = sources.Where(source => source.Kind == SourceKind.Predictions)
                .ToImmutableSortedDictionary(source => source.Topic, source => source, StringComparer.Ordinal),
            PanesTopic = kafka.PanesTopic,
            Format = new RecordFormat(
                RecordFormat.Current, kafka.PanesFormat == 0 ? RecordFormat.OldestOf(RecordFormat.Current) : kafka.PanesFormat),
            DeadLetterTopic = NullIfEmpty(options.DeadLetter.Topic),
            Feedback = Feedback(options, plan, sources),
            PanesPartitions = kafka.PanesPartitions,
            StartFromEarliest = kafka.StartFrom == "earliest",
            Client = new ClientSettings(kafka.BootstrapServers, kafka.Client.ToImmutableSortedDictionary(StringComparer.Ordinal), secrets),
            Plan = plan,
            PublishInterval = ValidationRules.ParseDuration(windows.PublishInterval),
            EvaluationDelay = ValidationRules.ParseDuration(windows.EvaluationDelay),
            MaxSeriesPerPartition = limits.SeriesPerPartition,
            MemoryCells = limits.MemoryCells,
            AcceptUnknownModels = limits.AcceptUnknownModels,
            MaxModels = limits.Models,
            MaxSegments = limits.SegmentsPerModel,
            MaxRecordBytes = limits.RecordBytes,
            SumTolerance = limits.SumTolerance,
            Names = new ModelNames(options.Models.Select(model => (model.Name, model.Match))),
            Classes = options.Models.Where(model => model.Classes.Length > 0)
                .ToImmutableSortedDictionary(model => model.Name, model => model.ReadClasses(out _)!, StringComparer.Ordinal),
            FeedbackHorizon = ValidationRules.ParseDuration(options.Feedback.Horizon),
            Evaluation = new EvaluationSettings(divergence.PseudoEvents, divergence.MinimumEvents, divergence.TopClasses),
            Alarms = alarms,
            Owners = new ModelOwners(options.Models.Select(model => (model.Name, Owner: model.ReadOwner()))
                .Where(model => model.Owner != ModelOwner.Nobody)
                .ToImmutableSortedDictionary(model => model.Name, model => model.Owner, StringComparer.Ordinal)),
            TrafficFactor = options.Alarms.TrafficFactor,
            Http = new HttpSettings(
                PageOrNull(options.Http.PublicUrl), PageOrNull(options.Http.AdvertisedUrl), NullIfEmpty(options.Http.MetricsUrl),
                NullIfEmpty(options.Http.PeerSecret.File),
                [.. options.Http.Tokens.Select(token => (token.Name, token.Role == TokenOptions.Change, token.File))]),
            ReferenceDirectory = NullIfEmpty(options.References.Directory),
            ReferencePollInterval = ValidationRules.ParseDuration(options.References.PollInterval),
        };
    }

    private static FeedbackSettings? Feedback(MonitorOptions options, WindowPlan plan, SourceSettings[] sources)
    {
        var (feedback, panes) = (options.Feedback, options.Kafka.PanesTopic);
        var predictions = sources.Where(source => source.Kind == SourceKind.Predictions).ToArray();
        return Array.Find(sources, source => source.Kind == SourceKind.Labels) is not { } labels ? null : new FeedbackSettings(
            labels with { Model = labels.Model ?? (predictions is [{ Model: var model }] ? model : null) },
            new FeedbackPlan(plan, ValidationRules.ParseDuration(feedback.Horizon)),
            feedback.Join,
            NullIfEmpty(feedback.Directory),
            (ulong)feedback.BlockCacheMiB << 20,
            (ulong)feedback.WriteBufferMiB << 20)
        {
            PredictionsTopic = !feedback.Join ? null
                : feedback.Repartition ? MonitorSettings.JoinedPredictionsOf(panes)
                : Array.Find(predictions, source => source.Join)!.Topic,
            Routing = !feedback.Repartition ? null : new LabelRouting(
                MonitorSettings.JoinedPredictionsOf(panes), MonitorSettings.JoinedLabelsOf(panes),
                [.. predictions.Where(source => source.Join).Select(source => source.Topic)]),
        };
    }

    private static string? PageOrNull(string url) => url.Length == 0 ? null : new Uri(url).AbsoluteUri.TrimEnd('/');

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
