namespace DriftMonitor.Panes;

/// <summary>
/// What stage 2 reads: what lanes say (<see cref="PaneRegister"/>, <see cref="LaneProgress"/>) and what is known of the past
/// (<see cref="Windows.Settlement"/>, <see cref="Windows.RegistersLost"/>).
/// </summary>
public abstract record PaneMessage;
