namespace DriftMonitor.Benchmarks.Detection;

/// <summary>ADWIN2: a window of single values that drops its oldest while any cut leaves two parts whose means differ.</summary>
/// <remarks>
/// An exponential histogram: row i has up to <see cref="MaxBuckets"/> buckets of 2ⁱ values, the oldest first; cuts are tried between
/// buckets, after every 32 values. Means differ when by more than √(2 m σ² ln(2 ln W/δ)) + ⅔ m ln(2 ln W/δ), 1/m the harmonic sum of the
/// parts' sizes (each less four, as in MOA and river). Source: A. Bifet and R. Gavaldà, Learning from Time-Changing Data with Adaptive
/// Windowing, SDM 2007.
/// </remarks>
/// <param name="delta">δ.</param>
internal sealed class Adwin(double delta = 0.002) : IEventDetector
{
    private const int MaxBuckets = 5;
    private const int Rows = 48;
    private const int Clock = 32;
    private const int Grace = 10;
    private const int LeastPart = 5;

    private double[] _totals = new double[Rows * (MaxBuckets + 1)];
    private double[] _variances = new double[Rows * (MaxBuckets + 1)]; // sums of squared deviations
    private int[] _buckets = new int[Rows];
    private int _rows = 1;
    private long _seen;
    private double _width;
    private double _total;
    private double _variance;

    public bool Add(double value)
    {
        if (_width > 0)
        {
            var difference = value - (_total / _width);
            _variance += _width * difference * difference / (_width + 1);
        }

        _width++;
        _total += value;
        Insert(0, value, 0);
        for (var row = 0; _buckets[row] > MaxBuckets; row++)
        {
            Merge(row);
        }

        if (++_seen % Clock != 0 || _width <= Grace)
        {
            return false;
        }

        var changed = false;
        while (HasCut())
        {
            changed = true;
            DropOldest();
        }

        return changed;
    }

    public IEventDetector Copy()
    {
        var copy = (Adwin)MemberwiseClone();
        (copy._totals, copy._variances, copy._buckets) = ([.. _totals], [.. _variances], [.. _buckets]);
        return copy;
    }

    private void Insert(int row, double total, double variance)
    {
        var at = (row * (MaxBuckets + 1)) + _buckets[row]++;
        (_totals[at], _variances[at]) = (total, variance);
        _rows = Math.Max(_rows, row + 1);
    }

    /// <summary>The two oldest buckets of a row become the youngest of the next.</summary>
    private void Merge(int row)
    {
        var (at, size) = (row * (MaxBuckets + 1), Math.ScaleB(1, row));
        var difference = (_totals[at] - _totals[at + 1]) / size;
        Insert(row + 1, _totals[at] + _totals[at + 1], _variances[at] + _variances[at + 1] + (size * difference * difference / 2));
        Remove(row, 2);
    }

    private void Remove(int row, int count)
    {
        var at = row * (MaxBuckets + 1);
        _buckets[row] -= count;
        Array.Copy(_totals, at + count, _totals, at, _buckets[row]);
        Array.Copy(_variances, at + count, _variances, at, _buckets[row]);
    }

    private void DropOldest()
    {
        var at = (_rows - 1) * (MaxBuckets + 1);
        var size = Math.ScaleB(1, _rows - 1);
        _width -= size;
        _total -= _totals[at];
        var difference = (_totals[at] / size) - (_total / _width);
        _variance -= _variances[at] + (size * _width * difference * difference / (size + _width));
        Remove(_rows - 1, 1);
        while (_rows > 1 && _buckets[_rows - 1] == 0)
        {
            _rows--;
        }
    }

    private bool HasCut()
    {
        var confidence = Math.Log(2 * Math.Log(_width) / delta);
        var spread = 2 * _variance / _width * confidence;
        var (older, olderTotal) = (0.0, 0.0);
        for (var row = _rows - 1; row >= 0; row--)
        {
            for (var bucket = 0; bucket < _buckets[row]; bucket++)
            {
                older += Math.ScaleB(1, row);
                olderTotal += _totals[(row * (MaxBuckets + 1)) + bucket];
                var younger = _width - older;
                if (younger < LeastPart)
                {
                    return false;
                }

                if (older >= LeastPart)
                {
                    var part = (1 / (older - LeastPart + 1)) + (1 / (younger - LeastPart + 1));
                    var difference = Math.Abs((olderTotal / older) - ((_total - olderTotal) / younger));
                    if (difference > Math.Sqrt(spread * part) + (2 * confidence * part / 3))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
