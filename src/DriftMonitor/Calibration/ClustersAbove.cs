namespace DriftMonitor.Calibration;

/// <summary>
/// The clusters of values above a level: each lasts from its first value above until a whole window's length has been below, or its run
/// ends. So an alarm would be on by the rule of <see cref="Alarms.WholeWindowRule"/>.
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
    /// <param name="runLength">Looks in a run.</param>
    /// <param name="windowLooks">Looks in a window's length.</param>
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
    /// <param name="LooksOn">
    /// Looks at which the alarm is on: from the first value above, with the hold after the last. One value above makes a window's length.
    /// </param>
    internal readonly record struct Cluster(double Peak, int LooksOn)
    {
        /// <summary>
        /// Window lengths for which a single odd pane can keep an alarm on: one while the pane is in the window, one until it ends. By
        /// construction.
        /// </summary>
        private const double WindowsOnPerOddPane = 2;

        /// <summary>How many alarms it counts as: as many alarms of single odd panes as fit into its time, at least 1.</summary>
        public double Alarms(int windowLooks) => Math.Max(1, LooksOn / (WindowsOnPerOddPane * windowLooks));
    }
}
