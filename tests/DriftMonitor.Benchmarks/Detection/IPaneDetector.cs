namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A detector that is fed base panes and looks after each: a score above a level is an alarm.</summary>
internal interface IPaneDetector
{
    /// <summary>For each score that it gives, how many looks it must be below the level until an alarm has ended.</summary>
    int[] EndsAfterLooks { get; }

    /// <summary>Takes the next pane and gives the scores now, 0 while there is too little to judge.</summary>
    void Add(double[] mass, int events, Span<float> scores);

    /// <summary>A detector that goes on from here on its own.</summary>
    IPaneDetector Copy();
}
