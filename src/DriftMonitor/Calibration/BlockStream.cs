using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Calibration;

/// <summary>Draws panes of a driftless stream, and references of it, from a <see cref="BlockModel"/>. Used by one thread.</summary>
/// <remarks>
/// The stream walks along the model's two paths at once, unit by unit, and jumps to a random unit after each stretch. So a pane has two
/// compositions: for the window's divergence, and for what a CUSUM remembers.
/// </remarks>
internal sealed class BlockStream
{
    /// <summary>So many events of a reference that nothing about it is left to chance.</summary>
    public const double KnownExactly = 1e15;

    /// <summary>
    /// Units from which soft noise is made of whole units, about as many as a pane has events for: counts of rare classes are skewed, and a
    /// sum of parts of several units is not. Of fewer units there are too few different panes. Source: top-20 row of <c>detection hard</c>.
    /// </summary>
    private const int UnitsForWholeBlocks = 300;

    /// <summary>
    /// Stretches that a reference has at least for their power to vary; chosen. A cycle has fewer: its next day is like the last.
    /// </summary>
    private const int StretchesForPower = 4;

    /// <summary>
    /// Shape of the Gamma distribution, of mean 1, of a stretch's power (its variance relative to the reference's). The power varies by
    /// √(1/50), a seventh, so that paths go beyond the blocks that were seen. Source: rows that wander or redraw in <c>detection hard</c>.
    /// </summary>
    private const double StretchPowerShape = 50;

    /// <summary>The least weight that is divided by: a stretch of time without traffic.</summary>
    private const double LeastWeight = 1e-9;

    private readonly BlockModel _model;
    private readonly RandomSource _random;
    private readonly EventSampler _sampler;
    private readonly double[] _composition;
    private readonly double[] _deviation; // from q along the window's path, times the pane's weight
    private readonly double[] _cusumDeviation; // from q along the CUSUM's path, divided by its weight
    private readonly int _noiseRows;
    private int _unit;
    private int _leftInStretch;
    private double _leftInUnit; // milliseconds
    private double _amplitude = 1; // root of the stretch's power: multiplies deviations

    /// <param name="model">What is drawn from.</param>
    /// <param name="random">What draws.</param>
    /// <param name="noiseRows">How many units a pane's soft noise is made of: several if a window has few panes, for a smooth tail.</param>
    public BlockStream(BlockModel model, RandomSource random, int noiseRows)
    {
        (_model, _random, _noiseRows) = (model, random, noiseRows);
        _sampler = new EventSampler(random, model.Shares.Length);
        _composition = new double[model.Shares.Length];
        (_deviation, _cusumDeviation) = (new double[model.Shares.Length], new double[model.Shares.Length]);
        _sampler.SetWeights(model.Shares);
    }

    /// <summary>Continues at another place of the reference.</summary>
    public void Jump() => (_leftInStretch, _leftInUnit) = (0, 0);

    /// <summary>Draws the events of a pane.</summary>
    /// <param name="milliseconds">The pane's length.</param>
    /// <param name="events">Events of a pane if traffic were even.</param>
    /// <param name="carried">The fraction of an event that the pane before left over; replaced by what this one leaves.</param>
    /// <param name="mass">Receives the mass of each cell, along the window's path.</param>
    /// <param name="cusumMass">
    /// Receives the mass of the same events along the CUSUM's path: the same draw, with the other path's composition.
    /// </param>
    /// <returns>How many events were drawn.</returns>
    public double DrawPane(double milliseconds, double events, ref double carried, Span<double> mass, Span<double> cusumMass)
    {
        mass.Clear();
        var weight = 1.0;
        if (_model is { Path: { } path, CusumPath: { } cusumPath })
        {
            weight = AdvancePath(path, cusumPath, milliseconds, byTraffic: false);
        }

        var wanted = (events * weight) + carried;
        var count = _model.DrawsOneHot ? DrawOneHot(wanted, weight, out carried, mass) : DrawSoft(events * weight, weight, mass);
        mass.CopyTo(cusumMass);
        if (_model.Path is not null)
        {
            TensorPrimitives.MultiplyAdd(_cusumDeviation, count, cusumMass, cusumMass);
            TensorPrimitives.MultiplyAdd(_deviation, -count / weight, cusumMass, cusumMass);
        }

        return count;
    }

    /// <summary>
    /// Draws the shares of a reference of so many events, as long as the model's reference; of <see cref="KnownExactly"/> the model's own.
    /// </summary>
    public void DrawReference(double events, Span<double> shares)
    {
        Jump();
        if (events >= KnownExactly)
        {
            _model.Shares.CopyTo(shares);
            return;
        }

        shares.Clear();
        if (_model is { Path: { } path, CusumPath: { } cusumPath })
        {
            // as the reference's events are spread over time
            AdvancePath(path, cusumPath, (double)_model.UnitMs * _model.Units, byTraffic: true);
            TensorPrimitives.Add<double>(shares, _deviation, shares);
        }

        for (var k = 0; k < shares.Length; k++)
        {
            shares[k] = Math.Max(0, shares[k] + _model.Shares[k]);
        }

        if (_model.DrawsOneHot)
        {
            _sampler.SetWeights(shares);
            shares.Clear();
            var draws = Math.Max(1, (long)Math.Round(events / _model.EventWeight, MidpointRounding.ToEven));
            _sampler.Add(draws, 1.0 / draws, shares);
            _sampler.SetWeights(_model.Shares);
        }
        else
        {
            var scale = 1 / Math.Sqrt(events * _model.Units);
            for (var u = 0; u < _model.Units; u++)
            {
                AddNoise(scale, shares);
            }

            AddRare(events, 1 / events, shares);
        }

        Normalise(shares);
        Jump();
    }

