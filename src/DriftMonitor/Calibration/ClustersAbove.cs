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
    private int _looksLeftInRun;

    /// <param name="values">The values of every look, run by run.</param>
    /// <param name="runLength">How many looks belong to a run.</param>
    /// <param name="windowLooks">How many looks a window is long.</param>
    /// <param name="level">The level.</param>
    public ClustersAbove(ReadOnlySpan<double> values, int runLength, int windowLooks, double level)
    {
        (_runLength, _windowLooks, _level) = (runLength, windowLooks, level);
        _values = values;
        _looksLeftInRun = runLength;
    }

    public Cluster Current { get; private set; }

    public readonly ClustersAbove GetEnumerator() => this;

    public bool MoveNext()
    {
        var (peak, looksOn, holdLeft) = (_level, 0, 0);
        while (_at < _values.Length)
        {
            var value = _values[_at++];
            if (value > _level)
            {
                (peak, holdLeft) = (Math.Max(peak, value), _windowLooks);
            }
            else if (holdLeft > 0)
            {
                holdLeft--;
            }

            looksOn += holdLeft > 0 ? 1 : 0;
            var isLast = --_looksLeftInRun == 0 || _at == _values.Length;
            _looksLeftInRun = isLast ? _runLength : _looksLeftInRun;
            if (looksOn > 0 && (holdLeft == 0 || isLast))
            {
                Current = new Cluster(peak, looksOn);
                return true;
            }
        }

        return false;
    }

    /// <param name="Peak">The highest value.</param>
    /// <param name="LooksOn">At how many looks an alarm was on.</param>
    internal readonly record struct Cluster(double Peak, int LooksOn)
    {
        private const double WindowsOnPerOddPane = 2; // that one odd pane keeps an alarm on at most: a length above, and a length below

        /// <summary>As how many alarms it counts: one that stays on takes what those would that it leaves no room for.</summary>
        public double Alarms(int windowLooks) => Math.Max(1, LooksOn / (WindowsOnPerOddPane * windowLooks));
    }
}
