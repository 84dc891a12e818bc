namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Where two tables of text differ, a line each.</summary>
internal static class Differences
{
    public static IEnumerable<string> Between(
        string what, string expectedName, SortedDictionary<string, string> expected, string actualName, SortedDictionary<string,
        string> actual)
    {
        foreach (var key in expected.Keys.Union(actual.Keys).Order(StringComparer.Ordinal))
        {
            var (e, a) = (expected.GetValueOrDefault(key, "none"), actual.GetValueOrDefault(key, "none"));
            if (e != a)
            {
                yield return $"{what}: {key}\n    {expectedName}: {e}\n    {actualName}: {a}";
            }
        }
    }
}
