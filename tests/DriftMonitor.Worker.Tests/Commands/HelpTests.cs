namespace DriftMonitor.Worker.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("", "run", "demo", "replay", "backtest", "reference", "alarm", "config")]
    [InlineData("config", "check", "show")]
    [InlineData("config check", "--config", "--ask-brokers", "--Kafka:GroupId=")]
    [InlineData("config show", "--config", "--Kafka:GroupId=")]
    [InlineData("alarm", "test")]
    [InlineData("alarm test", "<model>", "--severity", "critical|warning", "--for", "--config")]
    [InlineData("run", "--Kafka:BootstrapServers=")]
    [InlineData("demo", "--for", "--port")]
    [InlineData(
        "replay", "--predictions", "--reference", "--window", "--slide", "--format", "--pseudo-events", "--minimum-events",
        "--allowed-lateness", "--model")]
    [InlineData(
        "backtest", "--predictions", "--topic", "--from", "--to", "--brokers", "--client", "--reference", "--windows", "--budget",
        "--threshold", "--feedback", "--svg", "--png", "--alerts", "--fail-on", "--format")]
    [InlineData("reference", "build", "show")]
    [InlineData("reference build", "--predictions", "--output", "--snapshot-version", "--model", "--classes", "--feedback", "--horizon")]
    [InlineData("reference show", "<file>", "--budget", "--windows", "critical: 1 per 30d", "5m/10s, 1h/1m, 24h/10m")]
    public async Task Every_command_says_what_it_takes(string command, params string[] takes)
    {
        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (code, error));
        Assert.All(takes, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_command_there_is_help_and_an_error()
    {
        var (code, output, error) = await DriftMonitorProcess.RunAsync();
        Assert.NotEqual(0, code);
        Assert.Contains("replay", output, StringComparison.Ordinal);
        Assert.NotEmpty(error);
    }
}
