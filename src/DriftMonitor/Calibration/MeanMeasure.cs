namespace DriftMonitor.Calibration;

/// <summary>The mean of a value over a window, less that of the reference, in the value's unit. Used by one thread.</summary>
/// <param name="values">The value of each cell (bin).</param>
internal sealed class MeanMeasure(double[] values) : ISimulatedMeasure
{
    private double _reference;

    public int ValueCount => 1;

    public void StartReference(ReadOnlySpan<double> reference) => _reference = TensorPrimitives.Dot(reference, values);

    public void AddPane(ReadOnlySpan<double> cusumMass, double events)
    {
        // a mean has no CUSUM
    }

    public void Measure(ReadOnlySpan<double> mass, double events, Span<double> means) =>
        means[0] = events > 0 ? (TensorPrimitives.Dot(mass, values) / TensorPrimitives.Sum(mass)) - _reference : 0;
}
