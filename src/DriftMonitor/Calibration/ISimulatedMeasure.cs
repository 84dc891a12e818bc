namespace DriftMonitor.Calibration;

/// <summary>What a simulation measures of a window: one or more values that share a budget. Used by one thread.</summary>
internal interface ISimulatedMeasure
{
    /// <summary>How many values there are, at least 1.</summary>
    int ValueCount { get; }

    /// <summary>Begins a run: takes the shares of a drawn reference, which the panes and windows that follow are compared with.</summary>
    void StartReference(ReadOnlySpan<double> reference);

    /// <summary>Takes the next pane, for a value that adds up panes.</summary>
    /// <param name="cusumMass">
    /// The mass of the pane along the CUSUM's path. It is not the mass that the window adds up (<see cref="BlockStream.DrawPane"/>).
    /// </param>
    /// <param name="events">The pane's events.</param>
    void AddPane(ReadOnlySpan<double> cusumMass, double events);

    /// <summary>Measures the window that ends with the pane taken last.</summary>
    /// <param name="mass">The mass of the window's panes, along the window's path.</param>
    /// <param name="events">The window's events.</param>
    /// <param name="values">Receives <see cref="ValueCount"/> values.</param>
    void Measure(ReadOnlySpan<double> mass, double events, Span<double> values);
}
