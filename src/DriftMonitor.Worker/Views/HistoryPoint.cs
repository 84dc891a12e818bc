namespace DriftMonitor.Worker.Views;

/// <summary>An evaluation. Divergences are nats; undefined is null.</summary>
/// <param name="ToMs">The window's exclusive end, epoch milliseconds of event time.</param>
/// <param name="Ready">Whether it could have raised an alarm.</param>
/// <param name="KlNats">KL(live‖reference).</param>
/// <param name="NoiseFloorNats">What KL shows with no drift at all.</param>
/// <param name="WarningNats">The threshold of KL for a warning.</param>
/// <param name="CriticalNats">Its threshold for a critical alarm.</param>
/// <param name="CusumNats">What a persistent drift added up to.</param>
/// <param name="CusumThresholdNats">The lower threshold of that.</param>
internal sealed record HistoryPoint(
    long ToMs, bool Ready, double? KlNats, double? NoiseFloorNats, double? WarningNats, double? CriticalNats, double? CusumNats,
    double? CusumThresholdNats);
