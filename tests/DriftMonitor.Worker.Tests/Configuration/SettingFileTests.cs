using System.Text;
using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

/// <summary>librdkafka properties whose values stand in files.</summary>
public sealed class SettingFileTests : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Theory]
    [InlineData("hunter2", "hunter2")]
    [InlineData("hunter2\n", "hunter2")]
    [InlineData("hunter2\r\n", "hunter2")]
    [InlineData("hunter2\n\n", "hunter2\n")] // one newline only
    [InlineData(" hunter2 ", " hunter2 ")]
    [InlineData("pässwörd\n", "pässwörd")]
    public void The_value_is_the_files_text_without_one_newline_at_its_end(string text, string value) =>
        Assert.Equal(value, Read(("Kafka:Client:sasl.password:File", Write(text))).Client.Properties["sasl.password"]);

    [Fact]
    public void It_is_given_alike_in_the_file_of_settings_in_the_environment_and_on_the_command_line()
    {
        var file = Write("hunter2");
        var variable = $"DRIFTMONITOR_TEST_{Guid.NewGuid():N}_";
        Environment.SetEnvironmentVariable($"{variable}Kafka__Client__ssl.key.password__File", file);
        var settings = ConfigurationReader.Read(new ConfigurationBuilder()
            .AddJsonStream(
                new MemoryStream(
                    Encoding.UTF8.GetBytes($$"""{"Kafka":{"BootstrapServers":"b:1","Client":{"sasl.password":{"File":"{{file}}"} } } }""")))
            .AddEnvironmentVariables(variable)
            .AddCommandLine([$"--Kafka:Client:ssl.keystore.password:File={file}"])
            .Build());
        Assert.Equal(
            ["sasl.password", "ssl.key.password", "ssl.keystore.password"],
            settings.Client.Properties.Where(property => property.Value == "hunter2").Select(property => property.Key));
    }

    [Fact]
    public void A_file_that_cannot_be_read_or_is_empty_is_named_with_its_key()
    {
        var missing = Path.Combine(_files.FullName, "missing");
        Assert.Equal(
            [
                $"Kafka:Client:sasl.password:File = '{missing}': must be a file that can be read (Could not find file '{missing}'.)",
                $"Kafka:Client:ssl.key.password:File = '{Write("")}': the file is empty",
                $"Kafka:Client:ssl.keystore.password:File = '{_files.FullName}': must be a file that can be read (Access to the path "
                + $"'{_files.FullName}' is denied.)",
            ],
            Problems(
                ("Kafka:Client:sasl.password:File", missing),
                ("Kafka:Client:ssl.key.password:File", Write("")),
                ("Kafka:Client:ssl.keystore.password:File", _files.FullName)).Order(StringComparer.Ordinal));
        Assert.Contains(
            "the file is empty", Assert.Single(Problems(("Kafka:Client:sasl.password:File", Write("\n")))), StringComparison.Ordinal);
        Assert.Contains("must be a file", Assert.Single(Problems(("Kafka:Client:sasl.password:File", ""))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_and_a_file_are_one_too_many_and_neither_is_shown()
    {
        var file = Write("hunter2");
        Assert.Equal(
            $"Kafka:Client:sasl.password:File = '{file}': Kafka:Client:sasl.password is given as well: leave one of them out",
            Assert.Single(Problems(("Kafka:Client:sasl.password", "hunter3"), ("Kafka:Client:sasl.password:File", file))));
    }

    [Theory]
    [InlineData("Kafka:Client:security.protocol:File", "Invalid value \"***\"")]
    [InlineData("Kafka:Client:group.id:File", "must be left out")]
    [InlineData("Kafka:Client:no.such:File", "No such configuration property")]
    public void What_a_file_holds_is_not_shown_whatever_is_wrong_with_it(string key, string said)
    {
        var problem = Assert.Single(Problems((key, Write("hunter2"))));
        Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kafka:GroupId:File", "must be one value")]
    [InlineData("Kafka:Client:sasl.password:Path", "must be one value")]
    [InlineData("Kafka:Client:sasl.password:File:0", "must be one value")]
    public void Only_librdkafka_properties_can_be_in_files_and_only_so(string key, string said) =>
        Assert.Contains(said, Assert.Single(Problems((key, Write("hunter2")))), StringComparison.Ordinal);

    public void Dispose() => _files.Delete(recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_files.FullName, $"{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}.txt");
        File.WriteAllText(path, text);
        return path;
    }

    private static MonitorSettings Read(params (string Key, string Value)[] settings) => ConfigurationReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", "kafka:9092")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build());

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => Read(settings)).Problems;
}
