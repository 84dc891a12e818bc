using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.State;
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
            _registers.Add(message.Source, message.RunId, pane, message.Sums!);
        }
        else
        {
            _registers.AddProgress(message.Source, message.RunId, message.Records, recordMs, IsReadable(message));
            NoteLoss(message.LabelsLostBeforeMs, message.PredictionsLostBeforeMs);
        }
    }

    public void NoteLoss(long labelsBeforeMs, long predictionsBeforeMs) => _registers.AddLoss(labelsBeforeMs, predictionsBeforeMs);

    /// <summary>Whether the lane's panes are those of this replica's windows.</summary>
    public bool IsReadable(FeedbackPaneMessage message) => message.Plan is null || message.Plan == plan.Panes;

    public void Show(AlarmDesk alarms, long atMs)
    {
        var shown = new HashSet<(string Model, string Segment, string Window, Attribution Attribution)>();
        foreach (var window in _registers.Windows(atMs))
        {
            alarms.Note(window);
            shown.Add(FeedbackWindows.KeyOf(window));
        }

        HideAllBut(shown, alarms);
    }

    public void Close(AlarmDesk alarms) => HideAllBut([], alarms);

    private void HideAllBut(HashSet<(string Model, string Segment, string Window, Attribution Attribution)> shown, AlarmDesk alarms)
    {
        var gone = _shown.Except(shown).ToArray();
        _shown = shown;
        if (gone.Length > 0)
        {
            alarms.ForgetLabels(gone);
        }
    }
}
