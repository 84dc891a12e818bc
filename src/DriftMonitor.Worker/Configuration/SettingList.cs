namespace DriftMonitor.Worker.Configuration;

/// <summary>Every setting in effect with its origin: what is written, and the defaults of everything else.</summary>
/// <remarks>
/// It follows the tree of options that <see cref="OptionsBinder"/> reads, and needs no valid configuration. A setting that does not exist
/// is left out, since it has no effect. Defaults that mean "not given" are left out, too.
/// </remarks>
internal static class SettingList
{
    private static readonly MonitorOptions Defaults = new() { Alarms = AlarmOptions.Defaults };

    public static ImmutableArray<ShownSetting> Of(IConfiguration configuration)
    {
        var origins = new SettingOrigins(configuration);
        var binder = new OptionsBinder();
        var secrets = binder.Bind(configuration).Secrets(binder.InFiles);
        var ofFramework = UnknownSetting.OfFramework.SelectMany(name => Written(configuration.GetSection(name)))
            .Where(setting => origins.Of(setting.Key) is not null); // the host has some of its own
        return
        [
            .. from setting in OfSection(configuration, typeof(MonitorOptions), Defaults, inList: false).Concat(ofFramework)
               let shown = SecretKeys.Show(setting.Key, setting.Value, secrets.Hide)
               select new ShownSetting(setting.Key, shown, setting.IsWritten ? origins.Of(setting.Key) : null),
        ];
    }

    private static IEnumerable<Item> OfSection(IConfiguration section, Type type, object otherwise, bool inList) =>
        OptionsBinder.SettingsOf(type).Values.SelectMany(
            property => Items(section.GetSection(property.Name), property.PropertyType, property.GetValue(otherwise), inList));

    private static IEnumerable<Item> Items(IConfigurationSection setting, Type type, object? otherwise, bool inList)
    {
        if (OptionsBinder.IsSection(type))
        {
            return OfSection(setting, type, otherwise!, inList);
        }

        if (type.GetElementType() is { } element && OptionsBinder.IsSection(element))
        {
            return setting.GetChildren().SelectMany(item => Items(item, element, Activator.CreateInstance(element)!, inList: true));
        }

        var isValue = type == typeof(string) || type.IsValueType;
        Item[] written = isValue && setting.Value is { } value ? [new Item(setting.Path, value, true)]
            : isValue ? []
            : [.. setting.GetChildren().SelectMany(Written)];
        return written.Length > 0 ? written
            : isValue && otherwise is not null && !(inList && otherwise is "") ? [new Item(setting.Path, Text(otherwise), false)]
            : [];
    }

    private static IEnumerable<Item> Written(IConfigurationSection setting) =>
        (setting.Value is { } value ? new[] { new Item(setting.Path, value, true) } : [])
            .Concat(setting.GetChildren().SelectMany(Written));

    private static string Text(object value) =>
        value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private readonly record struct Item(string Key, string Value, bool IsWritten);
}
