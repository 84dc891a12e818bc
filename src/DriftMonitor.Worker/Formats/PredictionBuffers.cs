namespace DriftMonitor.Worker.Formats;

/// <summary>What reading one prediction needs beyond the stack, kept for the next one. Not safe for concurrent use.</summary>
internal sealed class PredictionBuffers
{
    private byte[] _bytes = [];
    private double[] _referenceCells = [];

    public OutputValues Output { get; } = new();

    /// <summary>The reference policy's half of an output that has two; <see cref="Output"/> is the other.</summary>
    public OutputValues Reference { get; } = new();

    /// <summary>Of sampled log-probabilities, which positions are tokens (1) and which are padding (0).</summary>
    public OutputValues Mask { get; } = new();

    /// <summary>Whether the output has a <see cref="Mask"/>.</summary>
    public bool HasMask { get; set; }

    /// <summary>How many of the sampled log-probabilities are of tokens, the first ones; null when the output does not tell.</summary>
    public int? Length { get; set; }

    /// <summary>The cells that either of two policies names, of a large class space; a cell may stand there twice.</summary>
    public List<int> NamedCells { get; } = [];

    /// <summary>The first policy's probabilities in such cells.</summary>
    public List<double> FewOfCurrent { get; } = [];

    /// <summary>The second policy's.</summary>
    public List<double> FewOfReference { get; } = [];

    /// <summary>The cells that <see cref="Reference"/> comes to; they hold what was there before.</summary>
    public Span<double> ReferenceOver(int cells)
    {
        if (_referenceCells.Length < cells)
        {
            _referenceCells = new double[cells];
        }

        return _referenceCells.AsSpan(0, cells);
    }

    /// <summary>The model's name when it is written with escapes.</summary>
    public byte[] Model { get; } = new byte[JsonNames.MaxJsonBytes];

    /// <summary>Bytes that are written with escapes or in base 64, as many as it is asked for.</summary>
    public Span<byte> Bytes(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = new byte[length];
        }

        return _bytes.AsSpan(0, length);
    }

    public char[] Id { get; } = new char[JsonNames.MaxLength];

    public char[] Segment { get; } = new char[JsonNames.MaxLength];

    public char[] Version { get; } = new char[JsonNames.MaxLength];

    public char[] ClassName { get; } = new char[JsonNames.MaxLength];
}
