using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Views;

/// <summary>The settings that have a value, secrets hidden.</summary>
/// <param name="Changes">Whether a token allows to change anything.</param>
internal sealed record EffectiveSettings(ImmutableArray<SettingItem> All, bool Changes)
{
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
                    .Select(setting => new SettingItem(setting.Key, SecretKeys.Show(setting.Key, setting.Value!, hide))),
            ],
            changes);
    }
}
