using Confluent.Kafka;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Join;

/// <summary>An assigned partition of the feedback panes topic. Used by one thread.</summary>
internal sealed class FeedbackPanePartition(TopicPartition partition, FeedbackPlan plan)
{
    private readonly FeedbackRegisters _registers = new(plan);
    private HashSet<(string Model, string Segment, string Window, Attribution Attribution)> _shown = [];

    public TopicPartition Partition => partition;

    /// <summary>Whether everything that was in the partition when it was assigned has been read.</summary>
    public bool Restored { get; set; }

    public void Add(PaneMessage message)
    {
        if (message is FeedbackRegister register)
        {
            _registers.Add(register);
        }
        else if (message is FeedbackProgress progress)
        {
            _registers.Add(progress);
        }
    }

    public void NoteLoss(long labelsBeforeMs, long predictionsBeforeMs) => _registers.AddLoss(labelsBeforeMs, predictionsBeforeMs);

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
