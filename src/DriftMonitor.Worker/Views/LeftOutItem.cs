namespace DriftMonitor.Worker.Views;

/// <summary>What a window is decided by where alarms have reported some of it.</summary>
/// <param name="Seconds">How much is left out.</param>
/// <param name="Decided">The values of the rest; none where too little is left.</param>
internal sealed record LeftOutItem(double Seconds, ImmutableArray<PlainValue> Decided);
