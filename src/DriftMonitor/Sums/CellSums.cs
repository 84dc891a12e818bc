using System.Numerics;

namespace DriftMonitor.Sums;

/// <summary>Sums of a class space's cells, in columns: of every cell, or of a large space only of those that hold anything.</summary>
/// <remarks>
/// Which way they are kept follows from the number of cells alone, and no sum depends on it. A struct, so that whoever holds the sums
/// reaches them directly: copies share the sums. Used by one thread.
/// </remarks>
internal readonly struct CellSums<T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly int _columns;

    /// <param name="cells">How many cells the class space has.</param>
    /// <param name="columns">How many sums a cell has, 1 or 2.</param>
    public CellSums(int cells, int columns)
    {
        (Cells, _columns) = (cells, columns);
        (Dense, Sparse) = cells > PaneSums.MaxDenseCells ? ((T[])[], new SparseCells<T>(columns)) : (new T[columns * cells], null);
    }

    private CellSums(CellSums<T> other)
    {
        (Cells, _columns) = (other.Cells, other._columns);
        (Dense, Sparse) = ([.. other.Dense], other.Sparse is { } sparse ? new SparseCells<T>(sparse) : null);
    }

    public int Cells { get; }

    /// <summary>Column after column of every cell, in one array: windows keep hundreds of these a series. Empty when sparse.</summary>
    public T[] Dense { get; }

    /// <summary>The sums of those cells that hold anything; null when every cell is kept.</summary>
    public SparseCells<T>? Sparse { get; }

    /// <summary>The cells that columns are of, growing, when sums are sparse; else none, and they are of all.</summary>
    public ReadOnlySpan<int> KeptCells => Sparse is { } sparse ? sparse.Cells : [];

    public ReadOnlySpan<T> Column(int column) => Sparse is { } sparse ? sparse.Column(column) : Dense.AsSpan(column * Cells, Cells);

    /// <summary>A column with every cell, 0 for those that are not kept. Allocates as much as the class space is large.</summary>
    public T[] AllOf(int column)
    {
        if (Sparse is null)
        {
            return Column(column).ToArray();
        }

        var all = new T[Cells];
        for (var i = 0; i < KeptCells.Length; i++)
        {
            all[KeptCells[i]] = Column(column)[i];
        }

        return all;
    }

    /// <summary>Adds sums of the same cells, of at least as many columns, or takes them back.</summary>
    public void Combine<TOther>(in CellSums<TOther> other, bool subtract)
        where TOther : unmanaged, IBinaryInteger<TOther>
    {
        Sparse?.Combine(other.KeptCells, other.Column(0), _columns > 1 ? other.Column(1) : [], subtract);
        var (into, from) = (Dense, other.Dense);
        if (subtract)
        {
            for (var i = 0; i < into.Length; i++)
            {
                into[i] -= T.CreateTruncating(from[i]);
            }
        }
        else
        {
            for (var i = 0; i < into.Length; i++)
            {
                into[i] += T.CreateTruncating(from[i]);
            }
        }
    }

    /// <summary>Adds sums of the same cells and columns, or takes them back, many cells at a time.</summary>
    public void Combine(in CellSums<T> other, bool subtract)
    {
        Sparse?.Combine(other.KeptCells, other.Column(0), other.Column(1), subtract);
        if (subtract)
        {
            TensorPrimitives.Subtract(Dense, other.Dense, Dense);
        }
        else
        {
            TensorPrimitives.Add(Dense, other.Dense, Dense);
        }
    }

    public CellSums<T> Copy() => new(this);

    public void Clear()
    {
        Array.Clear(Dense);
        Sparse?.Clear();
    }
}
