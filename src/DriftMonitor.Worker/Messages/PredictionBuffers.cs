namespace DriftMonitor.Worker.Messages;

/// <summary>What reading one prediction needs beyond the stack, kept for the next one. Not safe for concurrent use.</summary>
internal sealed class PredictionBuffers
{
    public OutputValues Output { get; } = new();

    /// <summary>The reference policy's half of an output that has two; <see cref="Output"/> is the other.</summary>
    public OutputValues Reference { get; } = new();

    /// <summary>The cells that <see cref="Reference"/> comes to.</summary>
    public double[] ReferenceCells { get; set; } = [];

    /// <summary>The model's name when it is written with escapes.</summary>
    public byte[] Model { get; } = new byte[JsonNames.MaxJsonBytes];

    public char[] Id { get; } = new char[JsonNames.MaxJsonBytes];

    public char[] Segment { get; } = new char[JsonNames.MaxJsonBytes];

    public char[] ClassName { get; } = new char[JsonNames.MaxJsonBytes];
}
