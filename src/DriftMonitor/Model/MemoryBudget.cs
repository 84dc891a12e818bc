namespace DriftMonitor.Model;

/// <summary>How much the state of all models, series, panes and windows may take together, in cells of <see cref="BytesOfCell"/>.</summary>
/// <remarks>
/// Caps multiply: a thousand models of ten thousand classes are within every cap. Whoever makes state takes its cells first and does
/// without when there are none left; who has a place keeps it. Safe for concurrent use.
/// </remarks>
/// <param name="limit">How many cells there are.</param>
public sealed class MemoryBudget(long limit)
{
    /// <summary>The bytes of a cell in a pane: its mass and its square.</summary>
    public const int BytesOfCell = 16;

    private const int CellsOfName = 7; // a string's head, and its entry in the class space's array and index: 110 bytes
    private const int CharactersOfCell = BytesOfCell / sizeof(char);

    private readonly MemoryBudget? _whole;
    private long _used;

    private MemoryBudget(MemoryBudget whole, long limit)
        : this(limit) => _whole = whole;

    /// <summary>How many cells there are.</summary>
    public long Limit => limit;

    /// <summary>How many are taken.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>The budget that this one is a part of; itself when it is of none.</summary>
    public MemoryBudget Whole => _whole ?? this;

    /// <summary>A budget that nothing exceeds, for recorded traffic.</summary>
    public static MemoryBudget Unlimited() => new(long.MaxValue);

    /// <summary>
    /// A budget that takes its cells from this one, but no more than a share: what comes early on a way must not take what comes later on
    /// it and has a place already.
    /// </summary>
    /// <param name="divisor">One over the share.</param>
    public MemoryBudget Part(int divisor) => new(this, limit / divisor);

    /// <summary>Takes cells, unless there are not so many left.</summary>
    public bool TryTake(long cells)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cells);
        if (_whole?.TryTake(cells) == false)
        {
            return false;
        }

        for (var used = Used; cells <= limit - used;)
        {
            var before = Interlocked.CompareExchange(ref _used, used + cells, used);
            if (before == used)
            {
                return true;
            }

            used = before;
        }

        _whole?.Release(cells);
        return false;
    }

    /// <summary>Takes cells that may not be left.</summary>
    internal void Overdraw(long cells) => Release(-cells);

    /// <summary>Whether so many cells are left; they are not taken.</summary>
    public bool Has(long cells) => cells <= limit - Used && _whole?.Has(cells) != false;

    /// <summary>Gives cells back.</summary>
    public void Release(long cells)
    {
        Interlocked.Add(ref _used, -cells);
        _whole?.Release(cells);
    }

    /// <summary>What names take.</summary>
    /// <param name="names">How many.</param>
    /// <param name="characters">How many UTF-16 units they have together.</param>
    public static long CellsOf(int names, long characters) => ((long)names * CellsOfName) + (characters / CharactersOfCell);
}
