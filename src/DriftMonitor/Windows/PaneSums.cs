using System.Numerics.Tensors;

namespace DriftMonitor.Windows;

/// <summary>What is kept of a set of events: their number, the probability mass of each class and the sum of its squares.</summary>
/// <remarks>
/// A commutative group under <see cref="Add(PaneSums)"/> and <see cref="Subtract"/> with the empty sums as zero: all integers, in units of
/// <see cref="FixedPoint"/>, so any order or grouping of the same events gives the same bits. Cells are those of a class space, in its
/// order; sums of different class spaces are never combined. Not safe for concurrent use.
/// </remarks>
public sealed class PaneSums
{
    private readonly ulong[] _mass;
    private readonly ulong[] _squares;

    /// <summary>The sums of no events over so many cells.</summary>
    public PaneSums(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        _mass = new ulong[cells];
        _squares = new ulong[cells];
    }

    /// <summary>Sums worked out elsewhere: read from a message or a file. The arrays are kept, not copied.</summary>
    /// <exception cref="ArgumentException">The arrays differ in length or are empty, or <paramref name="events"/> is negative.</exception>
    public PaneSums(long events, ulong[] mass, ulong[] squares)
    {
        ArgumentNullException.ThrowIfNull(mass);
        ArgumentNullException.ThrowIfNull(squares);
        if (mass.Length == 0 || mass.Length != squares.Length || events < 0)
        {
            throw new ArgumentException($"{events} events over {mass.Length} masses and {squares.Length} squares");
        }

        Events = events;
        _mass = mass;
        _squares = squares;
    }

    /// <summary>How many events.</summary>
    public long Events { get; private set; }

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => _mass.Length;

    /// <summary>Σ p of each cell, in units of 2⁻³².</summary>
    public ReadOnlySpan<ulong> Mass => _mass;

    /// <summary>Σ p² of each cell, in units of 2⁻³²: for the variance that a noise floor needs.</summary>
    public ReadOnlySpan<ulong> Squares => _squares;

    /// <summary>Adds one event, a distribution over the cells.</summary>
    /// <exception cref="ArgumentException">The distribution has another number of cells.</exception>
    public void Add(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != _mass.Length)
        {
            throw new ArgumentException($"{probabilities.Length} probabilities for {_mass.Length} cells", nameof(probabilities));
        }

        Events++;
        var mass = _mass;
        var squares = _squares;
        for (var k = 0; k < mass.Length && k < squares.Length && k < probabilities.Length; k++)
        {
            var p = probabilities[k];
            mass[k] += FixedPoint.FromProbability(p);
            squares[k] += FixedPoint.FromProbability(p * p);
        }
    }

    /// <summary>Adds the events that other sums hold.</summary>
    /// <exception cref="ArgumentException">The other sums have another number of cells.</exception>
    public void Add(PaneSums other)
    {
        RequireSameCells(other);
        Events += other.Events;
        TensorPrimitives.Add(_mass, other._mass, _mass);
        TensorPrimitives.Add(_squares, other._squares, _squares);
    }

    /// <summary>Takes back events that were added before.</summary>
    /// <exception cref="ArgumentException">The other sums have another number of cells.</exception>
    public void Subtract(PaneSums other)
    {
        RequireSameCells(other);
        Events -= other.Events;
        TensorPrimitives.Subtract(_mass, other._mass, _mass);
        TensorPrimitives.Subtract(_squares, other._squares, _squares);
    }

    /// <summary>A copy that later additions to this one leave alone.</summary>
    public PaneSums Copy() => new(Events, (ulong[])_mass.Clone(), (ulong[])_squares.Clone());

    /// <summary>Whether the other sums have the same bits.</summary>
    public bool SameAs(PaneSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Events == other.Events && Mass.SequenceEqual(other.Mass) && Squares.SequenceEqual(other.Squares);
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
