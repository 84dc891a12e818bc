using System.Text.Json;
using DriftMonitor.Model;
using DriftMonitor.Sums;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.Commands.Reference;

/// <summary><c>reference build</c> through the real command line, and once as a process.</summary>
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
        string[] arguments = ["reference", "build", "--predictions", predictions, "--output", PathOf("new"), "--snapshot-version", "3"];
        var (refused, _, why) = await DriftMonitorConsole.RunAsync(arguments);
        Assert.Equal(1, refused);
        Assert.Contains("2 of 5 records were rejected (1 malformed, 1 wrong_arity)", why, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("new")));

        var (code, output, error) = await DriftMonitorProcess.RunAsync([.. arguments, "--accept-rejects"]);
        Assert.Equal(
            (
                0,
                $"driftmonitor: predictions.jsonl:3: malformed: expected {ReasonText.Expected(RejectionReason.Malformed)}; "
                + $"{ReasonText.Remedy(RejectionReason.Malformed)}\n"
                + "driftmonitor: predictions.jsonl:4: wrong_arity at /probs: expected as many values as the model has classes; "
                + $"{ReasonText.Remedy(RejectionReason.WrongArity)}\n"),
            (code, error));
        var m = ReferenceFile.Read(PathOf("new/m-v3.json"));
        var n = ReferenceFile.Read(PathOf("new/n-v3.json"));
        Assert.Equal((3, 1, 2), (m.Version, m.All.Events, n.All.Events));
        Assert.Equal(["no", "yes"], n.ClassSpace.Names.Order(StringComparer.Ordinal));
        Assert.Equal(1, n.Segments["a"].Events);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                $"{PathOf("new/m-v3.json")}: m version 3, id {m.Id}, 1 events over 2 classes",
                OfOneMoment("m"),
                $"{PathOf("new/n-v3.json")}: n version 3, id {n.Id}, 2 events over 2 classes",
                OfOneMoment("n"),
                "rejected lines: 1 malformed, 1 wrong_arity",
            ],
            lines);
        Assert.Equal(2, Directory.GetFiles(PathOf("new")).Length);
    }

    [Fact]
    public async Task Names_stand_for_the_models_and_versions_that_the_service_reads_them_as()
    {
        var predictions = Write(
            "predictions.jsonl", """{"model":"fraud-1","probs":{"a":0.5,"b":0.5}}""", """{"model":"fraud-2","probs":{"a":0.5,"c":0.5}}""");
        var config = Write(
            "settings.json",
            """{"Kafka":{"BootstrapServers":"none:1"},"Models":[{"Name":"fraud","Match":"fraud-(?<version>.+)"}]}""");
        var (code, _, error) = await BuildAsync(predictions, "--config", config);
        Assert.Equal((0, ""), (code, error));
        var reference = ReferenceFile.Read(Assert.Single(Directory.GetFiles(PathOf("new"))));
        Assert.Equal(("fraud", 2, 3), (reference.Model, reference.All.Events, reference.ClassSpace.ClassCount));
        Assert.Equal(["_all"], reference.Segments.Keys);

        (code, _, error) = await BuildAsync(predictions, "--config", config, "--versions", "--force");
        Assert.Equal((0, ""), (code, error));
        reference = ReferenceFile.Read(PathOf("new/fraud-v1.json"));
        Assert.Equal(["_all", "version=1", "version=2"], reference.Segments.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Seconds, where milliseconds are expected: a reference of one moment has no budget, and nobody would know why.</summary>
    [Fact]
    public async Task Times_that_cannot_be_read_are_told_with_what_to_do()
    {
        var predictions = Write(
            "predictions.jsonl", """{"model":"m","ts":1790000000,"probs":[0.5,0.5]}""", """{"model":"m","ts":1790000001,"probs":[0.5,0.5]}""",
            """{"model":"n","ts":1790000000000,"probs":[0.5,0.5]}""");
        var (code, output, _) = await BuildAsync(predictions);
        Assert.Equal(0, code);
        Assert.Contains("warning: 2 predictions of m have a time that cannot be read", output, StringComparison.Ordinal);
        Assert.Contains("TimeUnit", output, StringComparison.Ordinal);
        Assert.DoesNotContain("predictions of n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_with_odd_names_get_files_of_their_own_and_none_outside_the_directory()
    {
        string[] models = ["a/b", "a:b", "a_b", "../../up", "..", ".hidden", "-rf", "größe [x]", "CON\\", new string('x', 250)];
        var predictions = Write(
            "predictions.jsonl",
            [.. models.Select(model => $$"""{"model":"{{model.Replace("\\", "\\\\", StringComparison.Ordinal)}}","probs":[0.5,0.5]}""")]);
        var (code, _, error) = await BuildAsync(predictions);

        Assert.Equal((0, ""), (code, error));
        var files = Directory.GetFiles(PathOf("new"));
        Assert.Equal(
            models.Order(StringComparer.Ordinal), files.Select(file => ReferenceFile.Read(file).Model).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,130}$", Path.GetFileName(file)));
        Assert.Contains(PathOf("new/a_b-v1.json"), files);
        Assert.Equal(2, _files.GetFileSystemInfos().Length); // the predictions and the directory
    }

    [Fact]
    public async Task Labels_need_to_be_told_the_model_and_say_their_classes_all_together()
    {
        var predictions = Write("labels.jsonl", """{"label":"b"}""", """{"label":"b"}""", """{"label":"elsewhere"}""", """{"label":"a"}""");

        var (code, output, error) = await BuildAsync(predictions, "--model", "m", "--classes", "a, b");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("rejected lines: none", output, StringComparison.Ordinal);
        var snapshot = ReferenceFile.Read(PathOf("new/m-v1.json"));
        Assert.Equal(["a", "b"], snapshot.ClassSpace.Names);
        Assert.Equal([0.25, 0.5, 0.25], snapshot.All.Shares.ToArray());
        Assert.Contains("warning: 25.0 % of the reference of m is __other__", output, StringComparison.Ordinal);

        (code, output, _) = await BuildAsync(predictions, "--model", "m", "--force");
        snapshot = ReferenceFile.Read(PathOf("new/m-v1.json"));
        Assert.Equal((0, 1.0), (code, snapshot.All.Shares[..3].ToArray().Sum()));
        Assert.Equal(["a", "b", "elsewhere"], snapshot.ClassSpace.Names);
        Assert.DoesNotContain("__other__", output, StringComparison.Ordinal);

        (code, _, error) = await BuildAsync(predictions, "--model", "m", "--classes", "a");
        Assert.NotEqual(0, code);
        Assert.Contains("--classes: must be two classes or more", OneLine(error), StringComparison.Ordinal);

        (code, _, error) = await BuildAsync(Write("one.jsonl", """{"label":"b"}""", """{"label":"b"}"""), "--model", "m");
        Assert.NotEqual(0, code);
        Assert.Contains("2 unknown_class_space", OneLine(error), StringComparison.Ordinal);
        Assert.Contains("with --classes where all of its labels are one class", OneLine(error), StringComparison.Ordinal);
    }

    private static string OfOneMoment(string model) =>
        $"warning: as far as is known, all events of {model} are of one moment, so no budget has thresholds: give each its time (ts), and "
        + "build the reference from a week (7d)";

    /// <summary>Outputs that name only the classes that have mass: the others have none. KL(½ ¼ ¼ 0 ‖ ¼ ¼ ¼ ¼) = ½ ln 2.</summary>
    [Theory]
    [InlineData("""{"model":"m","ts":1764000000000,"probs":{"%":1}}""", """{"model":"m","ts":1764000000000,"probs":{"a":0.5,"b":0.5}}""")]
    [InlineData("""{"model":"m","ts":1764000000000,"label":"%"}""", """{"model":"m","ts":1764000000000,"label":"a"}""")]
    public async Task Classes_are_all_that_any_line_names(string line, string another)
    {
        string Of(string name) => line.Replace("%", name, StringComparison.Ordinal);
        var live = Write("live.jsonl", another, another, Of(line.Contains("label", StringComparison.Ordinal) ? "b" : "a"), Of("c"));
        var reference = Write("reference.jsonl", Of("d"), Of("c"), Of("b"), Of("a"));
        Assert.Equal(0, (await BuildAsync(reference)).ExitCode);
        Assert.Equal(["a", "b", "c", "d"], ReferenceFile.Read(PathOf("new/m-v1.json")).ClassSpace.Names);

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", live, "--reference", PathOf("new/m-v1.json"), "--window", "1d", "--pseudo-events", "0", "--format",
            "jsonl");
        Assert.Equal(0, code);
        Assert.Contains("rejected: none", error, StringComparison.Ordinal);
        Assert.Equal(
            0.5 * Math.Log(2), JsonDocument.Parse(output).RootElement.GetProperty("kl_live_vs_reference").GetDouble(), 1e-9);
    }

    /// <summary>
    /// Lists of the classes that hold name all of them together; --classes names those of numbers by position. KL is the sum: of b, from ½
    /// to ¼, and of c, from ¼ to 0, where ε = 0 makes ln 4⁄3.
    /// </summary>
    [Fact]
    public async Task Classes_that_hold_or_not_are_all_that_any_line_names()
    {
        const string line = """{"model":"m","ts":1764000000000,"multilabel":%}""";
        string[] Of(params string[] outputs) => [.. outputs.Select(of => line.Replace("%", of, StringComparison.Ordinal))];
        var reference = Write("reference.jsonl", Of("""["b"]""", """["c","b"]""", """["a"]""", "[]"));
        var (_, output, _) = await BuildAsync(reference);
        Assert.Contains("over 3 classes", output, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], ReferenceFile.Read(PathOf("new/m-v1.json")).ClassSpace.DistinctNames);

        var live = Write("live.jsonl", Of("""["b"]""", """["a"]""", "[]", """{"a":false,"b":0}"""));
        (var code, output, var error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", live, "--reference", PathOf("new/m-v1.json"), "--window", "1d", "--pseudo-events", "0", "--format",
            "jsonl");
        Assert.Equal(0, code);
        Assert.Contains("rejected: none", error, StringComparison.Ordinal);
        Assert.Equal(
            (0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5)) + Math.Log(4 / 3.0),
            JsonDocument.Parse(output).RootElement.GetProperty("kl_live_vs_reference").GetDouble(), 1e-8);

        // two odd lines do not say what the others are
        string[] odd = ["""{"model":"m","ts":1764000000000,"label":"x"}""", """{"model":"m","ts":1764000000000,"label":"y"}"""];
        await BuildAsync(Write("mixed.jsonl", [.. odd, .. Of("""["b"]""", """["c","b"]""", """["a"]""")]), "--force");
        Assert.Equal(["a", "b", "c"], ReferenceFile.Read(PathOf("new/m-v1.json")).ClassSpace.DistinctNames);

        await BuildAsync(Write("numbers.jsonl", Of("[0.5,0.25]", "[1,0]")), "--model", "m", "--classes", "spam,toxic", "--force");
        Assert.Equal(["spam", "toxic"], ReferenceFile.Read(PathOf("new/m-v1.json")).ClassSpace.DistinctNames);
    }

    [Theory]
    [InlineData("--classes needs --model", "--classes", "a,b")]
    [InlineData("appears twice", "--classes", "a,a", "--model", "m")]
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
        Assert.Equal(content.Length > 0, error.Contains("p.jsonl:1: malformed: expected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Build_tells_of_an_output_that_is_a_file()
    {
        var file = Write("p.jsonl", """{"model":"m","probs":[0.5,0.5]}""");
        var (code, _, error) = await DriftMonitorConsole.RunAsync("reference", "build", "--predictions", file, "--output", file);
        Assert.NotEqual(0, code);
        Assert.Contains(file, OneLine(error), StringComparison.Ordinal);
    }

    /// <summary>The mean over all 3667 labels by numpy (expected.json), from its windows of a minute.</summary>
    [Fact]
    public async Task Build_with_labels_keeps_what_they_cost()
    {
        var (code, output, error) = await BuildAsync(
            RepositoryFiles.Digits("predictions.jsonl"), "--feedback", RepositoryFiles.Digits("feedback.jsonl"));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("12000 events over 10 classes, 3667 labels", output, StringComparison.Ordinal);
        Assert.EndsWith("rejected lines: none\n3667 labels, 3667 matched\n", output, StringComparison.Ordinal);

        var expected = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Digits("expected.json"))).RootElement;
        var minutes = expected.GetProperty("windows").EnumerateArray()
            .Where(window => window.GetProperty("to_ms").GetInt64() - window.GetProperty("from_ms").GetInt64() == 60_000)
            .Select(
                window => (
                    Start: expected.GetProperty("t0_epoch_ms").GetInt64() + window.GetProperty("from_ms").GetInt64(),
                    Labels: window.GetProperty("feedback_count").GetInt64(),
                    Nats: window.GetProperty("feedback_cross_entropy").GetDouble()))
            .ToArray();
        var losses = ReferenceFile.Read(PathOf("new/digits-lr-v1.json")).Losses!;
        Assert.Equal(3_667, losses.Events);
        Assert.Equal(minutes.Sum(minute => minute.Labels * minute.Nats) / 3_667, losses.Mean, 1e-9);
        Assert.All(minutes, minute => Assert.Equal(
            minute.Labels,
            losses.Blocks.Where(
                block => block.StartMs >= minute.Start && block.StartMs < minute.Start + 60_000).Sum(block => block.Counts.Sum())));
    }

    [Fact]
    public async Task Build_says_why_labels_do_not_count()
    {
        var predictions = Write(
            "predictions.jsonl",
            """{"model":"m","id":"1","ts":1767225600000,"probs":[0.5,0.5]}""",
            """{"model":"m","id":"2","ts":1767225601000,"probs":[0.25,0.75]}""",
            """{"model":"m","id":"3","ts":1767225602000,"probs":[0.25,0.75]}""");
        var labels = Write(
            "labels.jsonl",
            """{"model":"m","id":"1","ts":1767225605000,"label":"0"}""",
            """{"model":"m","id":"1","ts":1767225606000,"label":"1"}""", // corrected: ln 2 all the same
            """{"model":"m","id":"2","ts":1767225660001,"label":"1"}""", // later than 59 s
            """{"model":"m","id":"9","ts":1767225605000,"label":"1"}""",
            """{"model":"m","ts":1767225614000,"label":"1","probs":[0.75,0.25]}""", // its own prediction: ln 4
            """{"model":"m","id":"3"}""");
        var (refused, _, why) = await BuildAsync(predictions, "--feedback", labels, "--horizon", "59s");
        Assert.Equal(1, refused);
        Assert.Contains("labels.jsonl:6: missing_output: expected one of the output forms", why, StringComparison.Ordinal);
        Assert.Contains("1 of 6 records were rejected", why, StringComparison.Ordinal);
        Assert.Contains("--feedback-source", why, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("new")));
        var (code, output, _) = await BuildAsync(predictions, "--feedback", labels, "--horizon", "59s", "--accept-rejects");

        Assert.Equal(0, code);
        Assert.EndsWith(
            "6 labels, 2 matched, 1 invalid, 1 corrected, 1 outside_horizon, 1 never_matched\n", output, StringComparison.Ordinal);
        var read = ReferenceFile.Read(PathOf("new/m-v1.json"));
        var losses = read.Losses!;
        Assert.Equal(0, read.AccuracyRatio); // of equal shares the first class is the most probable
        Assert.Equal([0.693147181, 1.386294361], losses.BinMeans.Select(mean => Math.Round(mean, 9)));
        Assert.Equal(
            [(1_767_225_600_000, 1L, 0L), (1_767_225_610_000, 0, 1)],
            losses.Blocks.Select(block => (block.StartMs, block.Counts[0], block.Counts[1])));
    }

    /// <summary>A baseline is of the labels that the service counts, so its horizon is the one that is meant.</summary>
    [Fact]
    public async Task Build_joins_labels_within_the_horizon_of_the_service()
    {
        const long minute = 60_000;
        string[] ids = ["1", "2", "3"];
        var predictions = Write(
            "p.jsonl", [.. ids.Select(id => $$"""{"model":"m","id":"{{id}}","ts":1767225600000,"probs":[0.5,0.5]}""")]);
        var labels = Write(
            "l.jsonl",
            [.. ids.Zip([59, 61, 121], (id, minutes) =>
                $$"""{"model":"m","id":"{{id}}","ts":{{1_767_225_600_000 + (minutes * minute)}},"label":"1"}""")]);
        var service = Write("service.json", """{"Feedback":{"Horizon":"2h"}}""");

        Assert.EndsWith("3 labels, 1 matched, 2 outside_horizon\n", await OutputAsync(), StringComparison.Ordinal);
        Assert.EndsWith("3 labels, 2 matched, 1 outside_horizon\n", await OutputAsync("--config", service), StringComparison.Ordinal);
        Assert.EndsWith("3 labels, 3 matched\n", await OutputAsync("--config", service, "--horizon", "3h"), StringComparison.Ordinal);

        async Task<string> OutputAsync(params string[] more)
        {
            var (code, output, error) = await BuildAsync(predictions, ["--feedback", labels, "--force", .. more]);
            Assert.Equal((0, ""), (code, error));
            return output;
        }
    }

    /// <summary>
    /// The worked values of the examples: KL(current‖reference) of one event is ½ ln 4⁄3, of the other 0; k3 of the sampled ones ¼ and 0.
    /// </summary>
    [Theory]
    [InlineData("ppo-policy", "ppo", PolicyEstimate.ExactLiveVsReference, 0.0719205181)]
    [InlineData("rlhf-policy", "rlhf", PolicyEstimate.K3, 0.125)]
    public async Task Build_keeps_what_events_say_of_two_policies(string example, string model, PolicyEstimate estimate, double mean)
    {
        var (code, output, error) = await BuildAsync(RepositoryFiles.Example($"{example}.jsonl"));
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("rejected lines: none\n", output, StringComparison.Ordinal);
        var policies = ReferenceFile.Read(PathOf($"new/{model}-v1.json")).Policies;
        Assert.Equal(2, policies[estimate].Events);
        Assert.Equal(mean, policies[estimate].Mean, 1e-9);
    }

    [Fact]
    public async Task Sampled_log_probabilities_alone_make_no_reference_and_the_order_of_lines_does_not_matter()
    {
        const string sampled = """{"model":"m","policy_logprobs":{"current":[-1],"reference":[-2]}}""";
        var (code, output, error) = await BuildAsync(Write("p.jsonl", sampled, sampled));
        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(
            "2 form_mismatch); no reference for m: its 2 lines only tell of two policies", OneLine(error), StringComparison.Ordinal);

        (code, output, error) = await BuildAsync(Write("p.jsonl", sampled, """{"model":"n","probs":[1,0]}"""));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(
            "rejected lines: 1 form_mismatch\nno reference for m: its 1 lines only tell of two policies", output, StringComparison.Ordinal);

        await BuildAsync(Write("p.jsonl", sampled, """{"model":"m","probs":[1,0]}""", sampled));
        Assert.Equal(2, ReferenceFile.Read(PathOf("new/m-v1.json")).Policies[PolicyEstimate.K1].Events);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static string OneLine(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        return Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Three of four labels name the class that their prediction rules out: that is the cap's mean, not the model's.</summary>
    [Fact]
    public async Task No_baseline_is_built_of_losses_that_are_capped()
    {
        var predictions = Write(
            "p.jsonl",
            [.. Enumerable.Range(0, 4).Select(i => $$"""{"model":"m","id":{{i}},"ts":1764000000000,"probs":[1,0]}""")]);
        string Label(int id, int label) => $$"""{"model":"m","id":{{id}},"ts":1764000000000,"label":{{label}}}""";
        var labels = Write("l.jsonl", Label(0, 1), Label(1, 1), Label(2, 1), Label(3, 0));
        var (code, output, _) = await BuildAsync(predictions, "--feedback", labels);
        Assert.Equal(0, code);
        Assert.Contains("no baseline of cross-entropy for m: 3 of its 4 labels", output, StringComparison.Ordinal);
        var snapshot = ReferenceFile.Read(PathOf("new/m-v1.json"));
        Assert.Equal((4, null, 0.25), (snapshot.All.Events, snapshot.Losses, snapshot.AccuracyRatio));
    }

    /// <summary>
    /// A score is no probability of a class: its labels cost nothing, and the user is told how one that is can be declared.
    /// </summary>
    [Fact]
    public async Task Labels_of_scores_have_no_cross_entropy_and_say_so()
    {
        string[] scores = [.. Enumerable.Range(0, 8).Select(i => $$"""{"model":"m","id":{{i}},"ts":1764000000000,"score":0.{{i + 1}}}""")];
        var predictions = Write("p.jsonl", scores);
        var labels = Write("l.jsonl", """{"model":"m","id":0,"ts":1764000000000,"label":1}""");
        var (code, output, error) = await BuildAsync(predictions, "--feedback", labels);
        Assert.Equal(0, code);
        Assert.Contains("1 labels, 0 matched, 1 no_probabilities", output, StringComparison.Ordinal);
        Assert.Contains("map it to \"probability\"", error, StringComparison.Ordinal);

        (code, output, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", predictions, "--reference", PathOf("new/m-v1.json"), "--feedback", labels, "--window", "1d");
        Assert.Equal(0, code);
        Assert.DoesNotContain("NaN", output, StringComparison.Ordinal);
        Assert.Contains("1 labels of m count in no window (no_probabilities)", error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> BuildAsync(string predictions, params string[] more) =>
        DriftMonitorConsole.RunAsync(["reference", "build", "--predictions", predictions, "--output", PathOf("new"), .. more]);

    private string PathOf(string file) => Path.Combine(_files.FullName, file);

    private string Write(string file, params string[] lines)
    {
        File.WriteAllLines(PathOf(file), lines);
        return PathOf(file);
    }
}
