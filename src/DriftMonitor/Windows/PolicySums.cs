using DriftMonitor.Divergence;

namespace DriftMonitor.Windows;

/// <summary>What is kept of events that tell of two policies: for each <see cref="PolicyEstimate"/> the sum of their values and of the squares.</summary>
/// <remarks>
/// A commutative group like <see cref="PaneSums"/>, all integers: values in units of <see cref="FixedPoint"/>, squares in units of 2⁻⁴⁰, 128 bits wide, so
/// that a thousand million events of the largest value there is (k3 at ln r = 20: 4.9e8) do not overflow. Not safe for concurrent use.
/// </remarks>
public sealed class PolicySums
{
    private const int SquareShift = 24; // from units of 2⁻⁶⁴ to units of 2⁻⁴⁰
    private const double SquareUnit = 1.0 / (1L << 40);

    private static readonly int Estimates = Enum.GetValues<PolicyEstimate>().Length;

    private readonly Int128[] _sums = new Int128[Estimates];
    private readonly UInt128[] _squares = new UInt128[Estimates];

    /// <summary>The sums of no events.</summary>
    public PolicySums()
    {
    }

    /// <summary>Sums worked out elsewhere: read from a message.</summary>
    /// <exception cref="ArgumentException">A count is negative, or there is not one sum and one square for each <see cref="PolicyEstimate"/>.</exception>
    public PolicySums(long exactEvents, long sampledEvents, long clampedEvents, ReadOnlySpan<Int128> sums, ReadOnlySpan<UInt128> squares)
    {
        if (exactEvents < 0 || sampledEvents < 0 || clampedEvents < 0 || sums.Length != Estimates || squares.Length != Estimates)
        {
            throw new ArgumentException($"{exactEvents}, {sampledEvents} and {clampedEvents} events, {sums.Length} sums and {squares.Length} squares");
        }

        (ExactEvents, SampledEvents, ClampedEvents) = (exactEvents, sampledEvents, clampedEvents);
        sums.CopyTo(_sums);
        squares.CopyTo(_squares);
    }

    /// <summary>How many events had full distributions of both policies.</summary>
    public long ExactEvents { get; private set; }

    /// <summary>How many events had log-probabilities of what was sampled.</summary>
    public long SampledEvents { get; private set; }

    /// <summary>How many events of either kind had a ratio that was clamped.</summary>
    public long ClampedEvents { get; private set; }

    /// <summary>How many events.</summary>
    public long Events => ExactEvents + SampledEvents;

    /// <summary>Σ x of each estimate, in units of 2⁻³² nats.</summary>
    public ReadOnlySpan<Int128> Sums => _sums;

    /// <summary>Σ x² of each estimate, in units of 2⁻⁴⁰ nats².</summary>
    public ReadOnlySpan<UInt128> Squares => _squares;

    /// <summary>Adds an event with full distributions.</summary>
    public void Add(PairedKullbackLeibler divergence)
    {
        ExactEvents++;
        ClampedEvents += divergence.Clamped ? 1 : 0;
        Add(PolicyEstimate.ExactLiveVsReference, divergence.LiveVsReference);
        Add(PolicyEstimate.ExactReferenceVsLive, divergence.ReferenceVsLive);
    }

    /// <summary>Adds an event with sampled log-probabilities, the mean of its tokens.</summary>
    public void Add(SampledKullbackLeibler estimates)
    {
        SampledEvents++;
        ClampedEvents += estimates.Clamped ? 1 : 0;
        Add(PolicyEstimate.K1, estimates.K1);
        Add(PolicyEstimate.K2, estimates.K2);
        Add(PolicyEstimate.K3, estimates.K3);
    }

    /// <summary>Adds the events that other sums hold.</summary>
    public void Add(PolicySums other) => Combine(other, 1);

    /// <summary>Takes back events that were added before.</summary>
    public void Subtract(PolicySums other) => Combine(other, -1);

    /// <summary>A copy that later additions to this one leave alone.</summary>
    public PolicySums Copy() => new(ExactEvents, SampledEvents, ClampedEvents, _sums, _squares);

    /// <summary>Whether the other sums have the same bits.</summary>
    public bool SameAs(PolicySums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (ExactEvents, SampledEvents, ClampedEvents) == (other.ExactEvents, other.SampledEvents, other.ClampedEvents)
            && _sums.AsSpan().SequenceEqual(other._sums)
            && _squares.AsSpan().SequenceEqual(other._squares);
    }

    /// <summary>How many events an estimate is averaged over.</summary>
    public long EventsOf(PolicyEstimate estimate) =>
        estimate is PolicyEstimate.ExactLiveVsReference or PolicyEstimate.ExactReferenceVsLive ? ExactEvents : SampledEvents;

    /// <summary>The mean over events, nats; null without any.</summary>
    public double? Mean(PolicyEstimate estimate) =>
        EventsOf(estimate) is > 0 and var n ? (double)_sums[(int)estimate] * FixedPoint.Unit / n : null;

    /// <summary>s/√n with s² = Σ(x − x̄)²/(n − 1): the standard error of the mean, nats; null for fewer than two events.</summary>
    public double? StandardError(PolicyEstimate estimate)
    {
        var n = EventsOf(estimate);
        if (n < 2)
        {
            return null;
        }

        var mean = Mean(estimate)!.Value;
        var meanSquare = (double)_squares[(int)estimate] * SquareUnit / n;
        return Math.Sqrt(Math.Max(0, meanSquare - (mean * mean)) / (n - 1));
    }

    private void Add(PolicyEstimate estimate, double nats)
    {
        var units = FixedPoint.FromNats(nats);
        _sums[(int)estimate] += units;
        _squares[(int)estimate] += (UInt128)((Int128)units * units) >> SquareShift;
    }

    private void Combine(PolicySums other, int sign)
    {
        ArgumentNullException.ThrowIfNull(other);
        ExactEvents += sign * other.ExactEvents;
        SampledEvents += sign * other.SampledEvents;
        ClampedEvents += sign * other.ClampedEvents;
        for (var i = 0; i < Estimates; i++)
        {
            _sums[i] += sign * other._sums[i];
            _squares[i] = sign > 0 ? _squares[i] + other._squares[i] : _squares[i] - other._squares[i];
        }
    }
}
