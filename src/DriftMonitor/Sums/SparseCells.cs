using System.Numerics;

namespace DriftMonitor.Sums;

/// <summary>Sums of those cells of a large class space that hold anything, in columns, sorted by cell.</summary>
/// <remarks>
/// Canonical: a cell whose sums are all 0 is not there, so equal sums are equal bits, however they came about. Adding m cells to n costs
/// m log(n/m), and n more when one of them is new. Used by one thread.
/// </remarks>
internal sealed class SparseCells<T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly T[][] _columns;
    private int[] _cells;

    /// <param name="columns">How many sums a cell has.</param>
    public SparseCells(int columns)
    {
        _cells = [];
        _columns = new T[columns][];
        Array.Fill(_columns, []);
    }

    /// <summary>A copy with no room to spare.</summary>
    public SparseCells(SparseCells<T> other)
    {
        Count = other.Count;
        _cells = other.Cells.ToArray();
        _columns = [.. other._columns.Select(column => column.AsSpan(0, other.Count).ToArray())];
    }

    public int Count { get; private set; }

    public ReadOnlySpan<int> Cells => _cells.AsSpan(0, Count);

    public ReadOnlySpan<T> Column(int column) => _columns[column].AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Adds to each cell a value of each column, or takes it back.</summary>
    /// <param name="cells">Growing.</param>
    /// <param name="first">The first column's values.</param>
    /// <param name="second">The second column's values; empty for cells of one column.</param>
    /// <param name="subtract">Whether they are taken back.</param>
    public void Combine<TOther>(ReadOnlySpan<int> cells, ReadOnlySpan<TOther> first, ReadOnlySpan<TOther> second, bool subtract)
        where TOther : unmanaged, IBinaryInteger<TOther>
    {
        var (at, missing, emptied) = (0, 0, false);
        for (var j = 0; j < cells.Length; j++)
        {
            at = Seek(cells[j], at);
            if (at == Count || _cells[at] != cells[j])
            {
                missing += IsZero(first, second, j) ? 0 : 1;
                continue;
            }

            Change(at, first, second, j, subtract);
            emptied |= IsEmpty(at);
        }

        if (missing > 0)
        {
            Insert(cells, first, second, missing, subtract);
        }

        if (emptied)
        {
            Compact();
        }
    }

    /// <summary>The place of the first cell not before <paramref name="cell"/>, from a place on: by doubling steps, then halves.</summary>
    private int Seek(int cell, int from)
    {
        var (low, step) = (from, 1);
        while (low + step <= Count && _cells[low + step - 1] < cell)
        {
            low += step;
            step *= 2;
        }

        var found = _cells.AsSpan(low, Math.Min(step, Count - low)).BinarySearch(cell);
        return low + (found >= 0 ? found : ~found);
    }

    /// <summary>Makes places for missing cells, from the last to the first; those that are there have been changed already.</summary>
    private void Insert<TOther>(
        ReadOnlySpan<int> cells, ReadOnlySpan<TOther> first, ReadOnlySpan<TOther> second, int missing, bool subtract)
        where TOther : unmanaged, IBinaryInteger<TOther>
    {
        MakeRoom(Count + missing);
        var (end, left) = (Count, missing); // what lies before the end has not been moved yet
        for (var j = cells.Length - 1; left > 0; j--)
        {
            var found = _cells.AsSpan(0, end).BinarySearch(cells[j]);
            if (found >= 0 || IsZero(first, second, j))
            {
                continue;
            }

            var at = ~found;
            Move(at, at + left, end - at);
            end = at;
            at += --left;
            _cells[at] = cells[j];
            foreach (var column in _columns)
            {
                column[at] = T.Zero;
            }

            Change(at, first, second, j, subtract);
        }

        Count += missing;
    }

    private void Move(int from, int to, int count)
    {
        Array.Copy(_cells, from, _cells, to, count);
        foreach (var column in _columns)
        {
            Array.Copy(column, from, column, to, count);
        }
    }

    private static bool IsZero<TOther>(ReadOnlySpan<TOther> first, ReadOnlySpan<TOther> second, int j)
        where TOther : unmanaged, IBinaryInteger<TOther> => first[j] == TOther.Zero && (second.IsEmpty || second[j] == TOther.Zero);

    private void Change<TOther>(int at, ReadOnlySpan<TOther> first, ReadOnlySpan<TOther> second, int j, bool subtract)
        where TOther : unmanaged, IBinaryInteger<TOther>
    {
        var value = T.CreateTruncating(first[j]);
        _columns[0][at] = subtract ? _columns[0][at] - value : _columns[0][at] + value;
        if (!second.IsEmpty)
        {
            value = T.CreateTruncating(second[j]);
            _columns[1][at] = subtract ? _columns[1][at] - value : _columns[1][at] + value;
        }
    }

    private bool IsEmpty(int at)
    {
        foreach (var column in _columns)
        {
            if (column[at] != T.Zero)
            {
                return false;
            }
        }

        return true;
    }

    private void Compact()
    {
        var kept = 0;
        for (var at = 0; at < Count; at++)
        {
            if (!IsEmpty(at))
            {
                if (kept != at)
                {
                    Move(at, kept, 1);
                }

                kept++;
            }
        }

        Count = kept;
    }

    private void MakeRoom(int count)
    {
        if (count > _cells.Length)
        {
            var room = count + (count / 4);
            Array.Resize(ref _cells, room);
            for (var i = 0; i < _columns.Length; i++)
            {
                Array.Resize(ref _columns[i], room);
            }
        }
    }
}
