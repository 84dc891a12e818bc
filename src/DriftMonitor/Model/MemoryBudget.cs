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

    private long _used;

    /// <summary>How many cells there are.</summary>
    public long Limit => limit;

    /// <summary>How many are taken.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>A budget that nothing exceeds, for recorded traffic.</summary>
    public static MemoryBudget Unlimited() => new(long.MaxValue);

    /// <summary>Takes cells, unless there are not so many left.</summary>
    public bool TryTake(long cells)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cells);
        for (var used = Used; cells <= limit - used;)
        {
            var before = Interlocked.CompareExchange(ref _used, used + cells, used);
            if (before == used)
            {
                return true;
            }

            used = before;
        }

        return false;
    }

    /// <summary>Whether so many cells are left; they are not taken.</summary>
    public bool Has(long cells) => cells <= limit - Used;

    /// <summary>Gives cells back.</summary>
    public void Release(long cells) => Interlocked.Add(ref _used, -cells);

    /// <summary>What names take.</summary>
    /// <param name="names">How many.</param>
    /// <param name="characters">How many UTF-16 units they have together.</param>
    public static long CellsOf(int names, long characters) => ((long)names * CellsOfName) + (characters / CharactersOfCell);
}
