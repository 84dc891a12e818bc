using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Commands;

/// <summary>What commands print is read well in a window of 80 and of 132 columns, and is not broken where a program reads it.</summary>
public sealed partial class WidthTests(WidthTests.Reference reference) : IClassFixture<WidthTests.Reference>
{
    private static readonly string Digits = Path.Combine(
        RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Commands", "Demo", "digits");

    public static TheoryData<int, string[]> Commands()
    {
        var rows = new TheoryData<int, string[]>();
        foreach (var columns in new[] { 80, 132 })
        {
            rows.Add(columns, ["reference", "build", "--predictions", "reference.jsonl", "--output", "OUT", "--force"]);
            rows.Add(columns, ["reference", "show", "SNAPSHOT"]);
            rows.Add(columns, ["replay", "--reference", "SNAPSHOT", "--predictions", "predictions.jsonl"]);
            rows.Add(columns, [
                "backtest", "--reference", "SNAPSHOT", "--predictions", "predictions.jsonl", "--windows", "1m/10s,5m/1m", "--threshold",
                "critical: 0.04, warning: 0.02"]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Lines_fit_and_no_word_is_broken(int columns, string[] command)
    {
        var (code, output, error) = await DriftMonitorConsole.SeenAsync(columns, WithFiles(command));
        Assert.Equal((0, true), (code, output.Length > 0));
        var lines = (output + error).Split('\n').Select(line => Escape().Replace(line, "").TrimEnd()).ToArray();

        // a path or an address has no place to break at
        Assert.DoesNotContain(lines, line => line.Length > columns && line.Trim().Contains(' ', StringComparison.Ordinal));
        var words = lines.SelectMany(line => line.Split(' ')).ToHashSet(StringComparer.Ordinal);
        string[] asked = command[0] == "backtest" ? ["critical", "warning", "output", "drift"] : ["digits-lr"];
        Assert.All(asked, word => Assert.Contains(word, words));
        Assert.DoesNotContain(words, word => asked.Any(
            whole => word.Length > 2 && whole != word && whole.StartsWith(word, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Where_a_program_reads_it_a_line_stays_one()
    {
        var (_, output, error) = await DriftMonitorConsole.RunAsync(
            WithFiles(["reference", "build", "--predictions", "reference.jsonl", "--output", "OUT", "--force"]));
        Assert.Equal("", error);
        Assert.Contains(
            output.Split('\n'), line => line.StartsWith("warning: the reference of digits-lr covers 10m", StringComparison.Ordinal)
                && line.EndsWith("build it from a week (7d)", StringComparison.Ordinal));
    }

    [GeneratedRegex("\\x1b\\[[0-9;?]*[a-zA-Z]")]
    private static partial Regex Escape();

    private string[] WithFiles(string[] command) =>
    [
        .. command.Select(word => word switch
        {
            "OUT" => reference.Directory,
            "SNAPSHOT" => Path.Combine(reference.Directory, "digits-lr-v1.json"),
            _ when word.EndsWith(".jsonl", StringComparison.Ordinal) => Path.Combine(Digits, word),
            _ => word,
        }),
    ];

    /// <summary>The digits model's reference, built once.</summary>
    public sealed class Reference : IAsyncLifetime
    {
        private readonly DirectoryInfo _files = System.IO.Directory.CreateTempSubdirectory("driftmonitor-width-");

        public string Directory => _files.FullName;

        public async ValueTask InitializeAsync() => await DriftMonitorConsole.RunAsync(
            "reference", "build", "--predictions", Path.Combine(Digits, "reference.jsonl"), "--output", Directory);

        public ValueTask DisposeAsync()
        {
            _files.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
