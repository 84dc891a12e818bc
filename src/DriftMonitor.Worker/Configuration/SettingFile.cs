namespace DriftMonitor.Worker.Configuration;

/// <summary>A setting read from a file, as secrets are: <c>Kafka:Client:sasl.password:File</c> = <c>/run/secrets/password</c>.</summary>
internal static class SettingFile
{
    private const string Key = "File";

    /// <summary>Whether a setting is given so.</summary>
    public static bool IsGiven(IConfigurationSection setting) =>
        setting.GetChildren().ToArray() is [{ Value: not null } only] && only.Key.Equals(Key, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The file's text without one newline at its end, which editors and <c>echo</c> put there; null with a problem that names the key and
    /// the file, and shows nothing of the text.
    /// </summary>
    public static string? Read(IConfigurationSection setting, List<string> problems)
    {
        var (key, file) = ($"{setting.Path}:{Key}", setting[Key]!);
        if (setting.Value is not null)
        {
            problems.Add($"{key} = '{file}': {setting.Path} is given as well: leave one of them out");
            return null;
        }

        return Read(key, file, shortest: 1, problems);
    }

    /// <inheritdoc cref="Read(IConfigurationSection, List{string})"/>
    /// <param name="key">The setting that names the file.</param>
    /// <param name="shortest">The fewest characters that it may hold.</param>
    public static string? Read(string key, string file, int shortest, List<string> problems)
    {
        string? Refuse(string why)
        {
            problems.Add($"{key} = '{file}': {why}");
            return null;
        }

        try
        {
            var text = File.ReadAllText(file);
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            return text.Length >= shortest ? text
                : text.Length == 0 ? Refuse("the file is empty")
                : Refuse(FormattableString.Invariant($"must hold at least {shortest} characters: one that is shorter can be guessed"));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Refuse($"must be a file that can be read ({ErrorText.Of(problem)})");
        }
    }
}
