namespace DriftMonitor.Worker.Views;

/// <summary>A value beside its threshold, where what is around it names the window.</summary>
/// <param name="Measure">Which value.</param>
/// <param name="Value">The value, in the unit of the measure.</param>
/// <param name="Threshold">What it must exceed.</param>
internal sealed record PlainValue(Measure Measure, double Value, double Threshold)
{
    public static PlainValue Of(Reading reading) => new(reading.Measure, reading.Value, reading.Threshold);
}
