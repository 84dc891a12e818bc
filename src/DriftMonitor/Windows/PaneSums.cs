using System.Numerics.Tensors;
using DriftMonitor.Divergence;

namespace DriftMonitor.Windows;

/// <summary>What is kept of a set of events: their number, the probability mass of each class and the sum of its squares, and what they say of two policies.</summary>
/// <remarks>
/// A commutative group under <see cref="Add(PaneSums)"/> and <see cref="Subtract"/> with the empty sums as zero: all integers, in units of
/// <see cref="FixedPoint"/>, so any order or grouping of the same events gives the same bits. Cells are those of a class space, in its
/// order; sums of different class spaces are never combined. Not safe for concurrent use.
/// </remarks>
public sealed class PaneSums
{
    private static readonly PolicySums None = new();

    private readonly ulong[] _sums; // the masses, then the squares: one array, since windows keep hundreds of these a series

    /// <summary>The sums of no events over so many cells.</summary>
    public PaneSums(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        _sums = new ulong[2 * cells];
    }

    /// <summary>Sums worked out elsewhere: read from a message or a file.</summary>
    /// <exception cref="ArgumentException">The arrays differ in length or are empty, or <paramref name="events"/> is negative.</exception>
    public PaneSums(long events, ulong[] mass, ulong[] squares, PolicySums? policy = null)
    {
        ArgumentNullException.ThrowIfNull(mass);
        ArgumentNullException.ThrowIfNull(squares);
        if (mass.Length == 0 || mass.Length != squares.Length || events < 0)
        {
            throw new ArgumentException($"{events} events over {mass.Length} masses and {squares.Length} squares");
        }

        Events = events;
        _sums = [.. mass, .. squares];
        Policy = policy;
    }

    private PaneSums(PaneSums other) => (Events, _sums, Policy) = (other.Events, [.. other._sums], other.Policy?.Copy());

    /// <summary>How many events with a distribution over the cells.</summary>
    public long Events { get; private set; }

    /// <summary>What events say of two policies, not to be changed by others; null while none has.</summary>
    public PolicySums? Policy { get; private set; }

    /// <summary>Whether these are the sums of no events.</summary>
    public bool IsEmpty => Events == 0 && Policy is not { Events: > 0 };

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => _sums.Length / 2;

    /// <summary>Σ p of each cell, in units of 2⁻³².</summary>
    public ReadOnlySpan<ulong> Mass => _sums.AsSpan(0, Cells);

    /// <summary>Σ p² of each cell, in units of 2⁻³²: for the variance that a noise floor needs.</summary>
    public ReadOnlySpan<ulong> Squares => _sums.AsSpan(Cells);

    /// <summary>Adds one event, a distribution over the cells.</summary>
    /// <exception cref="ArgumentException">The distribution has another number of cells.</exception>
    public void Add(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != Cells)
        {
            throw new ArgumentException($"{probabilities.Length} probabilities for {Cells} cells", nameof(probabilities));
        }

        Events++;
        var mass = _sums.AsSpan(0, Cells);
        var squares = _sums.AsSpan(Cells);
        for (var k = 0; k < mass.Length && k < squares.Length && k < probabilities.Length; k++)
        {
            var p = probabilities[k];
            mass[k] += FixedPoint.FromProbability(p);
            squares[k] += FixedPoint.FromProbability(p * p);
        }
    }

    /// <summary>Adds what one event says of two policies.</summary>
    public void Add(PairedKullbackLeibler divergence) => (Policy ??= new PolicySums()).Add(divergence);

    /// <summary>Adds what one event says of two policies.</summary>
    public void Add(SampledKullbackLeibler estimates) => (Policy ??= new PolicySums()).Add(estimates);

    /// <summary>Adds the events that other sums hold.</summary>
    /// <exception cref="ArgumentException">The other sums have another number of cells.</exception>
    public void Add(PaneSums other)
    {
        RequireSameCells(other);
        Events += other.Events;
        TensorPrimitives.Add(_sums, other._sums, _sums);
        if (other.Policy is { } policy)
        {
            (Policy ??= new PolicySums()).Add(policy);
        }
    }

    /// <summary>Takes back events that were added before.</summary>
    /// <exception cref="ArgumentException">The other sums have another number of cells.</exception>
    public void Subtract(PaneSums other)
    {
        RequireSameCells(other);
        Events -= other.Events;
        TensorPrimitives.Subtract(_sums, other._sums, _sums);
        if (other.Policy is { } policy)
        {
            (Policy ??= new PolicySums()).Subtract(policy);
        }
    }

    /// <summary>A copy that later additions to this one leave alone.</summary>
    public PaneSums Copy() => new(this);

    /// <summary>Whether the other sums have the same bits.</summary>
    public bool SameAs(PaneSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Events == other.Events
            && _sums.AsSpan().SequenceEqual(other._sums)
            && (Policy ?? None).SameAs(other.Policy ?? None);
    }

    private void RequireSameCells(PaneSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Cells != Cells)
        {
            throw new ArgumentException($"sums over {other.Cells} cells cannot be combined with sums over {Cells}", nameof(other));
        }
    }
}
