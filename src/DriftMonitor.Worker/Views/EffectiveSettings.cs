using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Views;

/// <summary>The settings that have a value, secrets hidden.</summary>
/// <param name="Changes">Whether a token allows to change anything.</param>
internal sealed record EffectiveSettings(ImmutableArray<SettingItem> All, bool Changes)
{
    private const string Hidden = "***";
    private static readonly string[] OfSecrets =
    [
        "password", "passphrase", "secret", "pem", "oauthbearer", "jaas", "user.info", "token", "sasl.username",
    ];

    /// <param name="hide">Blots out secrets within values.</param>
    public static EffectiveSettings Of(IConfiguration configuration, Func<string, string> hide, bool changes)
    {
        string[] sections = [.. OptionsBinder.SettingsOf(typeof(MonitorOptions)).Keys, "Urls"];
        return new(
            [
                .. configuration.AsEnumerable()
                    .Where(setting => setting.Value is { Length: > 0 }
                        && sections.Contains(setting.Key.Split(':')[0], StringComparer.OrdinalIgnoreCase))
                    .OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)
                    .Select(setting => new SettingItem(setting.Key, IsSecret(setting.Key) ? Hidden : hide(setting.Value!))),
            ],
            changes);
    }

    /// <summary>Where a secret is, in a file, is none.</summary>
    private static bool IsSecret(string key) =>
        !key.EndsWith(":File", StringComparison.OrdinalIgnoreCase)
        && !key.StartsWith("Http:Tokens:", StringComparison.OrdinalIgnoreCase)
        && Array.Exists(OfSecrets, word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
