using System.Buffers;
using DriftMonitor.Divergence;

namespace DriftMonitor.Sums;

/// <summary>
/// What is kept of events: their number, each class's probability mass and sum of squares, their entropies, and sums of two policies.
/// </summary>
/// <remarks>
/// A commutative group under <see cref="Add(PaneSums)"/> and <see cref="Subtract"/> with the empty sums as zero: all integers, in units of
/// <see cref="FixedPoint"/>, so any order or grouping of the same events gives the same bits. Cells are those of a class space, in its
/// order; sums of different class spaces are never combined. Not safe for concurrent use.
/// Over more than <see cref="MaxDenseCells"/> cells only those that hold anything are kept, so that the memory is that of the classes seen,
/// not of the vocabulary. Which way they are kept follows from the number of cells alone, and no sum depends on it.
/// </remarks>
public sealed class PaneSums : ISums<PaneSums>
{
    /// <summary>
    /// The most cells of which every one is kept, seen or not: an image classifier's thousand classes, of which each event has some mass in
    /// all, still add up as vectors.
    /// </summary>
    public const int MaxDenseCells = 1_024;

    private const int WeightOfPane = 10; // objects, an array's head and an entry of a window's panes: 160 bytes
    private const int WeightOfPolicy = 14;
    private const int OnStack = 128; // cells of an event whose scratch is 2.5 kB

    private readonly CellSums<ulong> _sums; // of the masses, then of the squares
    private long _entropyEvents;
    private long _entropyUnits; // of 2³¹ nats in all: a pane has no more, as an event has at most ln 200,000

    /// <summary>The sums of no events over so many cells.</summary>
    public PaneSums(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        _sums = new CellSums<ulong>(cells, columns: 2);
    }

    /// <summary>Sums worked out elsewhere, of every cell: read from a message or a file.</summary>
    /// <exception cref="ArgumentException">The arrays differ in length or are empty, or <paramref name="events"/> is negative.</exception>
    public PaneSums(long events, ulong[] mass, ulong[] squares, PolicySums? policy = null)
        : this(events, mass.Length, [], mass, squares, policy)
    {
    }