    private static void Normalise(Span<double> shares)
    {
        TensorPrimitives.Max(shares, 0, shares);
        TensorPrimitives.Divide(shares, TensorPrimitives.Sum<double>(shares), shares);
    }

    private double DrawOneHot(double wanted, double weight, out double carried, Span<double> mass)
    {
        var n = (long)Math.Floor(wanted);
        carried = wanted - n;
        if (n > 0)
        {
            if (_model.Path is not null)
            {
                TensorPrimitives.MultiplyAdd<double>(_deviation, 1 / weight, _model.Shares, _composition);
                TensorPrimitives.Max<double>(_composition, 0, _composition);
                _sampler.SetWeights(_composition);
            }

            var draws = Math.Max(1, (long)Math.Round(n / _model.EventWeight, MidpointRounding.ToEven));
            _sampler.Add(draws, (double)n / draws, mass);
            if (_model is { Path: not null, DrawsValues: true })
            {
                AddCutOff(n, weight, mass);
            }
        }

        return n;
    }

    /// <summary>
    /// Adds what was cut off where shares ended at 0, as mass below none: values are looked at by their mean, which goes on.
    /// </summary>
    /// <remarks>Source: a temperature that wanders by 0.3 in <c>detection hard</c>, which raised a hundred times its budget.</remarks>
    private void AddCutOff(long events, double weight, Span<double> mass)
    {
        TensorPrimitives.MultiplyAdd(_composition, -events / TensorPrimitives.Sum<double>(_composition), mass, mass);
        TensorPrimitives.MultiplyAdd(_deviation, events / weight, mass, mass);
        TensorPrimitives.MultiplyAdd(_model.Shares, events, mass, mass);
    }

    private double DrawSoft(double events, double weight, Span<double> mass)
    {
        TensorPrimitives.Multiply<double>(_model.Shares, events, mass);
        if (_model.Path is not null)
        {
            TensorPrimitives.MultiplyAdd<double>(_deviation, events / weight, mass, mass);
        }

        var rows = _model.Units < UnitsForWholeBlocks ? _noiseRows : Math.Clamp(
            (int)Math.Round(events / _model.UnitEvents, MidpointRounding.ToEven), 1, _noiseRows);
        for (var row = 0; row < rows; row++)
        {
            AddNoise(Math.Sqrt(events / rows), mass);
        }

        AddRare(events, 1, mass);
        return events;
    }

    /// <summary>
    /// Draws the events of cells that no unit has any of, in the place of their mean: those in which a class holds that never did. The
    /// others are in the other cell of its pair.
    /// </summary>
    private void AddRare(double events, double weight, Span<double> mass)
    {
        foreach (var k in _model.RareCells)
        {
            var mean = events * _model.Shares[k];
            var more = weight * ((_model.LargestShare * Poisson.Sample(_random, mean / _model.LargestShare)) - mean);
            mass[k] += more;
            mass[k ^ 1] -= more;
        }
    }

    private void AddNoise(double scale, Span<double> mass)
    {
        var row = _model.Noise.AsSpan(_random.Next(_model.Units) * mass.Length, mass.Length);
        TensorPrimitives.MultiplyAdd(row, scale, mass, mass);
    }

    /// <summary>Walks along both paths for so long: sets <see cref="_deviation"/> and <see cref="_cusumDeviation"/> to the means.</summary>
    /// <param name="path">The window's.</param>
    /// <param name="cusumPath">The CUSUM's.</param>
    /// <param name="milliseconds">How long.</param>
    /// <param name="byTraffic">Whether a unit counts by the traffic of the window around it, too.</param>
    /// <returns>The traffic relative to that of the window around it, along the window's path.</returns>
    private double AdvancePath(BlockPath path, BlockPath cusumPath, double milliseconds, bool byTraffic)
    {
        Array.Clear(_deviation);
        Array.Clear(_cusumDeviation);
        var (left, weight, cusumWeight) = (milliseconds, 0.0, 0.0);
        while (left > 0)
        {
            if (_leftInUnit <= 0)
            {
                NextUnit();
            }

            var step = Math.Min(left, _leftInUnit);
            var part = step / milliseconds;
            weight += part * path.Weights[_unit];
            cusumWeight += part * cusumPath.Weights[_unit];
            var traffic = byTraffic ? path.Traffic[_unit] : 1;
            var (from, cells) = (_unit * _deviation.Length, _deviation.Length);
            TensorPrimitives.MultiplyAdd(path.Deviations.AsSpan(from, cells), part * traffic * _amplitude, _deviation, _deviation);
            TensorPrimitives.MultiplyAdd(cusumPath.Deviations.AsSpan(from, cells), part * _amplitude, _cusumDeviation, _cusumDeviation);
            _leftInUnit -= step;
            left -= step;
        }

        TensorPrimitives.Divide(_cusumDeviation, Math.Max(cusumWeight, LeastWeight), _cusumDeviation);
        return Math.Max(weight, LeastWeight);
    }

    private void NextUnit()
    {
        if (_leftInStretch > 0)
        {
            (_unit, _leftInStretch) = ((_unit + 1) % _model.Units, _leftInStretch - 1);
        }
        else
        {
            (_unit, _leftInStretch) = (_random.Next(_model.Units), _model.StretchUnits - 1);
            _amplitude = StretchesForPower * _model.StretchUnits <= _model.Units
                ? Math.Sqrt(Gamma.Sample(_random, StretchPowerShape, StretchPowerShape))
                : 1;
        }

        _leftInUnit = _model.UnitMs;
    }
}
