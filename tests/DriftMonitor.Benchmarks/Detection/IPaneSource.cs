namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A stream whose truth is known, drawn in base panes of ten seconds.</summary>
internal interface IPaneSource
{
    /// <summary>Draws the next pane.</summary>
    /// <param name="mass">Takes the mass of each class.</param>
    /// <param name="squares">Takes the sum of the squares of each event's mass.</param>
    /// <returns>How many events it has.</returns>
    int Next(double[] mass, double[] squares);
}
