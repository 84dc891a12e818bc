using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>Where a setting is written, by the sources as the host puts them together.</summary>
public sealed class SettingOriginsTests : IDisposable
{
    private const string Prefix = "DRIFTMONITOR_ORIGINS_TEST_"; // which no other test reads

    private readonly string _file = Path.GetTempFileName();
    private readonly SettingOrigins _origins;

    public SettingOriginsTests()
    {
        File.WriteAllText(_file, """{ "Kafka": { "GroupId": "a", "PanesTopic": "b", "Client": { "client.id": "c" } }, "Limits": {} }""");
        Environment.SetEnvironmentVariable($"{Prefix}Kafka__GroupId", "d");
        Environment.SetEnvironmentVariable($"{Prefix}Kafka__PanesTopic", "e");
        _origins = new SettingOrigins(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Http:PublicUrl", "f")])
            .AddJsonFile(_file)
            .AddEnvironmentVariables(Prefix)
            .AddCommandLine(["--Kafka:GroupId=g"])
            .Build());
    }

    [Theory]
    [InlineData("Kafka:GroupId", "the command line")]
    [InlineData("kafka:panestopic", "variable kafka__panestopic")]
    [InlineData("Feedback:Topic", null)]
    [InlineData("Http:PublicUrl", null)] // from a source without a name
    public void The_last_source_that_has_a_setting_is_its_origin(string key, string? origin) => Assert.Equal(origin, _origins.Of(key));

    /// <summary>Variables of any case are read, and the name that is told is the one that somebody can look for.</summary>
    [Fact]
    public void A_variable_is_named_as_it_is_written()
    {
        const string variable = "originsTEST__Setting"; // of no section that anybody reads
        Environment.SetEnvironmentVariable(variable, "x");
        try
        {
            var origins = new SettingOrigins(new ConfigurationBuilder().AddEnvironmentVariables().Build());
            Assert.Equal($"variable {variable}", origins.Of("OriginsTest:Setting"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData("Kafka:Client:client.id")]
    [InlineData("Kafka:Client")]
    public void A_section_is_where_a_setting_in_it_is(string key) => Assert.Equal(_file, _origins.Of(key));

    [Theory]
    [InlineData("Kafka:GroupId = 'g': must be x", " (from the command line)")]
    [InlineData("Kafka:GroupId: must be x", " (from the command line)")]
    [InlineData("--Kafka: there is no such setting", " (from the command line)")]
    [InlineData("topic x is read twice", "")]
    public void A_problem_begins_with_its_key(string problem, string origin) => Assert.Equal(problem + origin, _origins.Tell(problem));

    [Fact]
    public void A_file_beside_the_program_is_the_programs_own() => Assert.Equal(
        "the program's appsettings.json",
        new SettingOrigins(new ConfigurationBuilder().SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json").Build())
            .Of("Kafka:BootstrapServers"));

    public void Dispose()
    {
        File.Delete(_file);
        Environment.SetEnvironmentVariable($"{Prefix}Kafka__GroupId", null);
        Environment.SetEnvironmentVariable($"{Prefix}Kafka__PanesTopic", null);
    }
}
