namespace DriftMonitor.Worker.Configuration;

/// <summary>Reads a section into its options value by value, so that one that cannot be read hides none of the others.</summary>
/// <remarks>
/// A setting that there is not, or of another shape than its own, is a problem too: the framework's binder would pass over it in silence.
/// What stands in such a place is not told, for it may be a secret that slipped: <c>Kafka:sasl.password</c>.
/// </remarks>
internal sealed class OptionsBinder(IConfiguration configuration, List<string> problems)
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(int)] = "a whole number",
        [typeof(long)] = "a whole number",
        [typeof(double)] = "a number",
        [typeof(bool)] = "true or false",
    };

    public T Bind<T>(string section)
        where T : notnull, new() => Bind(section, new T());

    /// <summary>Reads a section over what is in the options already.</summary>
    public T Bind<T>(string section, T options)
        where T : notnull
    {
        var properties = typeof(T).GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrEmpty(configuration[section]))
        {
            problems.Add($"{section} must be a section: it has {string.Join(", ", properties.Keys)}");
        }

        foreach (var setting in configuration.GetSection(section).GetChildren())
        {
            if (!properties.TryGetValue(setting.Key, out var property))
            {
                problems.Add($"{section}:{setting.Key}: no such setting; {section} has {string.Join(", ", properties.Keys)}");
            }
            else if (HasShapeOf(property.PropertyType, setting))
            {
                Set(options, property, setting);
            }
        }

        return options;
    }

    private void Set(object options, System.Reflection.PropertyInfo property, IConfigurationSection setting)
    {
        try
        {
            property.SetValue(options, setting.Get(property.PropertyType) ?? property.GetValue(options));
            if (property.GetValue(options) is Dictionary<string, string> values)
            {
                ReadFiles(values, setting);
            }
        }
        catch (InvalidOperationException)
        {
            problems.Add($"{setting.Path} = '{setting.Value}': must be {Names[property.PropertyType]}");
        }
    }

    private void ReadFiles(Dictionary<string, string> values, IConfigurationSection section)
    {
        foreach (var setting in section.GetChildren().Where(SettingFile.IsGiven))
        {
            values.Remove(setting.Key);
            if (SettingFile.Read(setting, problems) is { } text)
            {
                values[setting.Key] = text;
            }
        }
    }

    /// <summary>Whether a setting is one value, a list or a section, as its property is.</summary>
    private bool HasShapeOf(Type type, IConfigurationSection setting, bool mayBeInFile = false)
    {
        var element = type.IsArray ? type.GetElementType() : type.IsGenericType ? type.GetGenericArguments()[1] : null;
        if (mayBeInFile && SettingFile.IsGiven(setting))
        {
            return true;
        }

        var parts = setting.GetChildren().ToArray();
        if (element is null ? parts.Length > 0 : !string.IsNullOrEmpty(setting.Value))
        {
            problems.Add($"{setting.Path} must be {(element is null ? "one value" : type.IsArray ? $"a list: {setting.Path}:0, {setting.Path}:1, …" : "a section of its own")}");
            return false;
        }

        return parts.Aggregate(true, (fits, part) => HasShapeOf(element!, part, type == typeof(Dictionary<string, string>)) && fits);
    }
}
