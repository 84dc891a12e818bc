using System.Diagnostics.CodeAnalysis;

namespace DriftMonitor.Worker.Http;

/// <summary>A value of an enumeration in a query, by its name as JSON has it: <c>output_drift</c>.</summary>
internal readonly record struct SnakeName<TEnum>(TEnum Value)
    where TEnum : struct, Enum
{
    private static readonly Dictionary<string, TEnum> Names =
        Enum.GetValues<TEnum>().ToDictionary(value => SnakeCaseName.Of(value), StringComparer.Ordinal);

    /// <summary>The names that there are.</summary>
    public static IReadOnlyCollection<string> All => Names.Keys;

    public static bool TryParse([NotNullWhen(true)] string? text, out SnakeName<TEnum> name)
    {
        var isName = Names.TryGetValue(text ?? "", out var value);
        name = new(value);
        return isName;
    }
}
