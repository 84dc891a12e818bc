using System.Numerics.Tensors;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A stream whose truth is known, drawn in base panes of ten seconds.</summary>
/// <remarks>Nothing here is shared with the calibration: compositions, traffic and events are drawn by code of their own.</remarks>
internal sealed class SimulatedStream(StreamKind kind, RandomSource random) : IPaneSource
{
    public const long PaneMs = 10_000;

    public const int PanesPerDay = (int)(86_400_000 / PaneMs);

    private readonly double[] _logits = new double[kind.Classes];
    private readonly double[] _composition = new double[kind.Classes];
    private readonly double[] _cumulated = new double[kind.Classes];
    private readonly double[] _event = new double[kind.Classes];
    private readonly double[] _slow = new double[kind.Classes];
    private double _burstLeft;
    private int _burstClass;

    /// <summary>How many panes were drawn.</summary>
    public long Panes { get; private set; }

    /// <summary>The drift's size now: 0 for none.</summary>
    public double Drift { get; set; }

    /// <summary>What drifts.</summary>
    public DriftShape Shape { get; set; }

    /// <summary>Called with each event's most probable class and its probability, for detectors that read events.</summary>
    public Action<int, double>? OnEvent { get; set; }

    /// <inheritdoc/>
    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        Array.Clear(squares);
        var rate = Compose();
        if (kind.Concentration is null && OnEvent is null && rate > 2 * mass.Length)
        {
            var sum = 0;
            for (var k = 0; k < mass.Length; k++)
            {
                var drawn = Poisson.Sample(random, rate * _composition[k]); // the same distribution as event by event, sooner
                (mass[k], squares[k], sum) = (drawn, drawn, sum + drawn);
            }

            Panes++;
            return sum;
        }

        var count = kind.Traffic == Traffic.Even ? (int)Math.Round(rate) : Poisson.Sample(random, rate);
        if (kind.Concentration is null)
        {
            var total = 0.0;
            for (var k = 0; k < _composition.Length; k++)
            {
                _cumulated[k] = total += _composition[k];
            }

            for (var i = 0; i < count; i++)
            {
                var found = Array.BinarySearch(_cumulated, random.NextDouble() * total);
                var k = Math.Min(found >= 0 ? found : ~found, _cumulated.Length - 1);
                mass[k]++;
                squares[k]++;
                OnEvent?.Invoke(k, 1);
            }
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                Soft(kind.Concentration.Value);
                for (var k = 0; k < mass.Length; k++)
                {
                    mass[k] += _event[k];
                    squares[k] += _event[k] * _event[k];
                }

                if (OnEvent is not null)
                {
                    var highest = TensorPrimitives.IndexOfMax<double>(_event);
                    OnEvent(highest, _event[highest]);
                }
            }
        }

        Panes++;
        return count;
    }

    /// <summary>A Dirichlet distribution with so much concentration a class on average, its mean the composition.</summary>
    private void Soft(double concentration)
    {
        var sum = 0.0;
        for (var k = 0; k < _event.Length; k++)
        {
            sum += _event[k] = Gamma.Sample(random, Math.Max(1e-3, concentration * _event.Length * _composition[k]), 1);
        }

        for (var k = 0; k < _event.Length; k++)
        {
            _event[k] = sum > 0 ? _event[k] / sum : _composition[k];
        }
    }

    /// <summary>The composition of this pane, and how many events are expected in it.</summary>
    private double Compose()
    {
        var rate = kind.EventsPerWindow / 30.0;
        for (var k = 0; k < _logits.Length; k++)
        {
            _logits[k] = Math.Log(kind.Shares[k]);
        }

        var hours = Panes * PaneMs / 3_600_000.0;
        switch (kind.Traffic)
        {
            case Traffic.Autocorrelated:
                const double minutes = 3;
                var keep = Math.Exp(-PaneMs / (minutes * 60_000));
                for (var k = 0; k < _slow.Length; k++)
                {
                    _slow[k] = (keep * _slow[k]) + (Math.Sqrt(1 - (keep * keep)) * Normal.Sample(random, 0, 0.3));
                    _logits[k] += _slow[k];
                }

                break;
            case Traffic.DailyCycle:
                var phase = Math.Sin(2 * Math.PI * hours / 24);
                rate *= 1 + (0.7 * phase);
                for (var k = 0; k < _logits.Length; k++)
                {
                    _logits[k] += 0.25 * phase * (k % 2 == 0 ? 1 : -1);
                }

                break;
            case Traffic.Bursts:
                if (_burstLeft > 0)
                {
                    _burstLeft--;
                    rate *= 10;
                    _logits[_burstClass] += 0.7;
                }
                else if (random.NextDouble() < 1.0 / 120)
                {
                    (_burstLeft, _burstClass) = (6, random.Next(_logits.Length)); // a minute, every twenty
                }

                break;
        }

        Shape.Apply(_logits, kind.Shares, Drift);
        var highest = _logits.Max();
        var sum = 0.0;
        for (var k = 0; k < _logits.Length; k++)
        {
            sum += _composition[k] = Math.Exp(_logits[k] - highest);
        }

        for (var k = 0; k < _logits.Length; k++)
        {
            _composition[k] /= sum;
        }

        return rate;
    }
}
