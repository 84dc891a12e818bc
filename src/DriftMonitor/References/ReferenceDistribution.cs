using DriftMonitor.Divergence;

namespace DriftMonitor.References;

/// <summary>A reference's events of one segment as a distribution: q, and how much single events scatter about it. Immutable.</summary>
public sealed class ReferenceDistribution
{
    private readonly double[] _shares;
    private readonly double[] _variances;

    /// <param name="sums">The events.</param>
    /// <param name="choices"><see cref="ClassSpace.Choices"/> of their classes.</param>
    internal ReferenceDistribution(PaneSums sums, int choices = 1)
    {
        (Sums, Choices) = (sums, choices);
        _shares = new double[sums.Cells];
        _variances = new double[sums.Cells];
        UInt128 total = 0;
        foreach (var mass in sums.Mass)
        {
            total += mass;
        }

        for (var i = 0; i < sums.Mass.Length; i++)
        {
            var k = sums.IsSparse ? sums.KeptCells[i] : i;
            var mean = FixedPoint.ToEvents(sums.Mass[i]) / Math.Max(sums.Events, 1);
            _shares[k] = total == 0 ? 0 : (double)sums.Mass[i] / (double)total;
            _variances[k] = Math.Max(0, (FixedPoint.ToEvents(sums.Squares[i]) / Math.Max(sums.Events, 1)) - (mean * mean));
        }
    }

    /// <summary>The integers behind it, not to be changed.</summary>
    public PaneSums Sums { get; }

    /// <summary>How many choices an output makes, of which each has as much of its mass (<see cref="ClassSpace.Choices"/>).</summary>
    internal int Choices { get; }

    /// <summary>m, the number of events.</summary>
    public long Events => Sums.Events;

    /// <summary>q: the share of each cell, <c>__other__</c> last.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>The share of outputs that say a class, or in which it holds if it does so by itself.</summary>
    public double ShareOf(int cell) => Choices == 1 ? _shares[cell]
        : cell == _shares.Length - 1 ? Choices * _shares[cell]
        : _shares[cell] + _shares[cell ^ 1] is > 0 and var both ? _shares[cell] / both
        : 0;

    /// <summary>Var_k: the population variance of each cell's probability over the events.</summary>
    public ReadOnlySpan<double> Variances => _variances;

    /// <summary>
    /// The <see cref="NoiseFloor"/> of live windows, over the named classes, and <c>__other__</c> if it has mass here; of independent
    /// classes the sum.
    /// </summary>
    /// <param name="liveEvents">n &gt; 0.</param>
    /// <param name="pseudoEvents">ε ≥ 0.</param>
    public double NoiseFloorNats(double liveEvents, double pseudoEvents) =>
        NoiseFloorNats(liveEvents, pseudoEvents, _shares.Length - (_shares[^1] > 0 ? 0 : 1));

    /// <summary>The same over the first cells.</summary>
    internal double NoiseFloorNats(double liveEvents, double pseudoEvents, int cells) =>
        Choices * NoiseFloor.Of(_shares.AsSpan(0, cells), _variances.AsSpan(0, cells), liveEvents, Events, pseudoEvents, Choices);
}
