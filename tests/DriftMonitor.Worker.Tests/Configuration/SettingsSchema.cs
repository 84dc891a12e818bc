using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using System.Xml.XPath;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>
/// The JSON Schema of the file of settings: the tree of options that the binder reads, described by its comments, with its defaults.
/// </summary>
internal static partial class SettingsSchema
{
    private static readonly XDocument Comments =
        XDocument.Load(Path.ChangeExtension(typeof(MonitorOptions).Assembly.Location, ".xml"));

    private static readonly string[] OneValue = ["string", "number", "boolean"];

    public static JsonObject Create()
    {
        var schema = OfSection(typeof(MonitorOptions), new MonitorOptions { Alarms = AlarmOptions.Defaults });
        var properties = schema["properties"]!.AsObject();
        properties[UnknownSetting.Schema] = new JsonObject { ["type"] = "string", ["description"] = "Where this schema is." };
        foreach (var name in UnknownSetting.OfFramework)
        {
            properties[name] = new JsonObject { ["description"] = "A setting of ASP.NET Core." };
        }

        schema.Remove("description");
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Settings of DriftMonitor");
        return schema;
    }

    private static JsonObject OfSection(Type type, object defaults)
    {
        var properties = new JsonObject();
        foreach (var property in OptionsBinder.SettingsOf(type).Values)
        {
            var member = $"P:{property.DeclaringType!.FullName}.{property.Name}";
            var schema = Of(property.PropertyType, property.GetValue(defaults));
            if (Summary(member) is { Length: > 0 } description)
            {
                schema["description"] = description;
            }

            properties[property.Name] = schema;
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = Summary($"T:{type.FullName}"),
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Of(Type type, object? otherwise)
    {
        if (OptionsBinder.IsSection(type))
        {
            return OfSection(type, otherwise!);
        }

        if (type.GetElementType() is { } element)
        {
            return new JsonObject
            {
                ["type"] = "array",
                ["items"] = Of(element, element == typeof(string) ? null : Activator.CreateInstance(element)),
            };
        }

        return otherwise switch
        {
            Dictionary<string, string> => OfMap(new JsonObject
            {
                ["type"] = "object",
                ["description"] = "The value is read from a file, as secrets are.",
                ["properties"] = new JsonObject
                {
                    ["File"] = new JsonObject { ["type"] = "string", ["description"] = "The path of the file." },
                },
                ["required"] = new JsonArray("File"),
                ["additionalProperties"] = false,
            }),
            Dictionary<string, string[]> => OfMap(new JsonObject { ["type"] = "array", ["items"] = AnyValue() }),
            _ => OfValue(Nullable.GetUnderlyingType(type) ?? type, otherwise),
        };
    }

    private static JsonObject OfMap(JsonObject otherwise) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(AnyValue(), otherwise) },
    };

    private static JsonObject AnyValue() => new() { ["type"] = new JsonArray([.. OneValue.Select(name => JsonValue.Create(name))]) };

    private static JsonObject OfValue(Type type, object? otherwise)
    {
        var schema = new JsonObject
        {
            ["type"] = type == typeof(string) ? "string"
                : type == typeof(bool) ? "boolean"
                : type == typeof(double) ? "number"
                : type == typeof(int) || type == typeof(long) ? "integer"
                : throw new NotSupportedException($"{type}: say here what it is in JSON"),
        };
        if (otherwise is not (null or ""))
        {
            schema["default"] = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(otherwise));
        }

        return schema;
    }

    /// <summary>The summary of a member, or that which it inherits, as text.</summary>
    private static string Summary(string member)
    {
        var comment = Comments.XPathSelectElement(string.Create(CultureInfo.InvariantCulture, $"//member[@name='{member}']"));
        if (comment?.Element("inheritdoc")?.Attribute("cref")?.Value is { } inherited)
        {
            return Summary(inherited);
        }

        var summary = comment?.Element("summary");
        foreach (var reference in summary?.Descendants("see").ToArray() ?? [])
        {
            reference.ReplaceWith(reference.Attribute("cref")!.Value.Split('.')[^1]);
        }

        return Space().Replace(summary?.Value ?? "", " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
