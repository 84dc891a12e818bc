using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Model;

/// <summary>The bins that a scalar output falls into, as a class space: a score is one-hot over them.</summary>
/// <remarks>
/// Edges e₀ &lt; … &lt; eₙ make the bins <c>&lt;e₀</c>, <c>[e₀,e₁)</c>, …, <c>[eₙ₋₁,eₙ]</c> (the last one closed), <c>&gt;eₙ</c> and
/// <c>NaN</c>; a single edge makes <c>[e₀,e₀]</c> of itself. So a live score outside of what the reference saw falls into a bin that the
/// reference left empty. The names hold the edges to the last bit: bins of other edges are another class space. Immutable and safe to share
/// between threads.
/// </remarks>
public sealed class ScoreBins
{
    /// <summary>How many bins a reference is given unless asked for another number: deciles.</summary>
    public const int DefaultCount = 10;

    /// <summary>The most edges.</summary>
    public const int MaxEdges = 1_001;

    private const int Outside = 3; // below, above, NaN

    private readonly double[] _edges;

    private ScoreBins(double[] edges) => (_edges, Space) = (edges, ClassSpace.Create(Names(edges)));

    /// <summary>The bins in order.</summary>
    public ClassSpace Space { get; }

    /// <summary>The edges, strictly growing.</summary>
    public IReadOnlyList<double> Edges => _edges;

    /// <summary>Bins of these edges, or what is wrong with them.</summary>
    public static bool TryCreate(
        IReadOnlyList<double> edges, [NotNullWhen(true)] out ScoreBins? bins, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(edges);
        bins = null;
        if (edges.Count is 0 or > MaxEdges)
        {
            problem = $"score bins have 1 to {MaxEdges} edges, not {edges.Count}";
            return false;
        }

        for (var i = 0; i < edges.Count; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
            {
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"edge {edges[i]} at place {i + 1} is not allowed: edges are finite and each is larger than the one before");
                return false;
            }
        }

        problem = null;
        bins = new ScoreBins([.. edges.Select(edge => edge + 0.0)]); // so that −0 is 0, in its name too
        return true;
    }

    /// <summary>Bins that hold equally many of some scores, as nearly as repeated values let them.</summary>
    /// <remarks>
    /// Of the m finite scores in order, x₀ ≤ … ≤ xₘ₋₁, the edges are those at places ⌊jm/B⌋ for j = 0, …, B − 1 and the last one, each
    /// once: values that occurred, neither interpolated nor rounded.
    /// </remarks>
    /// <param name="scores">In any order; those that are not finite are passed over.</param>
    /// <param name="count">B, the number of bins aimed at, 1 to <see cref="MaxEdges"/> − 1.</param>
    /// <returns>Null when no score is finite.</returns>
    public static ScoreBins? OfQuantiles(IEnumerable<double> scores, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxEdges - 1);
        double[] sorted = [.. scores.Where(double.IsFinite).Order()];
        return sorted.Length == 0
            ? null
            : new ScoreBins(
                [
                    .. Enumerable.Range(0, count)
                        .Select(j => sorted[(int)((long)j * sorted.Length / count)])
                        .Append(sorted[^1])
                        .Select(edge => edge + 0.0)
                        .Distinct()]);
    }

    /// <summary>The cell of the bin that a score falls into; any number has one, NaN too.</summary>
    public int CellOf(double score)
    {
        if (double.IsNaN(score))
        {
            return Space.ClassCount - 1;
        }

        if (score > _edges[^1])
        {
            return Space.ClassCount - 2;
        }

        var at = Array.BinarySearch(_edges, score);
        var edgesUpToIt = at >= 0 ? at + 1 : ~at;
        return Math.Min(edgesUpToIt, Space.ClassCount - Outside); // the last edge itself belongs to the bin that it closes
    }

    private static IEnumerable<string> Names(double[] edges)
    {
        string Text(double edge) => edge.ToString("R", CultureInfo.InvariantCulture);
        var last = edges.Length - 1;
        yield return $"<{Text(edges[0])}";
        for (var i = 0; i < Math.Max(last, 1); i++)
        {
            var end = Math.Min(i + 1, last);
            yield return $"[{Text(edges[i])},{Text(edges[end])}{(end == last ? ']' : ')')}";
        }

        yield return $">{Text(edges[last])}";
        yield return "NaN";
    }
}
