namespace DriftMonitor.Join;

/// <summary>A row of the reliability table: how often predictions of about this confidence were right.</summary>
/// <param name="From">The least confidence.</param>
/// <param name="To">The exclusive end; 1 belongs to the last bin.</param>
/// <param name="Events">Labelled predictions.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Accuracy">The share that was right.</param>
public readonly record struct ReliabilityBin(double From, double To, long Events, double Confidence, double Accuracy);
