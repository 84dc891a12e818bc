namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A detector that reads a number of each event.</summary>
internal interface IEventDetector
{
    /// <summary>Takes the next event's; says whether a change is detected.</summary>
    bool Add(double value);

    /// <summary>A detector that goes on from here on its own.</summary>
    IEventDetector Copy();
}
