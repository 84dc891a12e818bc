using System.Reflection;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Reads sections into their options value by value, so that one that cannot be read hides none of the others.</summary>
/// <remarks>
/// A setting that does not exist, or of another shape than its own, is a problem too: the framework's binder would pass over it in silence.
/// What stands in such a place is not shown, for it may be a secret that slipped: <c>Kafka:sasl.password</c>.
/// </remarks>
internal sealed class OptionsBinder
{
    public List<string> Problems { get; } = [];

    /// <summary>The names of those librdkafka properties whose values were read from files.</summary>
    public HashSet<string> InFiles { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The settings of an options class, by their names.</summary>
    public static Dictionary<string, PropertyInfo> SettingsOf(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);

    public MonitorOptions Bind(IConfiguration configuration)
    {
        var options = new MonitorOptions();
        foreach (var section in SettingsOf(typeof(MonitorOptions)).Values)
        {
            section.SetValue(options, Read(configuration.GetSection(section.Name), section.PropertyType, section.GetValue(options)));
        }

        return options;
    }

    /// <summary>Reads one source.</summary>
    public SourceOptions BindSource(IConfigurationSection source) =>
        (SourceOptions)Read(source, typeof(SourceOptions), new SourceOptions())!;

    /// <summary>What is written, or the default.</summary>
    private object? Read(IConfigurationSection setting, Type type, object? otherwise)
    {
        var parts = setting.GetChildren().ToArray();
        var element = type.GetElementType();
        var isValue = element is null && otherwise is not (Dictionary<string, string> or Dictionary<string, string[]>) && !IsSection(type);
        if (isValue ? parts.Length > 0 : !string.IsNullOrEmpty(setting.Value))
        {
            var shape = isValue ? "one value"
                : element is not null ? $"a list: {setting.Path}:0, {setting.Path}:1, …"
                : IsSection(type) ? $"a section: it has {string.Join(", ", SettingsOf(type).Keys)}"
                : $"a section with one entry per name: {setting.Path}:NAME";
            Problems.Add($"{setting.Path} must be {shape}");
            return otherwise;
        }

        return isValue ? ReadValue(setting, type) ?? otherwise
            : element is not null ? ReadList(setting, parts, element)
            : otherwise is Dictionary<string, string> properties ? ReadProperties(parts, properties)
            : otherwise is Dictionary<string, string[]> ? ReadLists(parts, "").ToDictionary(StringComparer.Ordinal)
            : ReadSection(setting, parts, otherwise!);
    }

    /// <summary>Whether settings of this type have settings of their own.</summary>
    public static bool IsSection(Type type) =>
        type is { IsClass: true, IsArray: false } && type.Namespace == typeof(OptionsBinder).Namespace;

    private object? ReadValue(IConfigurationSection setting, Type type)
    {
        try
        {
            return setting.Get(type);
        }
        catch (InvalidOperationException)
        {
            var isNumber = type == typeof(double) || type == typeof(double?);
            var allowed = type == typeof(bool) ? "true or false" : isNumber ? "a number" : "a whole number";
            Problems.Add($"{setting.Path} = '{setting.Value}': must be {allowed}");
            return null;
        }
    }

    private object ReadSection(IConfigurationSection section, IConfigurationSection[] parts, object options)
    {
        var settings = SettingsOf(options.GetType());
        foreach (var part in parts)
        {
            if (settings.TryGetValue(part.Key, out var setting))
            {
                setting.SetValue(options, Read(part, setting.PropertyType, setting.GetValue(options)));
            }
            else
            {
                Problems.Add(UnknownSetting.Line($"{section.Path}:", part.Key, settings.Keys));
            }
        }

        return options;
    }

    private Array ReadList(IConfigurationSection list, IConfigurationSection[] parts, Type element)
    {
        var items = new List<object?>();
        foreach (var part in parts)
        {
            if (part.Key == items.Count.ToString(CultureInfo.InvariantCulture))
            {
                items.Add(Read(part, element, element == typeof(string) ? "" : Activator.CreateInstance(element)));
            }
            else
            {
                var shape = $"{list.Path} is a list: {list.Path}:0, {list.Path}:1, … without gaps";
                Problems.Add(UnknownSetting.Moved(part.Path) ?? $"{part.Path}: {shape}");
            }
        }

        var array = Array.CreateInstance(element, items.Count);
        items.ToArray().CopyTo(array, 0);
        return array;
    }

    /// <summary>Values, or lists of values, by keys that may hold colons: <c>header:type</c>.</summary>
    private static IEnumerable<KeyValuePair<string, string[]>> ReadLists(IEnumerable<IConfigurationSection> parts, string prefix)
    {
        foreach (var part in parts)
        {
            var (key, inner) = (prefix + part.Key, part.GetChildren().ToArray());
            if (inner.Length == 0)
            {
                yield return KeyValuePair.Create(key, new[] { part.Value ?? "" });
            }
            else if (inner.Select(item => item.Key).SequenceEqual(inner.Select((_, i) => i.ToString(CultureInfo.InvariantCulture))))
            {
                yield return KeyValuePair.Create(key, inner.Select(item => item.Value ?? "").ToArray());
            }
            else
            {
                foreach (var list in ReadLists(inner, $"{key}:"))
                {
                    yield return list;
                }
            }
        }
    }

    private Dictionary<string, string> ReadProperties(IConfigurationSection[] parts, Dictionary<string, string> properties)
    {
        foreach (var part in parts)
        {
            if (SettingFile.IsGiven(part))
            {
                InFiles.Add(part.Key);
            }

            if ((SettingFile.IsGiven(part) ? SettingFile.Read(part, Problems) : Read(part, typeof(string), null)) is string value)
            {
                properties[part.Key] = value;
            }
        }

        return properties;
    }
}