    /// <summary>Sums worked out elsewhere: read from a message or a file.</summary>
    /// <param name="events">How many events.</param>
    /// <param name="cells">How many cells each is distributed over.</param>
    /// <param name="keptCells">The cells that the sums are of, growing; empty when they are of all.</param>
    /// <param name="mass">Σ p of each of them.</param>
    /// <param name="squares">Σ p² of each of them.</param>
    /// <param name="policy">What events say of two policies, null when none does.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public PaneSums(long events, int cells, int[] keptCells, ulong[] mass, ulong[] squares, PolicySums? policy = null)
    {
        ArgumentNullException.ThrowIfNull(keptCells);
        ArgumentNullException.ThrowIfNull(mass);
        ArgumentNullException.ThrowIfNull(squares);
        var all = keptCells.Length == 0 && mass.Length > 0;
        if (cells < 1
            || mass.Length != squares.Length
            || mass.Length != (all ? cells : keptCells.Length)
            || events < 0
            || !AreCells(keptCells, cells))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{events} events over {mass.Length} masses and {squares.Length} squares of {(all ? cells : keptCells.Length)} "
                    + $"among {cells} cells"));
        }

        (Events, Policy, _sums) = (events, policy, new CellSums<ulong>(cells, columns: 2));
        if (_sums.Sparse is { } sparse)
        {
            sparse.Combine<ulong>(all ? [.. Enumerable.Range(0, cells)] : keptCells, mass, squares, subtract: false);
        }

        for (var i = 0; i < mass.Length && !IsSparse; i++)
        {
            var cell = all ? i : keptCells[i];
            (_sums.Dense[cell], _sums.Dense[cells + cell]) = (mass[i], squares[i]);
        }
    }

    private PaneSums(PaneSums other) =>
        (Events, Entropy, Policy, _sums) = (other.Events, other.Entropy, other.Policy?.Copy(), other._sums.Copy());

    /// <summary>How many events with a distribution over the cells.</summary>
    public long Events { get; private set; }

    /// <summary>How sure the outputs were; of several choices, on average over them.</summary>
    public EntropySums Entropy
    {
        get => new(_entropyEvents, _entropyUnits);
        private set => (_entropyEvents, _entropyUnits) = (value.Events, (long)value.Units);
    }

    /// <summary>What events say of two policies, not to be changed by others; null while none has.</summary>
    public PolicySums? Policy { get; private set; }

    /// <summary>How many events, with a distribution or not.</summary>
    internal long AllEvents => Math.Max(Events, Policy?.Events ?? 0);

    /// <summary>Whether these are the sums of no events.</summary>
    public bool IsEmpty => Events == 0 && Policy is not { Events: > 0 };

    /// <summary>How many cells each event is distributed over.</summary>
    public int Cells => _sums.Cells;

    /// <summary>Whether only the cells that hold anything are kept.</summary>
    public bool IsSparse => _sums.Sparse is not null;

    /// <summary>The cells of <see cref="Mass"/> and <see cref="Squares"/>, growing, when <see cref="IsSparse"/>; else none: all.</summary>
    public ReadOnlySpan<int> KeptCells => _sums.KeptCells;

    /// <summary>Σ p of each cell, or of each of <see cref="KeptCells"/>, in units of 2⁻³².</summary>
    public ReadOnlySpan<ulong> Mass => _sums.Column(0);

    /// <summary>Σ p² of the same cells, in units of 2⁻³²: for the variance that a noise floor needs.</summary>
    public ReadOnlySpan<ulong> Squares => _sums.Column(1);

    /// <summary>What these take of a <see cref="MemoryBudget"/>.</summary>
    internal long Weight => WeightOf(Cells, IsSparse ? KeptCells.Length : Cells, Policy is not null);

    /// <summary>
    /// What sums take of a <see cref="MemoryBudget"/>; a cell that is kept by its number takes two, with some room to grow.
    /// </summary>
    internal static long WeightOf(int cells, int kept, bool hasPolicy) =>
        WeightOfPane + (cells > MaxDenseCells ? 2L * kept : cells) + (hasPolicy ? WeightOfPolicy : 0);

    /// <summary>The masses and the squares.</summary>
    internal ref readonly CellSums<ulong> Sums => ref _sums;

    /// <summary>Σ p of every cell, 0 of those that are not kept. Allocates as much as the class space is large.</summary>
    public ulong[] MassOfAll() => _sums.AllOf(0);

    /// <summary>Σ p² of every cell, 0 of those that are not kept. Allocates as much as the class space is large.</summary>
    public ulong[] SquaresOfAll() => _sums.AllOf(1);

    /// <summary>The same with entropies that were worked out elsewhere: read from a message.</summary>
    public PaneSums With(EntropySums entropy)
    {
        Entropy = entropy;
        return this;
    }

    /// <summary>Adds one event's distribution.</summary>
    /// <exception cref="ArgumentException">The distribution has another number of cells.</exception>
    public void Add(PredictionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _entropyEvents++;
        _entropyUnits += FixedPoint.FromNats(record.EntropyNats / record.Classes.Space.Choices);
        if (_sums.Sparse is { } sparse && record.HasFewCells && record.Probabilities.Length == Cells)
        {
            Events++;
            AddCells(sparse, record.FewCells, record.Probabilities);
        }
        else
        {
            Add(record.Probabilities);
        }
    }

    /// <summary>Adds one event, a distribution over the cells.</summary>
    /// <exception cref="ArgumentException">The distribution has another number of cells.</exception>
    public void Add(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != Cells)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{probabilities.Length} probabilities for {Cells} cells"),
                nameof(probabilities));
        }

        Events++;
        if (_sums.Sparse is { } sparse)
        {
            var cells = ArrayPool<int>.Shared.Rent(Cells);
            var count = 0;
            for (var k = 0; k < probabilities.Length; k++)
            {
                if (probabilities[k] != 0)
                {
                    cells[count++] = k;
                }
            }

            AddCells(sparse, cells.AsSpan(0, count), probabilities);
            ArrayPool<int>.Shared.Return(cells);
            return;
        }

        var mass = _sums.Dense.AsSpan(0, Cells);
        var squares = _sums.Dense.AsSpan(Cells);
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
    public void Add(PaneSums other) => Combine(other, subtract: false);

    /// <summary>Takes back events that were added before.</summary>
    /// <exception cref="ArgumentException">The other sums have another number of cells.</exception>
    public void Subtract(PaneSums other) => Combine(other, subtract: true);

    /// <summary>A copy that later additions to this one leave alone.</summary>
    public PaneSums Copy() => new(this);

    private static bool AreCells(ReadOnlySpan<int> kept, int cells)
    {
        for (var i = 0; i < kept.Length; i++)
        {
            if (kept[i] >= cells || kept[i] <= (i == 0 ? -1 : kept[i - 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static void AddCells(SparseCells<ulong> sparse, ReadOnlySpan<int> cells, ReadOnlySpan<double> probabilities)
    {
        ulong[]? rented = null;
        Span<ulong> sums = cells.Length <= OnStack
            ? stackalloc ulong[2 * OnStack]
            : rented = ArrayPool<ulong>.Shared.Rent(2 * cells.Length);
        var mass = sums[..cells.Length];
        var squares = sums.Slice(cells.Length, cells.Length);
        for (var i = 0; i < cells.Length; i++)
        {
            var p = probabilities[cells[i]];
            mass[i] = FixedPoint.FromProbability(p);
            squares[i] = FixedPoint.FromProbability(p * p);
        }

        sparse.Combine<ulong>(cells, mass, squares, subtract: false);
        if (rented is not null)
        {
            ArrayPool<ulong>.Shared.Return(rented);
        }
    }

    private void Combine(PaneSums other, bool subtract)
    {
        if (other.Cells != Cells)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"sums over {other.Cells} cells cannot be combined with sums over {Cells}"),
                nameof(other));
        }

        Events += subtract ? -other.Events : other.Events;
        Entropy = subtract ? Entropy - other.Entropy : Entropy + other.Entropy;
        _sums.Combine(other._sums, subtract);
        if (other.Policy is { } policy)
        {
            (Policy ??= new PolicySums()).Combine(policy, subtract);
        }
    }
}
