using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Calibration;

/// <summary>Draws panes of a stream without drift, and references of it, from a <see cref="BlockModel"/>. Used by one thread.</summary>
internal sealed class BlockStream
{
    private const int UnitsForWholeBlocks = 300;
    private const int StretchesForPower = 4; // a cycle has fewer: its next day is like the last
    private const double StretchPowerShape = 50; // stretches: the power of one varies by √(1/50), so that paths go beyond the blocks that were seen

    private readonly BlockModel _model;
    private readonly RandomSource _random;
    private readonly EventSampler _sampler;
    private readonly double[] _composition;
    private readonly double[] _deviation;
    private readonly double[] _cusumDeviation;
    private readonly int _noiseRows;
    private int _unit;
    private int _leftInStretch;
    private double _leftInUnit;
    private double _amplitude = 1;

    /// <param name="model">What is drawn from.</param>
    /// <param name="random">What draws.</param>
    /// <param name="noiseRows">How many blocks a pane's noise is made of: several if a window has few panes, for a smooth tail.</param>
    public BlockStream(BlockModel model, RandomSource random, int noiseRows)
    {
        (_model, _random, _noiseRows) = (model, random, noiseRows);
        _sampler = new EventSampler(random, model.Shares.Length);
        _composition = new double[model.Shares.Length];
        (_deviation, _cusumDeviation) = (new double[model.Shares.Length], new double[model.Shares.Length]);
        _sampler.SetWeights(model.Shares);
    }

    /// <summary>The next events go on at another place of the reference.</summary>
    public void Jump() => (_leftInStretch, _leftInUnit) = (0, 0);

    /// <summary>Draws the events of a stretch of time.</summary>
    /// <param name="milliseconds">How long.</param>
    /// <param name="events">How many events there are, were the traffic even.</param>
    /// <param name="carried">The fraction of an event that the pane before left over; changed to what this one leaves.</param>
    /// <param name="mass">Receives the mass of each cell.</param>
    /// <param name="cusumMass">Receives it as it would be by the path of the part of a window that a CUSUM remembers.</param>
    /// <returns>How many events there were.</returns>
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

    /// <summary>Draws the shares of a reference of so many events, over as many units as there are.</summary>
    public void DrawReference(double events, Span<double> shares)
    {
        Jump();
        shares.Clear();
        if (_model is { Path: { } path, CusumPath: { } cusumPath })
        {
            AdvancePath(path, cusumPath, (double)_model.UnitMs * _model.Units, byTraffic: true); // as the reference's events are spread over time
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
        }

        return n;
    }

    private double DrawSoft(double events, double weight, Span<double> mass)
    {
        TensorPrimitives.Multiply<double>(_model.Shares, events, mass);
        if (_model.Path is not null)
        {
            TensorPrimitives.MultiplyAdd<double>(_deviation, events / weight, mass, mass);
        }

        // of many units as they are, where a pane has about as many events: of few events a class a sum of parts of them is not like any
        var rows = _model.Units < UnitsForWholeBlocks ? _noiseRows : Math.Clamp(
            (int)Math.Round(events / _model.UnitEvents, MidpointRounding.ToEven), 1, _noiseRows);
        for (var row = 0; row < rows; row++)
        {
            AddNoise(Math.Sqrt(events / rows), mass);
        }

        return events;
    }

    private void AddNoise(double scale, Span<double> mass)
    {
        var row = _model.Noise.AsSpan(_random.Next(_model.Units) * mass.Length, mass.Length);
        TensorPrimitives.MultiplyAdd(row, scale, mass, mass);
    }

    /// <summary>Goes along the path: the mean on it, its share of the traffic, and the composition's deviation by the cusumPath path.</summary>
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

        TensorPrimitives.Divide(_cusumDeviation, Math.Max(cusumWeight, 1e-9), _cusumDeviation);
        return Math.Max(weight, 1e-9);
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
            _amplitude = StretchesForPower * _model.StretchUnits <= _model.Units ? Math.Sqrt(Gamma.Sample(_random, StretchPowerShape, StretchPowerShape)) : 1;
        }

        _leftInUnit = _model.UnitMs;
    }
}
