using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>The schema that editors read has every setting that the program reads, and no other.</summary>
public sealed class SettingsSchemaTests
{
    private static readonly string Room = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker");
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Written with DRIFTMONITOR_WRITE_SCHEMA=1, compared otherwise.</summary>
    [Fact]
    public void The_schema_in_the_repository_is_of_the_settings_that_are_read()
    {
        var file = Path.Combine(Room, "Configuration", "settings.schema.json");
        var expected = SettingsSchema.Create().ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("DRIFTMONITOR_WRITE_SCHEMA") is not null)
        {
            File.WriteAllText(file, expected);
        }

        Assert.Equal(expected, File.ReadAllText(file));
    }

    [Fact]
    public void Every_setting_says_what_it_is_and_no_section_takes_another()
    {
        var sections = Sections(SettingsSchema.Create()).ToList();
        Assert.True(sections.Count > 10);
        Assert.All(sections, section => Assert.False(section["additionalProperties"]!.GetValue<bool>()));
        var silent = from section in sections
                     from property in section["properties"]!.AsObject()
                     where property.Value!["description"] is null
                     select property.Key;
        Assert.Empty(silent);
    }

    [Fact]
    public void The_shipped_file_names_its_schema()
    {
        var shipped = JsonNode.Parse(File.ReadAllText(Path.Combine(Room, "appsettings.json")))!;
        Assert.True(File.Exists(Path.Combine(Room, shipped["$schema"]!.GetValue<string>())));
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, shipped["$schema"]!.GetValue<string>())));
    }

    private static IEnumerable<JsonObject> Sections(JsonNode? node) => node switch
    {
        JsonObject section => (section.ContainsKey("properties") && section["properties"] is JsonObject ? new[] { section } : [])
            .Concat(section.SelectMany(member => Sections(member.Value))),
        JsonArray items => items.SelectMany(Sections),
        _ => [],
    };
}
