namespace DriftMonitor.Worker.Configuration;

/// <summary>What somebody meant who mistyped a name.</summary>
internal static class NearestName
{
    private const int Few = 2; // two letters the wrong way round
    private const int ShortestBeginning = 4;

    /// <summary>
    /// The known name that needs the fewest changes; null when those are more than two and a third of its letters, and it does not begin
    /// with what was given either.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> known) =>
        known.MinBy(other => Distance(name, other)) is { } nearest
            && (Distance(name, nearest) <= Math.Max(Few, Math.Max(name.Length, nearest.Length) / 3)
                || (name.Length >= ShortestBeginning && nearest.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
            ? nearest
            : null;

    /// <summary>How many letters must be changed, added or left out, whatever their case (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 0; i < one.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < other.Length; j++)
            {
                var changed = diagonal + (char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
