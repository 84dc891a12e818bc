using System.Globalization;
using System.Text.Json;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Tests.Commands.Replay;

/// <summary>
/// Labels of classes that hold or not, each by itself, through the real command line. Expected values by the closed form, over what was
/// drawn: binary cross-entropy added up over the classes, and the share of predictions that are right in every class.
/// </summary>
public sealed class MultilabelFeedbackTests : IDisposable
{
    private const int Count = 240;
    private const long StartMs = 1_764_000_000_000;

    private static readonly string[] Classes = ["ad", "spam", "toxic"];

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("driftmonitor-test-");
    private readonly double[][] _p;
    private readonly double[][] _y;

    public MultilabelFeedbackTests()
    {
        var random = new Random(1);
        _p = [.. Enumerable.Range(0, Count).Select(_ => Classes.Select(_ => Math.Round(0.01 + (0.98 * random.NextDouble()), 4)).ToArray())];
        _y = [.. _p.Select(p => p.Select(probable => random.NextDouble() < probable ? 1.0 : 0).ToArray())];
    }

    [Theory]
    [InlineData("as objects and lists")]
    [InlineData("as a table")]
    [InlineData("at another place")]
    public async Task Baselines_and_windows_of_labels_are_the_closed_form(string how)
    {
        var (labels, source) = how switch
        {
            "as a table" => (Write("l.csv", Each(Row).Prepend("model,id,ts,labels.ad,labels.spam,labels.toxic")), ""),
            "at another place" => (
                Write("l.jsonl", Each(i => $$$"""{"key":{{{i}}},"at":{{{At(i)}}},"truth":{"tags":{{{Form(i)}}}}}""")),
                """{"Kind":"labels","Model":"tags","Map":{"id":"/key","ts":"/at","labels":"/truth/tags"}}"""),
            _ => (Write("l.jsonl", Each(i => Label(i, Form(i)))), ""),
        };
        string[] feedback =
            ["--feedback", labels, .. source.Length == 0 ? Array.Empty<string>() : ["--feedback-source", Write("source.json", [source])]];

        var (code, output, error) = await DriftMonitorConsole.RunAsync(
            ["reference", "build", "--predictions", Predictions(), "--output", _files.FullName, .. feedback]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"{Count} labels, {Count} matched", output, StringComparison.Ordinal);
        var snapshot = ReferenceFile.Read(Path.Combine(_files.FullName, "tags-v1.json"));
        Assert.Equal(_p.Zip(_y, CrossEntropy).Average(), snapshot.Losses!.Mean, 1e-9);
        Assert.Equal(_p.Zip(_y, IsRight).Average(), snapshot.AccuracyRatio!.Value, 1e-9);

        (code, output, error) = await DriftMonitorConsole.RunAsync(
            ["replay", "--predictions", Predictions(), "--window", "1m", "--format", "jsonl", .. feedback]);
        Assert.Equal(0, code);
        Assert.Contains($"{Count} labels, {Count} matched", error, StringComparison.Ordinal);
        var compared = 0;
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement))
        {
            var (from, to) = (line.GetProperty("from").GetInt64(), line.GetProperty("to").GetInt64());
            int[] of = [.. Enumerable.Range(0, Count).Where(i => At(i) >= from && At(i) < to)];
            var measures = line.GetProperty("feedback_by_prediction_time");
            Assert.Equal(of.Length, Number(measures, "events"));
            Assert.Equal(of.Average(i => CrossEntropy(_p[i], _y[i])), Number(measures, "cross_entropy"), 1e-9);
            Assert.Equal(of.Average(i => CrossEntropy(_p[i], _p[i])), Number(measures, "expected_cross_entropy"), 1e-9);
            Assert.Equal(of.Average(i => IsRight(_p[i], _y[i])), Number(measures, "accuracy"), 1e-9);
            Assert.Equal(of.Average(i => Brier(_p[i], _y[i])), Number(measures, "brier_score"), 1e-9);
            compared++;
        }

        Assert.InRange(compared, 4, 30);
    }

    /// <summary>Softened labels of the same predictions: their divergence is Σ y ln(y/p) + (1 − y) ln((1 − y)/(1 − p)).</summary>
    [Fact]
    public async Task Truths_in_part_have_a_divergence()
    {
        double[][] soft = [.. _y.Select(y => y.Select(truth => 0.1 + (0.7 * truth)).ToArray())];
        var labels = Write("soft.jsonl", Each(i => Label(i, JsonSerializer.Serialize(soft[i]))));
        var (code, output, _) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", Predictions(), "--window", "1h", "--format", "jsonl", "--feedback", labels);
        Assert.Equal(0, code);
        var whole = JsonDocument.Parse(output.Split('\n')[0]).RootElement.GetProperty("feedback_by_prediction_time");
        var divergence = _p.Zip(soft, (p, y) => CrossEntropy(p, y) - CrossEntropy(y, y)).ToArray();
        Assert.Equal(divergence.Take((int)Number(whole, "events")).Average(), Number(whole, "kl_label_vs_prediction"), 1e-9);
    }

    [Fact]
    public async Task A_model_whose_classes_exclude_each_other_says_why_sets_do_not_count()
    {
        var predictions = Write("p.jsonl", ["""{"model":"m","id":0,"ts":1764000000000,"probs":{"a":0.5,"b":0.25,"c":0.25}}"""]);
        var labels = Write("l.jsonl", ["""{"model":"m","id":0,"ts":1764000000000,"labels":["a","b"]}"""]);
        var (code, _, error) = await DriftMonitorConsole.RunAsync(
            "replay", "--predictions", predictions, "--window", "1m", "--format", "jsonl", "--feedback", labels);
        Assert.Equal(0, code);
        Assert.Contains("1 labels, 0 matched, 1 not_a_distribution", error, StringComparison.Ordinal);
        Assert.Contains("send predictions as multilabel", error, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Delete(recursive: true);

    private static double CrossEntropy(double[] p, double[] y) =>
        p.Zip(y, (q, t) => -(t * Math.Log(q)) - ((1 - t) * Math.Log(1 - q))).Sum();

    private static double Brier(double[] p, double[] y) => p.Zip(y, (q, t) => 2 * (q - t) * (q - t)).Average();

    private static double IsRight(double[] p, double[] y) => p.Zip(y).All(one => one.First > 0.5 == one.Second > 0.5) ? 1 : 0;

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static IEnumerable<string> Each(Func<int, string> line) => Enumerable.Range(0, Count).Select(line);

    private static long At(int i) => StartMs + (i * 1_000L);

    private static string Label(int i, string form) => $$"""{"model":"tags","id":{{i}},"ts":{{At(i)}},"labels":{{form}}}""";

    /// <summary>One of the ways to say which classes hold.</summary>
    private string Form(int i)
    {
        var holding = Classes.Where((_, k) => _y[i][k] == 1).ToArray();
        return (i % 4) switch
        {
            0 => JsonSerializer.Serialize(holding),
            1 => JsonSerializer.Serialize(_y[i]),
            2 => JsonSerializer.Serialize(_y[i].Select(truth => truth == 1)),
            _ => JsonSerializer.Serialize(holding.ToDictionary(name => name, _ => true)),
        };
    }

    private string Row(int i) => string.Create(
        CultureInfo.InvariantCulture, $"tags,{i},{At(i)},{(_y[i][0] == 1 ? "True" : "False")},{_y[i][1]},{_y[i][2]:0.0}");

    private string Predictions() => Write("p.jsonl", Each(i =>
    {
        var output = JsonSerializer.Serialize(Classes.Zip(_p[i]).ToDictionary(one => one.First, one => one.Second));
        return $$"""{"model":"tags","id":{{i}},"ts":{{At(i)}},"multilabel":{{output}}}""";
    }));

    private string Write(string file, IEnumerable<string> lines)
    {
        var path = Path.Combine(_files.FullName, file);
        File.WriteAllLines(path, lines);
        return path;
    }
}
