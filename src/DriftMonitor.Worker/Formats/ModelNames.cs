using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Formats;

/// <summary>Which model, and which version of it, a name in a record stands for, by the patterns that models are configured with.</summary>
/// <remarks>
/// A pattern matches whole names; of several that match the first holds. A name that a model is configured with is that model's, whatever
/// matches it, and one that no pattern matches is its own model's. Immutable.
/// </remarks>
internal sealed class ModelNames
{
    private const string VersionGroup = "version";

    internal const string Allowed =
        $"a regular expression of .NET for whole names with a group called {VersionGroup}, such as fraud-(?<{VersionGroup}>.+)";

    private readonly ImmutableArray<(string Model, Regex Pattern)> _patterns;
    private readonly ImmutableHashSet<string> _models;

    /// <param name="models">Each model with its pattern, empty for none; all are valid.</param>
    public ModelNames(IEnumerable<(string Name, string Match)> models)
    {
        (string Name, string Match)[] all = [.. models];
        _patterns = [.. all.Where(model => model.Match.Length > 0).Select(model => (model.Name, Whole(model.Match)))];
        _models = all.Select(model => model.Name).ToImmutableHashSet(StringComparer.Ordinal);
    }

    /// <summary>Every name is that of a model.</summary>
    public static ModelNames AsTheyAre { get; } = new([]);

    /// <summary>Whether there is no pattern.</summary>
    public bool IsEmpty => _patterns.IsEmpty;

    /// <summary>What is wrong with a pattern, null for nothing.</summary>
    public static string? Problem(string match)
    {
        try
        {
            _ = Options(match); // by itself: what is around it must not close its groups
            return Whole(match).GetGroupNames().Contains(VersionGroup, StringComparer.Ordinal) ? null : "it has no such group";
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            return problem.Message;
        }
    }

    /// <summary>What a name stands for.</summary>
    public MappedName Map(string name)
    {
        foreach (var (model, pattern) in _models.Contains(name) ? [] : _patterns)
        {
            if (pattern.Match(name) is { Success: true } match)
            {
                var version = match.Groups[VersionGroup].Value;
                var isVersion = JsonNames.IsVersion(version);
                return new MappedName(
                    model, isVersion ? SeriesKey.VersionPrefix + version : null, LosesVersion: version.Length > 0 && !isVersion);
            }
        }

        return new MappedName(name, null, LosesVersion: false);
    }

    private static Regex Whole(string match) => Options($@"\A(?:{match})\z");

    /// <summary>In linear time: names are what strangers send.</summary>
    private static Regex Options(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
