namespace DriftMonitor.Worker.Tests.Commands.Config;

/// <summary><c>config show</c>: every setting, what it is and where it is from.</summary>
public sealed class ShowCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public async Task Every_setting_has_its_value_and_its_origin()
    {
        var shown = await ShowAsync(
            """
            {
              "Kafka": { "BootstrapServers": "kafka:9092", "GroupId": "overridden" },
              "Models": [{ "Name": "fraud", "Team": "payments", "Classes": ["ham", "spam"] }],
              "Feedback": { "Join": "false" }
            }
            """,
            "--Kafka:GroupId=mine");
        Assert.Equal($"'kafka:9092' (from {_file})", shown["Kafka:BootstrapServers"]);
        Assert.Equal("'mine' (from the command line)", shown["Kafka:GroupId"]);
        Assert.Equal("'earliest' (default)", shown["Kafka:StartFrom"]);
        Assert.Equal("'1 per 30d' (default)", shown["Alarms:Budget:Critical"]);
        Assert.Equal("'0.05' (default)", shown["Alarms:KlWarningNats"]);
        Assert.Equal($"'false' (from {_file})", shown["Feedback:Join"]);
        Assert.Equal("'' (default)", shown["Feedback:Topic"]);
        Assert.Equal($"'payments' (from {_file})", shown["Models:0:Team"]);
        Assert.Equal("'critical' (default)", shown["Models:0:MaxSeverity"]);
        Assert.Equal($"'spam' (from {_file})", shown["Models:0:Classes:1"]);
        Assert.Equal("'http://0.0.0.0:9464' (from the program's appsettings.json)", shown["Urls"]);
    }

    [Fact]
    public async Task Secrets_are_hidden_and_the_files_that_hold_them_are_not()
    {
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "hunter2-in-a-file", TestContext.Current.CancellationToken);
        var shown = await ShowAsync(
            $$"""
            {
              "Kafka": {
                "Client": {
                  "sasl.password": "hunter2", "ssl.key.password": { "File": "{{secret}}" }, "client.id": "hunter2-in-a-file",
                  "linger.ms": "5"
                }
              },
              "Http": { "PeerSecret": { "File": "/run/secrets/peers" }, "PublicUrl": "https://ann:hunter2@drift.example" },
              "Sources": [{ "Topic": "a", "SchemaRegistry": { "Client": { "basic.auth.user.info": "ann:hunter2" } } }],
              "Kestrel": { "Certificates": { "Default": { "Password": "hunter2" } } }
            }
            """);
        File.Delete(secret);
        Assert.DoesNotContain(shown.Values, value => value.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal($"'***' (from {_file})", shown["Kafka:Client:sasl.password"]);
        Assert.Equal($"'{secret}' (from {_file})", shown["Kafka:Client:ssl.key.password:File"]);
        Assert.Equal($"'***' (from {_file})", shown["Kafka:Client:client.id"]);
        Assert.Equal($"'5' (from {_file})", shown["Kafka:Client:linger.ms"]);
        Assert.Equal($"'***' (from {_file})", shown["Sources:0:SchemaRegistry:Client:basic.auth.user.info"]);
        Assert.Equal($"'/run/secrets/peers' (from {_file})", shown["Http:PeerSecret:File"]);
        Assert.Equal($"'https://***@drift.example' (from {_file})", shown["Http:PublicUrl"]);
        Assert.Equal($"'***' (from {_file})", shown["Kestrel:Certificates:Default:Password"]);
    }

    [Fact]
    public async Task A_secret_is_hidden_under_a_mistyped_name_and_in_an_address_that_is_none()
    {
        var shown = await ShowAsync(
            """
            {
              "Kafka": {
                "BootstrapServers": "ann:hunter2@kafka:9092",
                "Client": { "sasl.pasword": "hunter2", "sasl.kerberos.kinit.cmd": "kinit -p hunter2", "dotnet.x": "hunter2" }
              },
              "Http": { "PublicUrl": "https://ann:hunter2/and@more@drift.example/a" },
              "Sources": [{ "Topic": "a", "SchemaRegistry": { "Client": { "basic.auth.user.inf": "ann:hunter2" } } }]
            }
            """);
        Assert.DoesNotContain(shown.Values, value => value.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal($"'***@kafka:9092' (from {_file})", shown["Kafka:BootstrapServers"]);
        Assert.Equal($"'https://***@drift.example/a' (from {_file})", shown["Http:PublicUrl"]);
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_is_shown_as_it_is()
    {
        var shown = await ShowAsync("""{ "Kafka": { "PanesPartitions": "many", "GruopId": "x", "Client": "hunter2" } }""");
        Assert.Equal($"'many' (from {_file})", shown["Kafka:PanesPartitions"]);
        Assert.DoesNotContain("Kafka:GruopId", shown.Keys); // config check says so
        Assert.DoesNotContain(shown.Values, value => value.Contains("hunter2", StringComparison.Ordinal));
    }

    public void Dispose() => File.Delete(_file);

    /// <returns>What is said of each setting.</returns>
    private async Task<Dictionary<string, string>> ShowAsync(string settings, params string[] arguments)
    {
        await File.WriteAllTextAsync(_file, settings, TestContext.Current.CancellationToken);
        var (code, output, error) = await DriftMonitorConsole.RunAsync(["config", "show", "--config", _file, .. arguments]);
        Assert.Equal((0, ""), (code, error));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" = ", 2))
            .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
    }
}
