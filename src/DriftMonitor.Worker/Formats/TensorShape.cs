namespace DriftMonitor.Worker.Formats;

/// <summary>
/// A tensor's dimensions, as far as rows and columns follow from them. The default value is that of a tensor without a shape.
/// </summary>
internal struct TensorShape
{
    private const long Most = 1L << 40; // more than a record can hold

    private int _rank;
    private long _rows;

    /// <summary>Whether there is a shape at all; one without dimensions is that of a single element.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Whether the elements lie in rows: the first dimension is that of the batch.</summary>
    public readonly bool HasRows => _rank > 1;

    /// <summary>All dimensions but the last one.</summary>
    public readonly long Rows => _rank == 0 ? 1 : _rows;

    /// <summary>The last dimension, which is that of the classes.</summary>
    public long Last { get; private set; }

    public void Begin()
    {
        IsKnown = true;
        (_rank, _rows, Last) = (0, 1, 1);
    }

    public void Add(long dimension)
    {
        dimension = Math.Clamp(dimension, 0, Most);
        _rows = _rank == 0 ? 1 : Math.Min(Most, _rows > Most / Math.Max(1, Last) ? Most : _rows * Last);
        Last = dimension;
        _rank++;
    }
}
