namespace DriftMonitor.Worker.State;

/// <summary>What is known now, as it is shown: the stages and the alarms' desk write it, metrics and pages only read it.</summary>
internal sealed record MonitorState(
    ReportStore Reports, FeedbackWindows Feedback, ActiveAlarms Alarms, LeftOutWindows LeftOut, UsedReferences References,
    ModelStates Models, AlarmTests Tests, EvaluationHistory History);
