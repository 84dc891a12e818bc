namespace DriftMonitor.Calibration;

/// <summary>
/// The clusters of values above a level, each from its first until all have been below for a window's length, or its run ends.
/// </summary>
internal ref struct ClustersAbove
{
    private readonly ReadOnlySpan<double> _values;
    private readonly int _runLength;
    private readonly int _windowLooks;
    private readonly double _level;
    private int _at;
    private int _leftInRun;

    /// <param name="values">The values of every look, run by run.</param>
    /// <param name="runLength">How many looks belong to a run.</param>
    /// <param name="windowLooks">How many looks a window is long.</param>
    /// <param name="level">The level.</param>
    public ClustersAbove(ReadOnlySpan<double> values, int runLength, int windowLooks, double level)
    {
        (_runLength, _windowLooks, _level) = (runLength, windowLooks, level);
        _values = values;
        _leftInRun = runLength;
    }

    public Cluster Current { get; private set; }

    public readonly ClustersAbove GetEnumerator() => this;

    public bool MoveNext()
    {
        var (peak, looks, left) = (_level, 0, 0);
        while (_at < _values.Length)
        {
            var value = _values[_at++];
            if (value > _level)
            {
                (peak, left) = (Math.Max(peak, value), _windowLooks);
            }
            else if (left > 0)
            {
                left--;
            }

            looks += left > 0 ? 1 : 0;
            var isLast = --_leftInRun == 0 || _at == _values.Length;
            _leftInRun = isLast ? _runLength : _leftInRun;
            if (looks > 0 && (left == 0 || isLast))
            {
                Current = new Cluster(peak, looks);
                return true;
            }
        }

        return false;
    }

    /// <param name="Peak">The highest value.</param>
    /// <param name="Looks">At how many looks an alarm was on.</param>
    internal readonly record struct Cluster(double Peak, int Looks)
    {
        private const double WindowsOn = 2; // that one odd pane keeps an alarm on at most: a length above, and a length below

        /// <summary>As how many alarms it counts: one that stays on takes what those would that it leaves no room for.</summary>
        public double Alarms(int windowLooks) => Math.Max(1, Looks / (WindowsOn * windowLooks));
    }
}
