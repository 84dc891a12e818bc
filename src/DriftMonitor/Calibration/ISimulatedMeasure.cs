namespace DriftMonitor.Calibration;

/// <summary>What is measured of simulated windows: values that are watched together.</summary>
internal interface ISimulatedMeasure
{
    /// <summary>How many values there are, at least 1.</summary>
    int ValueCount { get; }

    /// <summary>Takes the shares of a drawn reference, which the panes and windows that follow are compared with.</summary>
    void StartReference(ReadOnlySpan<double> reference);

    /// <summary>Takes the next pane.</summary>
    void AddPane(ReadOnlySpan<double> mass, double events);

    /// <summary>The values of the window that ends with the pane taken last.</summary>
    void Measure(ReadOnlySpan<double> mass, double events, Span<double> values);
}
