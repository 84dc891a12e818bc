using DriftMonitor.Divergence;

namespace DriftMonitor.Sums;

/// <summary>What is kept of events of two policies: for each <see cref="PolicyEstimate"/> the sum of values and of squares.</summary>
/// <remarks>
/// A commutative group like <see cref="PaneSums"/>, all integers: values in units of <see cref="FixedPoint"/>, squares exact in units of
/// 2⁻⁶⁴, so that policies next to each other have a standard error too. A square's upper and lower 64 bits are summed apart, 128 bits wide,
/// so that no number of the largest value there is (k3 at ln r = 20: 4.9e8) overflows. Not safe for concurrent use.
/// </remarks>
public sealed class PolicySums : ISums<PolicySums>
{
    private static readonly int Estimates = Enum.GetValues<PolicyEstimate>().Length;

    private readonly Int128[] _sums = new Int128[Estimates];
    private readonly UInt128[] _squaresHigh = new UInt128[Estimates];
    private readonly UInt128[] _squaresLow = new UInt128[Estimates];

    /// <summary>The sums of no events.</summary>
    public PolicySums()
    {
    }

    /// <summary>Sums worked out elsewhere: read from a message.</summary>
    /// <exception cref="ArgumentException">A count is negative, or not one sum and square a <see cref="PolicyEstimate"/>.</exception>
    public PolicySums(
        long exactEvents, long sampledEvents, long clampedEvents, ReadOnlySpan<Int128> sums, ReadOnlySpan<UInt128> squaresHigh,
        ReadOnlySpan<UInt128> squaresLow)
    {
        if (exactEvents < 0 || sampledEvents < 0 || clampedEvents < 0
            || sums.Length != Estimates || squaresHigh.Length != Estimates || squaresLow.Length != Estimates)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{exactEvents}, {sampledEvents} and {clampedEvents} events, {sums.Length} sums, {squaresHigh.Length} and "
                    + $"{squaresLow.Length} squares"));
        }

        (ExactEvents, SampledEvents, ClampedEvents) = (exactEvents, sampledEvents, clampedEvents);
        sums.CopyTo(_sums);
        squaresHigh.CopyTo(_squaresHigh);
        squaresLow.CopyTo(_squaresLow);
    }

    /// <summary>How many events had full distributions of both policies.</summary>
    public long ExactEvents { get; private set; }

    /// <summary>How many events had log-probabilities of what was sampled.</summary>
    public long SampledEvents { get; private set; }

    /// <summary>How many events of either kind had a ratio that was clamped.</summary>
    public long ClampedEvents { get; private set; }

    /// <summary>How many events.</summary>
    public long Events => ExactEvents + SampledEvents;

    /// <summary>Whether these are the sums of no events.</summary>
    public bool IsEmpty => Events == 0;

    /// <summary>Σ x of each estimate, in units of 2⁻³² nats.</summary>
    public ReadOnlySpan<Int128> Sums => _sums;

    /// <summary>Σ of the upper 64 bits of x², in units of 1 nat².</summary>
    public ReadOnlySpan<UInt128> SquaresHigh => _squaresHigh;

    /// <summary>Σ of the lower 64 bits of x², in units of 2⁻⁶⁴ nats².</summary>
    public ReadOnlySpan<UInt128> SquaresLow => _squaresLow;

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
    public void Add(PolicySums other) => Combine(other, subtract: false);

    /// <summary>Takes back events that were added before.</summary>
    public void Subtract(PolicySums other) => Combine(other, subtract: true);

    /// <summary>A copy that later additions to this one leave alone.</summary>
    public PolicySums Copy() => new(ExactEvents, SampledEvents, ClampedEvents, _sums, _squaresHigh, _squaresLow);

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
        var meanSquare = (
            (double)_squaresHigh[(int)estimate] + ((double)_squaresLow[(int)estimate] * FixedPoint.Unit * FixedPoint.Unit)) / n;
        return Math.Sqrt(Math.Max(0, meanSquare - (mean * mean)) / (n - 1));
    }

    private void Add(PolicyEstimate estimate, double nats)
    {
        var units = FixedPoint.FromNats(nats);
        _sums[(int)estimate] += units;
        var square = (UInt128)((Int128)units * units);
        _squaresHigh[(int)estimate] += square >> 64;
        _squaresLow[(int)estimate] += square & ulong.MaxValue;
    }

    /// <summary>Adds the events that other sums hold, or takes them back.</summary>
    internal void Combine(PolicySums other, bool subtract)
    {
        var sign = subtract ? -1 : 1;
        ExactEvents += sign * other.ExactEvents;
        SampledEvents += sign * other.SampledEvents;
        ClampedEvents += sign * other.ClampedEvents;
        for (var i = 0; i < Estimates; i++)
        {
            _sums[i] += sign * other._sums[i];
            _squaresHigh[i] = subtract ? _squaresHigh[i] - other._squaresHigh[i] : _squaresHigh[i] + other._squaresHigh[i];
            _squaresLow[i] = subtract ? _squaresLow[i] - other._squaresLow[i] : _squaresLow[i] + other._squaresLow[i];
        }
    }
}
