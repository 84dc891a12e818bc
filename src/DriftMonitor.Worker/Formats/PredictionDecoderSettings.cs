namespace DriftMonitor.Worker.Formats;

/// <summary>What a prediction may be, and whose it is by the name that it has.</summary>
internal sealed record PredictionDecoderSettings
{
    /// <summary>How far a sum of probabilities may be from 1.</summary>
    public double SumTolerance { get; init; } = Simplex.DefaultTolerance;

    /// <summary>The most bytes that a record's value may have.</summary>
    public int MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>The patterns of models' names.</summary>
    public ModelNames Names { get; init; } = ModelNames.AsTheyAre;
}
