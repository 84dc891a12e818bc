namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Divergence</c>.</summary>
internal sealed class DivergenceOptions
{
    /// <summary>How many pseudo-events smooth both distributions; 0 turns it off.</summary>
    public double PseudoEvents { get; set; } = 1;

    /// <summary>A window with fewer events is not ready.</summary>
    public long MinimumEvents { get; set; } = 100;

    /// <summary>How many classes are exported with their contributions.</summary>
    public int TopClasses { get; set; } = 10;

    /// <summary>Whether each window is also compared with the one just before it.</summary>
    public bool Trailing { get; set; } = true;
}
