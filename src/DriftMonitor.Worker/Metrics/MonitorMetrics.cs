using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Metrics;

/// <summary>Every instrument of the monitor, by what it is about. The counters are there, at 0, before anything is counted.</summary>
internal sealed class MonitorMetrics : IDisposable
{
    /// <param name="topics">Those that are read.</param>
    public MonitorMetrics(
        MonitorState state,
        WatchedModels models,
        TimeProvider time,
        IReadOnlyCollection<string> topics,
        ThresholdsInForce thresholds,
        PendingCalibrations calibrations,
        KeptCalibrations kept,
        ExportedSettings? settings = null)
    {
        Windows = new WindowMetrics(Instruments, state, time);
        Models = new ModelMetrics(Instruments, state, thresholds, (settings?.Owners ?? ModelOwners.None).ByModel, time);
        References = new ReferenceMetrics(Instruments, state.References, thresholds, calibrations, kept);
        Feedback = new FeedbackMetrics(Instruments, state.Feedback);
        Service = new ServiceMetrics(Instruments, models, topics, settings ?? new());
        Kafka = new KafkaMetrics(Instruments.Meter, topics);
    }

    public Instruments Instruments { get; } = new();

    public WindowMetrics Windows { get; }

    public ModelMetrics Models { get; }

    public ReferenceMetrics References { get; }

    public FeedbackMetrics Feedback { get; }

    public ServiceMetrics Service { get; }

    public KafkaMetrics Kafka { get; }

    public void Dispose() => Instruments.Dispose();
}
