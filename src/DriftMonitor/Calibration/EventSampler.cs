using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Calibration;

/// <summary>Draws how many of a number of events fall into each cell: a multinomial sample. Used by one thread.</summary>
/// <remarks>
/// Few events are drawn one by one, through a guide table (H.-C. Chen and Y. Asau, 1974). Many events are drawn as one Poisson number for
/// each cell. The difference of their sum from the number wanted, about √n, is then spread over the cells with large means, in proportion,
/// so the number of events is exact and counts have the covariance of multinomial ones (they need not be whole). Where few events are in
/// such cells, single events are added or taken back instead.
/// </remarks>
internal sealed class EventSampler(RandomSource random, int cells)
{
    /// <summary>The mean from which a Poisson number is drawn from its normal expansion; chosen: its skewness is below 0.3 there.</summary>
    private const double NormalFromMean = 12;

    /// <summary>Events beyond the number of cells up to which single draws are cheaper; chosen.</summary>
    private const int SingleDrawsBeyondCells = 32;

    /// <summary>The part of the events that must be in cells of large means for the difference to be spread over them; chosen.</summary>
    private const double LeastPartInLargeCells = 0.999;

    /// <summary>The least term of a Poisson sum: where a double ends, whatever was drawn.</summary>
    private const double LeastTerm = 1e-300;

    private readonly double[] _weights = new double[cells];
    private readonly double[] _cumulated = new double[cells];
    private readonly int[] _guide = new int[cells];
    private double _total;

    /// <summary>Sets the weights that are drawn by from now on.</summary>
    /// <param name="weights">The probability of each cell times any factor, none negative.</param>
    public void SetWeights(ReadOnlySpan<double> weights)
    {
        weights.CopyTo(_weights);
        _total = 0;
        for (var k = 0; k < cells; k++)
        {
            _cumulated[k] = _total += weights[k];
        }

        for (var (slot, k) = (0, 0); slot < cells; slot++)
        {
            while (k < cells - 1 && _cumulated[k] * cells <= _total * slot)
            {
                k++;
            }

            _guide[slot] = k;
        }
    }

    /// <summary>Adds so many events to the cells that they fall into.</summary>
    /// <param name="events">How many.</param>
    /// <param name="weight">The mass that one event adds.</param>
    /// <param name="mass">What is added to.</param>
    public void Add(long events, double weight, Span<double> mass)
    {
        var left = events;
        if (events > cells + SingleDrawsBeyondCells)
        {
            var large = 0.0;
            for (var k = 0; k < cells; k++)
            {
                var mean = events * _weights[k] / _total;
                large += mean > NormalFromMean ? mean : 0;
            }

            var spreads = large > LeastPartInLargeCells * events;
            var poisson = spreads ? events : events - (4 * Math.Sqrt(events));
            for (var k = 0; k < cells; k++)
            {
                var count = DrawPoisson(poisson * _weights[k] / _total);
                left -= count;
                mass[k] += count * weight;
            }

            if (spreads)
            {
                SpreadDifference(left * weight / large, events, mass);
                return;
            }
        }

        for (; left > 0; left--)
        {
            mass[DrawCell()] += weight;
        }

        for (; left < 0; left++)
        {
            int k;
            do
            {
                k = DrawCell();
            }
            while (mass[k] < weight / 2);
            mass[k] -= weight;
        }
    }

    private void SpreadDifference(double part, long events, Span<double> mass)
    {
        for (var k = 0; k < cells; k++)
        {
            var mean = events * _weights[k] / _total;
            mass[k] += mean > NormalFromMean ? part * mean : 0;
        }
    }

    private int DrawCell()
    {
        var uniform = random.NextDouble();
        var k = _guide[(int)(uniform * cells)];
        for (var target = uniform * _total; _cumulated[k] <= target && k < cells - 1; k++)
        {
        }

        return k;
    }

    private long DrawPoisson(double mean)
    {
        if (mean >= NormalFromMean)
        {
            var z = Normal.Sample(random, 0, 1); // Cornish and Fisher's expansion to the skewness
            return Math.Max(0, (long)Math.Round(mean + (Math.Sqrt(mean) * z) + (((z * z) - 1) / 6), MidpointRounding.ToEven));
        }

        var term = Math.Exp(-mean);
        var below = random.NextDouble() - term;
        long count = 0;
        while (below > 0 && term > LeastTerm)
        {
            term *= mean / ++count;
            below -= term;
        }

        return count;
    }
}
