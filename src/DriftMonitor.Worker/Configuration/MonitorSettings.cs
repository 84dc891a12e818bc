using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>The configuration that runs: checked as a whole, immutable. One that exists is valid.</summary>
internal sealed record MonitorSettings
{
    public required string GroupId { get; init; }

    /// <summary>The sources of predictions by their topics.</summary>
    public required ImmutableSortedDictionary<string, SourceSettings> Predictions { get; init; }

    /// <summary>Whether the headers of any predictions are read.</summary>
    public bool ReadsHeaders => Predictions.Values.Any(source => source.ReadsHeaders);

    public required string PanesTopic { get; init; }

    /// <summary>The topic that settled panes are written down in; it belongs to the panes topic.</summary>
    public string RollupsTopic => RollupsOf(PanesTopic);

    /// <summary>The topic of models' statuses; it belongs to the panes topic.</summary>
    public string StatusTopic => StatusOf(PanesTopic);

    /// <summary>The topic that calibrations are kept in; it belongs to the panes topic.</summary>
    public string CalibrationsTopic => CalibrationsOf(PanesTopic);

    /// <summary>The topic that references are pushed into; it belongs to the panes topic.</summary>
    public string ReferencesTopic => ReferencesOf(PanesTopic);

    /// <summary>The topic with the panes of feedback; it belongs to the panes topic.</summary>
    public string FeedbackPanesTopic => FeedbackPanesOf(PanesTopic);

    /// <summary>The formats of our own records.</summary>
    public required RecordFormat Format { get; init; }

    /// <summary>How labels are joined; null without a feedback topic.</summary>
    public FeedbackSettings? Feedback { get; init; }

    /// <summary>The topic that rejected records are copied to; null when they are not copied.</summary>
    public required string? DeadLetterTopic { get; init; }
    public required int PanesPartitions { get; init; }
    public required bool StartFromEarliest { get; init; }

    /// <summary>How clients reach the brokers.</summary>
    public required ClientSettings Client { get; init; }
    public required WindowPlan Plan { get; init; }
    public required TimeSpan PublishInterval { get; init; }
    public required TimeSpan EvaluationDelay { get; init; }
    public required int MaxSeriesPerPartition { get; init; }

    /// <summary>The budget of memory in cells; 0 for half of what the process may have.</summary>
    public required long MemoryCells { get; init; }
    public required bool AcceptUnknownModels { get; init; }
    public required int MaxModels { get; init; }
    public required int MaxSegments { get; init; }
    public required int MaxRecordBytes { get; init; }
    public required double SumTolerance { get; init; }

    /// <summary>Which models, and versions of them, names stand for.</summary>
    public required ModelNames Names { get; init; }

    /// <summary>What a prediction may be.</summary>
    public PredictionDecoderSettings Limits => new() { SumTolerance = SumTolerance, MaxBytes = MaxRecordBytes, Names = Names };
    public required ImmutableSortedDictionary<string, ClassSpace> Classes { get; init; }

    /// <summary>How far a label's time may be from its prediction's, also where the service reads no labels.</summary>
    public required TimeSpan FeedbackHorizon { get; init; }

    public required EvaluationSettings Evaluation { get; init; }
    public required AlarmSettings Alarms { get; init; }

    /// <summary>Whose the models are.</summary>
    public required ModelOwners Owners { get; init; }

    /// <summary>By what a model's traffic may differ from its reference's; 0 for anything.</summary>
    public required double TrafficFactor { get; init; }

    /// <summary>Who reaches the monitor where, and what they may do.</summary>
    public required HttpSettings Http { get; init; }

    /// <summary>Null for none.</summary>
    public required string? ReferenceDirectory { get; init; }
    public required TimeSpan ReferencePollInterval { get; init; }

    public static string JoinedPredictionsOf(string panesTopic) => $"{panesTopic}.joined.predictions";

    public static string JoinedLabelsOf(string panesTopic) => $"{panesTopic}.joined.labels";

    public static string RollupsOf(string panesTopic) => $"{panesTopic}.rollups";

    public static string StatusOf(string panesTopic) => $"{panesTopic}.status";

    public static string CalibrationsOf(string panesTopic) => $"{panesTopic}.calibrations";

    public static string ReferencesOf(string panesTopic) => $"{panesTopic}.references";

    public static string FeedbackPanesOf(string panesTopic) => $"{panesTopic}.feedback";
}
