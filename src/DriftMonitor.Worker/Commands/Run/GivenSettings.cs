namespace DriftMonitor.Worker.Commands.Run;

/// <summary>The words of a command line that are no options of the command: settings, and what is wrong with the rest.</summary>
/// <param name="Settings">Each as <c>--Section:Name=value</c>.</param>
/// <param name="Problems">What the configuration would ignore: words that are no setting, and settings without a value.</param>
internal sealed record GivenSettings(ImmutableArray<string> Settings, ImmutableArray<string> Problems)
{
    public static GivenSettings Read(IReadOnlyList<string> words)
    {
        var (settings, problems) = (new List<string>(), new List<string>());
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (IsSetting(word) && word.Contains('=', StringComparison.Ordinal))
            {
                settings.Add(word);
            }
            else if (IsSetting(word) && i + 1 < words.Count && !IsSetting(words[i + 1]))
            {
                settings.Add($"{word}={words[++i]}");
            }
            else
            {
                problems.Add($"{word}: is neither an option of this command nor a setting; a setting has the form --Section:Name=value");
            }
        }

        return new GivenSettings([.. settings], [.. problems]);
    }

    private static bool IsSetting(string word) => word.StartsWith("--", StringComparison.Ordinal);
}
