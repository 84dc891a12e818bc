using Confluent.Kafka;
using DriftMonitor.Feedback;
using DriftMonitor.Worker.Messages;
using DriftMonitor.Worker.Prometheus;

namespace DriftMonitor.Worker.Feedback;

/// <summary>An assigned partition of the feedback panes topic. Used by one thread.</summary>
internal sealed class FeedbackPanePartition(TopicPartition partition, FeedbackPlan plan)
{
    private readonly FeedbackRegisters _registers = new(plan);
    private HashSet<(string, string, string, Attribution)> _shown = [];

    public TopicPartition Partition => partition;

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool Restored { get; set; }

    public void Add(FeedbackPaneMessage message)
    {
        if (message.Pane is { } pane)
        {
            _registers.Add(message.Source, message.Incarnation, pane, message.Sums!);
        }
        else
        {
            _registers.Hear(message.Source, message.Incarnation, message.Records);
        }
    }

    public void Show(FeedbackMetrics metrics, long atMs)
    {
        var shown = new HashSet<(string, string, string, Attribution)>();
        foreach (var window in _registers.Windows(atMs))
        {
            metrics.Show(window);
            shown.Add(FeedbackMetrics.KeyOf(window));
        }

        metrics.Hide(_shown.Except(shown));
        _shown = shown;
    }

    public void Close(FeedbackMetrics metrics)
    {
        metrics.Hide(_shown);
        _shown = [];
    }
}
