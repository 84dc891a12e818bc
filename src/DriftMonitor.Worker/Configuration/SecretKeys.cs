using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Which settings are secret by their names, and what is shown in place of their values.</summary>
internal static partial class SecretKeys
{
    private const string Hidden = "***";

    private static readonly string[] Words =
    [
        "password", "passphrase", "secret", "pem", "oauthbearer", "jaas", "user.info", "token", "sasl.username",
    ];

    /// <summary>The value that anybody may see.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="value">What is written.</param>
    /// <param name="hide">Blots out secrets within values.</param>
    public static string Show(string key, string value, Func<string, string> hide) =>
        IsSecret(key) ? Hidden : UserInfo().Replace(hide(value), $"$1{Hidden}@");

    /// <summary>The path of a file that holds a secret is not secret.</summary>
    private static bool IsSecret(string key) =>
        !key.EndsWith(":File", StringComparison.OrdinalIgnoreCase)
        && !key.StartsWith("Http:Tokens:", StringComparison.OrdinalIgnoreCase)
        && Array.Exists(Words, word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("(://)[^/@\\s]+@")]
    private static partial Regex UserInfo();
}
