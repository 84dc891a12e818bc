namespace DriftMonitor.Worker.Pages;

/// <summary>What is asked for in an address. What cannot be read is told, each part in a sentence.</summary>
internal sealed class PageQuery(IQueryCollection query)
{
    private readonly List<string> _problems = [];

    /// <summary>What cannot be read; none when all can.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>A text; null when it is not given.</summary>
    public string? Text(string name) => query[name] is { Count: > 0 } values && !string.IsNullOrEmpty(values[0]) ? values[0] : null;

    /// <summary>A text that must be given.</summary>
    public string Required(string name)
    {
        if (Text(name) is { } text)
        {
            return text;
        }

        _problems.Add($"The address names no {name}: it should have ?{name}=NAME.");
        return "";
    }

    /// <summary>A page of a list, from 1.</summary>
    public int? Page(string name) =>
        Parsed<long>(name, "a whole number from 1", Whole) is { } page ? (int)Math.Min(page, int.MaxValue) : null;

    /// <summary>Epoch milliseconds.</summary>
    public long? Milliseconds(string name) => Parsed<long>(name, "a number of milliseconds since 1970", Whole);

    /// <summary>A time as of RFC 3339, as epoch milliseconds.</summary>
    public long? Time(string name) => Parsed(name, "a time such as 2026-01-31T23:59:00Z", (string text, out long value) =>
    {
        var isTime = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        value = isTime ? time.ToUnixTimeMilliseconds() : 0;
        return isTime;
    });

    /// <summary>A value by its name in snake case.</summary>
    public TEnum? Value<TEnum>(string name)
        where TEnum : struct, Enum
    {
        var values = Enum.GetValues<TEnum>();
        return Parsed(name, $"one of {string.Join(", ", values.Select(SnakeCaseName.Of))}", (string text, out TEnum value) =>
        {
            var index = Array.FindIndex(values, known => SnakeCaseName.Of(known) == text);
            value = index < 0 ? default : values[index];
            return index >= 0;
        });
    }

    /// <summary>One of two words.</summary>
    public bool? Either(string name, string yes, string no) => Parsed(name, $"{yes} or {no}", (string text, out bool value) =>
    {
        value = text == yes;
        return value || text == no;
    });

    private static bool Whole(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private T? Parsed<T>(string name, string form, TryParse<T> parse)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (parse(text, out var value))
        {
            return value;
        }

        _problems.Add($"{name} should be {form}.");
        return null;
    }

    private delegate bool TryParse<T>(string text, out T value);
}
