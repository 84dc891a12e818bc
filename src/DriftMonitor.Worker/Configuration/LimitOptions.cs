namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Limits</c>: what is let in, and how much of it.</summary>
internal sealed class LimitOptions
{
    /// <summary>Whether a model without a reference or classes here is watched when its first record comes.</summary>
    public bool AcceptUnknownModels { get; set; } = true;

    /// <summary>The cap on models.</summary>
    public int Models { get; set; } = 1_000;

    /// <summary>The cap on segments of one model.</summary>
    public int SegmentsPerModel { get; set; } = 100;

    /// <summary>The most series that one replica keeps windows for, per partition of the panes topic.</summary>
    public int SeriesPerPartition { get; set; } = 10_000;

    /// <summary>The memory of all models, panes and windows, in cells of 16 bytes; 0 takes half of what the process may have.</summary>
    public long MemoryCells { get; set; }

    /// <summary>The largest record value, in bytes.</summary>
    public int RecordBytes { get; set; } = 1024 * 1024;

    /// <summary>How far a sum of probabilities may be from 1.</summary>
    public double SumTolerance { get; set; } = Simplex.DefaultTolerance;
}
