namespace DriftMonitor.Worker.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("", "run", "demo", "replay", "backtest", "reference", "alarm", "config", "health")]
    [InlineData("config", "check", "show")]
    [InlineData("config check", "--config", "--ask-brokers", "--Kafka:GroupId=")]
    [InlineData("config show", "--config", "--Kafka:GroupId=")]
    [InlineData("health", "--config", "--Urls=")]
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
    public async Task Help_calls_the_program_what_it_is_installed_as()
    {
        var (code, output, _) = await DriftMonitorConsole.RunAsync(["reference", "build", "--help"]);
        Assert.Equal(0, code);
        Assert.Contains("  driftmonitor reference build [options]", output, StringComparison.Ordinal);
        Assert.Equal(0, (await DriftMonitorConsole.RunAsync(["--version"])).ExitCode);
    }

    [Theory]
    [InlineData("referense", "referense: did you mean reference?")]
    [InlineData("reference shwo", "shwo: did you mean show?")]
    [InlineData("replay --window 5m --sldie 1s", "--sldie: did you mean --slide?")]
    public async Task What_is_mistyped_is_told_with_the_nearest_name(string command, string hint)
    {
        var (code, output, error) = await DriftMonitorConsole.RunAsync(command.Split(' '));
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(hint, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replya --top 5")] // what follows is of another command
    [InlineData("referal")]
    public async Task What_is_far_from_every_name_has_no_hint(string command)
    {
        var (code, _, error) = await DriftMonitorConsole.RunAsync(command.Split(' '));
        Assert.Equal(1, code);
        Assert.DoesNotContain("--", error.Replace("'--top'", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_path_is_no_file()
    {
        var (code, _, error) = await DriftMonitorConsole.RunAsync("reference", "show", "");
        Assert.Equal(1, code);
        Assert.Contains("'': there is no such file", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told_with_the_nearest_beside_it()
    {
        var file = RepositoryFiles.Digits("prediction.jsonl");
        var (code, output, error) = await DriftMonitorConsole.RunAsync("reference", "show", file);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(
            $"'{file}': there is no such file; did you mean {RepositoryFiles.Digits("predictions.jsonl")}?", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_there_is_help_and_an_error()
    {
        var (code, output, error) = await DriftMonitorProcess.RunAsync();
        Assert.NotEqual(0, code);
        Assert.Contains("replay", output, StringComparison.Ordinal);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task The_page_about_commands_lists_all_of_them()
    {
        var (_, output, _) = await DriftMonitorConsole.RunAsync(["--help"]);
        var commands = output[output.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1)
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0]);
        var page = await File.ReadAllLinesAsync(
            Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Commands", "README.md"),
            TestContext.Current.CancellationToken);
        var listed = page.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line[3..].Split(' ', '`')[0]);
        Assert.Equal(commands.Order(), listed.Order());
    }
}
