using DriftMonitor.Model;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Models</c>.</summary>
internal sealed class ModelOptions
{
    /// <summary>Whether a model without a reference or classes here is watched when its first record comes.</summary>
    public bool AcceptUnknown { get; set; } = true;

    /// <summary>The cap on models.</summary>
    public int Max { get; set; } = 1_000;

    /// <summary>The cap on segments of one model.</summary>
    public int MaxSegments { get; set; } = 100;

    /// <summary>The largest record value, in bytes.</summary>
    public int MaxRecordBytes { get; set; } = 1024 * 1024;

    /// <summary>How far a sum of probabilities may be from 1.</summary>
    public double SumTolerance { get; set; } = Simplex.DefaultTolerance;

    /// <summary>The ordered classes of models that have no reference: model → class names.</summary>
    public Dictionary<string, string[]> Classes { get; set; } = [];
}
