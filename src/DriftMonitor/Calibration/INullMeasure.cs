namespace DriftMonitor.Calibration;

/// <summary>What is measured of simulated windows: at most two values that are watched together.</summary>
internal interface INullMeasure
{
    /// <summary>How many values there are: 1 or 2.</summary>
    int Values { get; }

    /// <summary>Takes the shares of a drawn reference, which the windows that follow are compared with.</summary>
    void Use(ReadOnlySpan<double> reference);

    /// <summary>The values of a window.</summary>
    (double First, double Second) Of(ReadOnlySpan<double> mass, double events);
}
