using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Tests.References;

namespace DriftMonitor.Worker.Tests.Commands;

/// <summary><c>reference build</c> and <c>reference show</c> through the real program.</summary>
public sealed class ReferenceCommandTests : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");

    [Fact]
    public async Task Build_makes_the_directory_and_a_file_for_each_model_and_counts_what_is_no_prediction()
    {
        var predictions = Write(
            "predictions.jsonl",
            """{"model":"m","probs":[0.5,0.5]}""",
            """{"model":"n","probs":{"yes":0.25,"no":0.75}}""",
            "not json",
            """{"model":"m","probs":[0.5,0.25,0.25]}""",
            """{"model":"n","segment":"a","probs":{"no":1}}""");
        var (code, output, error) = await BuildAsync(predictions, "--snapshot-version", "3");

        Assert.Equal((0, ""), (code, error));
        var m = ReferenceFile.Read(PathOf("new/m-v3.json"));
        var n = ReferenceFile.Read(PathOf("new/n-v3.json"));
        Assert.Equal((3, 1, 2), (m.Version, m.All.Events, n.All.Events));
        Assert.Equal(["no", "yes"], n.ClassSpace.Names.Order(StringComparer.Ordinal));
        Assert.Equal(1, n.Segments["a"].Events);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                $"{PathOf("new/m-v3.json")}: m version 3, id {m.Id}, 1 events over 2 classes",
                $"{PathOf("new/n-v3.json")}: n version 3, id {n.Id}, 2 events over 2 classes",
                "rejected lines: 1 malformed, 1 wrong_arity",
            ],
            lines);
        Assert.Equal(2, Directory.GetFiles(PathOf("new")).Length);
    }

    [Fact]
    public async Task Models_with_odd_names_get_files_of_their_own_and_none_outside_the_directory()
    {
        string[] models = ["a/b", "a:b", "a_b", "../../up", "..", ".hidden", "-rf", "größe [x]", "CON\\", new string('x', 250)];
        var predictions = Write("predictions.jsonl", [.. models.Select(model => $$"""{"model":"{{model.Replace("\\", "\\\\", StringComparison.Ordinal)}}","probs":[0.5,0.5]}""")]);
        var (code, _, error) = await BuildAsync(predictions);

        Assert.Equal((0, ""), (code, error));
        var files = Directory.GetFiles(PathOf("new"));
        Assert.Equal(models.Order(StringComparer.Ordinal), files.Select(file => ReferenceFile.Read(file).Model).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,130}$", Path.GetFileName(file)));
        Assert.Contains(PathOf("new/a_b-v1.json"), files);
        Assert.Equal(2, _files.GetFileSystemInfos().Length); // the predictions and the directory
    }

    [Fact]
    public async Task Labels_need_to_be_told_the_classes_and_the_model()
    {
        var predictions = Write("labels.jsonl", """{"label":"b"}""", """{"label":"b"}""", """{"label":"elsewhere"}""", """{"label":"a"}""");

        var (code, output, error) = await BuildAsync(predictions, "--model", "m", "--classes", "a, b");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("rejected lines: none", output, StringComparison.Ordinal);
        var snapshot = ReferenceFile.Read(PathOf("new/m-v1.json"));
        Assert.Equal(["a", "b"], snapshot.ClassSpace.Names);
        Assert.Equal([0.25, 0.5, 0.25], snapshot.All.Shares.ToArray());

        (code, _, error) = await BuildAsync(predictions, "--model", "m");
        Assert.NotEqual(0, code);
        Assert.Contains("4 unknown_class_space", OneLine(error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--classes needs --model", "--classes", "a,b")]
    [InlineData("stands twice", "--classes", "a,a", "--model", "m")]
    [InlineData("class name ''", "--classes", "a,,b", "--model", "m")]
    [InlineData("--snapshot-version = '0'", "--snapshot-version", "0")]
    [InlineData("--snapshot-version = 'x'", "--snapshot-version", "x")]
    [InlineData("--snapshot-version = '1.5'", "--snapshot-version", "1.5")]
    public async Task Build_tells_a_wrong_option_in_a_line(string said, params string[] options)
    {
        var (code, output, error) = await BuildAsync(Write("p.jsonl", """{"model":"m","probs":[0.5,0.5]}"""), options);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(said, OneLine(error), StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("new")));
    }

    [Fact]
    public async Task Build_writes_over_a_snapshot_only_when_it_is_told_to()
    {
        await BuildAsync(Write("one.jsonl", """{"model":"m","probs":[0.5,0.5]}"""));
        var other = Write("other.jsonl", """{"model":"m","probs":[0.25,0.75]}""", """{"model":"n","probs":[0.25,0.75]}""");

        var (code, output, error) = await BuildAsync(other);
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.StartsWith($"driftmonitor: {PathOf("new/m-v1.json")} is there already", OneLine(error), StringComparison.Ordinal);
        Assert.Equal(0.5, ReferenceFile.Read(PathOf("new/m-v1.json")).All.Shares[0]);
        Assert.Single(Directory.GetFiles(PathOf("new"))); // all or none

        (code, _, error) = await BuildAsync(other, "--force");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(0.25, ReferenceFile.Read(PathOf("new/m-v1.json")).All.Shares[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task Build_tells_of_a_file_without_a_prediction(string content)
    {
        var file = Write("p.jsonl", content);
        var (code, _, error) = await BuildAsync(file);
        Assert.NotEqual(0, code);
        Assert.StartsWith($"driftmonitor: {file}: ", OneLine(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_tells_of_an_output_that_is_a_file()
    {
        var file = Write("p.jsonl", """{"model":"m","probs":[0.5,0.5]}""");
        var (code, _, error) = await DriftMonitorProcess.RunAsync("reference", "build", "--predictions", file, "--output", file);
        Assert.NotEqual(0, code);
        Assert.Contains(file, OneLine(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_gives_the_facts_and_the_classes_the_largest_first()
    {
        var file = PathOf("m.json");
        var snapshot = SmallSnapshot.Of("[m]", 7, "[s]", 0.25, 0.25);
        ReferenceFile.Write(snapshot, file);
        var (code, output, error) = await DriftMonitorProcess.RunAsync("reference", "show", file);

        Assert.Equal((0, ""), (code, error));
        // H = −¼ ln ¼ − ¾ ln ¾ = 0.56234
        Assert.All(["[m]", snapshot.Id, "7", "2026-01-01", "[s], _all", "0.56234"], fact => Assert.Contains(fact, output, StringComparison.Ordinal));
        Assert.Matches("b +0[.]75000[^a]+a +0[.]25000", output);
        Assert.DoesNotContain('\u001b', output); // no colours in a pipe
    }

    [Fact]
    public async Task Show_refuses_what_is_no_snapshot()
    {
        foreach (var (file, said) in new[]
        {
            (RepositoryFiles.Digits("expected.json"), "not a snapshot"),
            (RepositoryFiles.Digits("reference.jsonl"), "reference.jsonl"),
            (PathOf("no.json"), "there is no such file"),
            (_files.FullName, "is a directory"),
        })
        {
            var (code, output, error) = await DriftMonitorProcess.RunAsync("reference", "show", file);
            Assert.NotEqual(0, code);
            Assert.Empty(output);
            Assert.Contains(said, OneLine(error), StringComparison.Ordinal);
        }
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static string OneLine(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Task<(int ExitCode, string Output, string Error)> BuildAsync(string predictions, params string[] more) =>
        DriftMonitorProcess.RunAsync(["reference", "build", "--predictions", predictions, "--output", PathOf("new"), .. more]);

    private string PathOf(string file) => Path.Combine(_files.FullName, file);

    private string Write(string file, params string[] lines)
    {
        File.WriteAllLines(PathOf(file), lines);
        return PathOf(file);
    }
}
