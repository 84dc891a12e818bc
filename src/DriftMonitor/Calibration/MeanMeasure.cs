namespace DriftMonitor.Calibration;

/// <summary>How far the mean of a value lies above that of the reference. Used by one thread.</summary>
/// <param name="values">The value of each cell.</param>
internal sealed class MeanMeasure(double[] values) : ISimulatedMeasure
{
    private double _reference;

    public int ValueCount => 1;

    public void StartReference(ReadOnlySpan<double> reference) => _reference = TensorPrimitives.Dot(reference, values);

    public void AddPane(ReadOnlySpan<double> mass, double events)
    {
        // of no pane for itself
    }

    public void Measure(ReadOnlySpan<double> mass, double events, Span<double> means) =>
        means[0] = events > 0 ? (TensorPrimitives.Dot(mass, values) / TensorPrimitives.Sum(mass)) - _reference : 0;
}
