namespace DriftMonitor.Panes;

/// <summary>What a stage has to say, in the order in which it came about. A closed set of records.</summary>
/// <remarks>
/// Stage 1: <see cref="Lanes.LanePublication"/>, <see cref="Lanes.RejectedRecord"/>. Stage 2: <see cref="Windows.LiveWindow"/>, or once
/// compared with its reference <see cref="Evaluation.DriftReport"/> and <see cref="Evaluation.FailedEvaluation"/>;
/// <see cref="Join.FeedbackWindow"/>; <see cref="Windows.RefusedEvents"/>; <see cref="Windows.PanesSettled"/>.
/// </remarks>
public abstract record StageEvent
{
    private protected StageEvent()
    {
    }
}
