using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>Which file of settings is read over the program's own.</summary>
public sealed class UserFileTests : IDisposable
{
    private readonly DirectoryInfo _working = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Theory]
    [InlineData(null, "working")]
    [InlineData("mine.json", "mine")]
    public void It_overrides_the_programs_own_and_not_the_command_line(string? named, string expected)
    {
        Write("appsettings.json", "working");
        Write("mine.json", "mine");
        var settings = ConfigurationReader.Read(Configuration(named));
        Assert.Equal(
            (expected, "command line", "localhost:9092"),
            (settings.GroupId, settings.PanesTopic.Replace('-', ' '), settings.Client.BootstrapServers));
    }

    [Fact]
    public void The_working_directory_needs_none() => Assert.Equal("driftmonitor", ConfigurationReader.Read(Configuration(null)).GroupId);

    [Fact]
    public void A_named_file_that_does_not_exist_is_told() => Assert.Equal(
        "--config = 'other.json': must be a file that exists",
        Assert.Throws<InvalidConfigurationException>(() => Configuration("other.json")).Message);

    [Fact]
    public void A_section_of_it_that_does_not_exist_is_told()
    {
        var file = Path.Combine(_working.FullName, "mine.json");
        File.WriteAllText(file, """{ "Window": {} , "Feedbak": { "Topic": "labels" } }""");
        var problems = Assert.Throws<InvalidConfigurationException>(() => ConfigurationReader.Read(Configuration("mine.json"))).Problems;
        Assert.Contains($"Feedbak: there is no such setting; did you mean Feedback? (from {file})", problems);
    }

    public void Dispose() => _working.Delete(recursive: true);

    private void Write(string name, string group) =>
        File.WriteAllText(
            Path.Combine(_working.FullName, name), $$"""{ "Kafka": { "GroupId": "{{group}}", "PanesTopic": "{{group}}" } }""");

    /// <summary>As the host puts it together: its own file, then the command line.</summary>
    private ConfigurationManager Configuration(string? named)
    {
        var configuration = new ConfigurationManager();
        configuration.AddJsonFile(
            Path.Combine(AppContext.BaseDirectory, "appsettings.json")).AddCommandLine(["--Kafka:PanesTopic=command-line"]);
        UserFile.Add(configuration, named, _working.FullName);
        return configuration;
    }
}
