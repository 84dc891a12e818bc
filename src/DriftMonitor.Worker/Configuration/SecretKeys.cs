using System.Text.RegularExpressions;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Which settings are secret by their names, and what is shown in place of their values.</summary>
internal static partial class SecretKeys
{
    private const string Hidden = "***";
    private const string OfClient = ":Client:";

    /// <summary>Those of users among them: within other texts a user's name may be any word, and is not blotted out.</summary>
    private static readonly string[] Words =
        [.. Secrets.Names, "passwd", "oauthbearer", "auth.user", "token", "sasl.username", "kinit"];

    /// <summary>The value that anybody may see.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="value">What is written.</param>
    /// <param name="hide">Blots out secrets within values.</param>
    public static string Show(string key, string value, Func<string, string> hide) =>
        IsSecret(key) ? Hidden : HideUsers(hide(value));

    /// <summary>A text without the users and passwords of the addresses in it.</summary>
    public static string HideUsers(string text) => PlainUser().Replace(UserOfAddress().Replace(text, $"$1{Hidden}@"), $"$1{Hidden}@");

    /// <summary>The path of a file that holds a secret is not secret.</summary>
    private static bool IsSecret(string key) =>
        !key.EndsWith(":File", StringComparison.OrdinalIgnoreCase)
        && !key.StartsWith("Http:Tokens:", StringComparison.OrdinalIgnoreCase)
        && (Array.Exists(Words, word => key.Contains(word, StringComparison.OrdinalIgnoreCase)) || IsMistyped(key));

    /// <summary>A property that no client knows may be a secret under a mistyped name.</summary>
    private static bool IsMistyped(string key) =>
        key.IndexOf(OfClient, StringComparison.OrdinalIgnoreCase) is var at and >= 0
        && key[(at + OfClient.Length)..] is var property
        && !(ClientProperties.IsKnown(property) || property.StartsWith("schema.registry.", StringComparison.Ordinal));

    /// <summary>Up to the last @: a password that holds a slash or an @ is often written as it is.</summary>
    [GeneratedRegex("(://)[^\\s,;'\"]+@")]
    private static partial Regex UserOfAddress();

    [GeneratedRegex("(^|[\\s,;'\"])[^\\s,;'\":/@]+:[^\\s,;'\"/][^\\s,;'\"]*@")]
    private static partial Regex PlainUser();
}
