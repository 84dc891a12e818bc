using Confluent.Kafka;
using DriftMonitor.Alarms;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Join;

/// <summary>An assigned partition of the feedback panes topic. Used by one thread.</summary>
internal sealed class FeedbackPanePartition(TopicPartition partition, FeedbackPlan plan)
{
    private readonly FeedbackRegisters _registers = new(plan);
    private HashSet<(string Model, string Segment, string Window, Attribution Attribution)> _shown = [];

    public TopicPartition Partition => partition;

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool Restored { get; set; }

    public void Add(FeedbackPaneMessage message, long recordMs)
    {
        if (message.Pane is { } pane)
        {
            _registers.Add(message.Source, message.Incarnation, pane, message.Sums!);
        }
        else
        {
            _registers.AddProgress(message.Source, message.Incarnation, message.Records, recordMs, IsReadable(message));
            Lose(message.LabelsLostBeforeMs, message.PredictionsLostBeforeMs);
        }
    }

    public void Lose(long labelsBeforeMs, long predictionsBeforeMs) => _registers.AddLoss(labelsBeforeMs, predictionsBeforeMs);

    /// <summary>Whether the lane's panes are those of this replica's windows.</summary>
    public bool IsReadable(FeedbackPaneMessage message) => message.Plan is null || message.Plan == plan.Panes;

    public void Show(FeedbackMetrics metrics, AlarmDesk alarms, long atMs)
    {
        var shown = new HashSet<(string Model, string Segment, string Window, Attribution Attribution)>();
        foreach (var window in _registers.Windows(atMs))
        {
            metrics.Show(window);
            alarms.Note(window);
            shown.Add(FeedbackMetrics.KeyOf(window));
        }

        HideAllBut(shown, metrics, alarms);
    }

    public void Close(FeedbackMetrics metrics, AlarmDesk alarms) => HideAllBut([], metrics, alarms);

    /// <summary>A series has all of its windows, or none.</summary>
    private void HideAllBut(HashSet<(string Model, string Segment, string Window, Attribution Attribution)> shown, FeedbackMetrics metrics, AlarmDesk alarms)
    {
        var gone = _shown.Except(shown).ToArray();
        _shown = shown;
        if (gone.Length > 0)
        {
            var series = gone.Select(window => new SeriesKey(window.Model, window.Segment)).ToHashSet();
            alarms.Forget((each, kind) => kind == AlarmKind.CrossEntropy && series.Contains(each)); // first, for what is untold is explained by the windows
            metrics.Hide(gone);
        }
    }
}
