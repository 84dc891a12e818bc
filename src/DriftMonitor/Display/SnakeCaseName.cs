using System.Text.Json;

namespace DriftMonitor.Display;

/// <summary>The names of enum values as labels, JSON and files have them: <c>output_drift</c>.</summary>
public static class SnakeCaseName
{
    /// <summary>The value's name.</summary>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => Of(value.ToString());

    /// <summary>A name in Pascal case, in snake case.</summary>
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>The value's name in words, for people: <c>output drift</c>.</summary>
    public static string InWords<TEnum>(TEnum value)
        where TEnum : struct, Enum => Of(value).Replace('_', ' ');
}
