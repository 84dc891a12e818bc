using System.Collections;

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
        [typeof(double?)] = "a number",
        [typeof(bool)] = "true or false",
    };

    public T Bind<T>(string section)
        where T : notnull, new()
    {
        var options = new T();
        Bind(section, options);
        return options;
    }

    private void Bind(string section, object options)
    {
        var properties = options.GetType().GetProperties().ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
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
            else if (HasOptions(property.PropertyType))
            {
                Bind(setting.Path, property.GetValue(options)!);
            }
            else if (!HasShapeOf(property.PropertyType, setting))
            {
                continue;
            }
            else if (property.GetValue(options) is IDictionary values && HasOptions(ElementOf(property.PropertyType)!))
            {
                foreach (var part in setting.GetChildren())
                {
                    var element = Activator.CreateInstance(ElementOf(property.PropertyType)!)!;
                    Bind(part.Path, element);
                    values[part.Key] = element;
                }
            }
            else
            {
                Set(options, property, setting);
            }
        }
    }

    /// <summary>Whether what is of a type is a section with options of its own.</summary>
    private static bool HasOptions(Type type) => type.IsClass && type.Namespace == typeof(OptionsBinder).Namespace;

    /// <summary>What a list or a section is made of; null for one value.</summary>
    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType() : type.IsGenericType && type.IsClass ? type.GetGenericArguments()[1] : null;

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
        var element = ElementOf(type);
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

        return (element is not null && HasOptions(element)) || parts.Aggregate(true, (fits, part) => HasShapeOf(element!, part, type == typeof(Dictionary<string, string>)) && fits);
    }
}
