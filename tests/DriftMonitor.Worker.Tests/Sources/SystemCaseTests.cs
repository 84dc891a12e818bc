using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Recorded;
using DriftMonitor.References;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>What real systems send, each against a value that was worked out apart from this code.</summary>
public sealed class SystemCaseTests
{
    private const long StartMs = 1_764_000_000_000;

    /// <summary>
    /// KServe's logger, protocol V1, in <c>mode: all</c>: 300 calls of two rows are 600 predictions; requests are passed over.
    /// </summary>
    [Fact]
    public void KServe_V1_logger()
    {
        var reader = SourceDescriptions.Reader("""{"Format":"kserve-v1"}""");
        var (counted, ignored) = (0, 0);
        for (var call = 0; call < 300; call++)
        {
            Headers Of(string type) => new()
            {
                { "ce_specversion", "1.0"u8.ToArray() }, { "ce_id", System.Text.Encoding.UTF8.GetBytes($"{call}") },
                { "ce_type", System.Text.Encoding.UTF8.GetBytes($"org.kubeflow.serving.inference.{type}") },
                { "ce_inferenceservicename", "leaf-classifier"u8.ToArray() }, { "ce_component", "predictor"u8.ToArray() },
            };
            ignored += reader.Read("""{"instances":[[6.1,2.8],[5.9,3.0]]}""", Of("request")).Count(text => text == "ignored");
            var read = reader.Read("""{"predictions":[[0.75,0.125,0.125],[0.25,0.5,0.25]]}""", Of("response"));
            Assert.Equal([$"0 leaf-classifier/- {call}#0 - 0.75 0.125 0.125 0", $"1 leaf-classifier/- {call}#1 - 0.25 0.5 0.25 0"], read);
            counted += read.Length;
        }

        Assert.Equal((600, 300), (counted, ignored));
    }

    /// <summary>MLServer's default output: whole numbers are labels; a batch of two is two events.</summary>
    [Fact]
    public void MLServer_labels()
    {
        var models = new WatchedModels(1, 1, acceptUnknown: true);
        models.Add("iris").Fix(new ModelClasses(ClassSpace.Indexed(3), ModelClasses.Configured));
        var read = SourceDescriptions.Reader("""{"Format":"kserve-v2"}""", models).Read(
            """{"model_name":"iris","id":"r7","outputs":[{"name":"predict","shape":[2,1],"datatype":"INT64","data":[0,2]}]}""");
        Assert.Equal(["0 iris/- r7#0 - 1 0 0 0", "1 iris/- r7#1 - 0 0 1 0"], read);
    }

    /// <summary>Triton's binary tensors over HTTP: the length of the JSON before them stands in a header.</summary>
    [Fact]
    public void Triton_binary_tensors()
    {
        var json =
            """{"model_name":"cifar","id":"t0","outputs":[{"name":"OUTPUT__0","datatype":"FP32","shape":[1,3],"parameters":{"binary_data_size":12}}]}"""u8;
        byte[] body = [.. json, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([0.25f, 0.25f, 0.5f])];
        var headers = new Headers
        {
            { "Inference-Header-Content-Length", System.Text.Encoding.UTF8.GetBytes(json.Length.ToString(CultureInfo.InvariantCulture)) },
        };
        Assert.Equal(["0 cifar/- t0 - 0.25 0.25 0.5 0"], SourceDescriptions.Reader("""{"Format":"kserve-v2"}""").Read(body, headers));
    }

    /// <summary>
    /// Seldon Core 2's message: the tensor stands in <c>raw_output_contents</c>. One of the records of the public report.
    /// </summary>
    [Fact]
    public void Seldon_messages()
    {
        var body = Convert.FromBase64String(
            "CgZpcmlzXzESATEaBmQwMDAwMCoZCg1wcmVkaWN0X3Byb2JhEgRGUDY0GgIBAzIYz8urStR2uj+uAS3BrMXkP18T9tXirc8/");
        var read = Assert.Single(SourceDescriptions.Reader("""{"Format":"kserve-v2-grpc"}""").Read(body));
        var expected = Enumerable.Range(0, 3).Select(
            at => BitConverter.ToDouble(body, body.Length - 24 + (8 * at)).ToString(CultureInfo.InvariantCulture));
        Assert.Equal($"0 iris_1/- d00000 - {string.Join(' ', expected)} 0", read);
    }

    /// <summary>A chat completion is one event, at the second that it says.</summary>
    [Fact]
    public void Chat_completions()
    {
        var models = new WatchedModels(1, 1, acceptUnknown: true);
        models.Add("llm").Fix(new ModelClasses(ClassSpace.Create([" yes", " no", ClassSpace.Rest]), ModelClasses.Configured));
        var read = SourceDescriptions.Reader("""{"Format":"openai-chat"}""", models).Read(
            """{"id":"c0","object":"chat.completion","created":1764000000,"model":"llm","choices":[{"index":0,"logprobs":{"content":[{"token":" yes","logprob":-0.6931471805599453,"bytes":[32,121,101,115],"top_logprobs":[{"token":" yes","logprob":-0.6931471805599453,"bytes":[32,121,101,115]},{"token":" no","logprob":-1.3862943611198906,"bytes":[32,110,111]}]}]}}]}""");
        Assert.Equal([$"0 llm/- c0 {StartMs} 0.5 0.25 0.25 0"], read);
    }

    [Theory]
    [
        InlineData(
            "kserve-v2-logger", "ignored",
            """{"model_name":"m","outputs":[{"name":"p","datatype":"FP64","shape":[1,2],"data":[0.5,0.5]}]}""")]
    [InlineData("tf-serving", "0 m/-  - 0.25 0.75 0|1 m/-  - 0.5 0.5 0", """{"predictions":[[0.25,0.75],[0.5,0.5]]}""")]
    [InlineData(
        "inference-table", "0 m/- a 1764000000000 0.25 0.75 0",
        """{"databricks_request_id":"a","timestamp_ms":1764000000000,"status_code":200,"response":"{\"predictions\":[[0.25,0.75]]}"}""")]
    [InlineData("inference-table", "ignored", """{"databricks_request_id":"a","timestamp_ms":1,"status_code":500,"response":"{}"}""")]
    public void Presets_that_are_data(string preset, string expected, string json)
    {
        var headers = new Headers { { "ce_type", "org.kubeflow.serving.inference.request"u8.ToArray() } };
        Assert.Equal(expected.Split('|'), SourceDescriptions.Reader($$"""{"Format":"{{preset}}","Model":"m"}""").Read(json, headers));
    }

    /// <summary>TorchServe names the five best of its thousand classes: what they leave over is other classes'.</summary>
    [Fact]
    public void TorchServe_top_five()
    {
        var models = new WatchedModels(1, 1, acceptUnknown: true);
        models.Add("resnet").Fix(new ModelClasses(ClassSpace.Create(["tabby", "lynx", ClassSpace.Rest]), ModelClasses.Configured));
        var reader = SourceDescriptions.Reader("""{"Format":"torchserve","Model":"resnet"}""", models);
        Assert.Equal(["0 resnet/-  - 0.5 0.125 0.375 0"], reader.Read("""{"tabby":0.5,"lynx":0.125}"""));
        Assert.Equal(["0 resnet/-  - 0.5 0.125 0.375 0"], reader.Read("""{"tabby":"0.5","lynx":"0.125"}"""));
    }

    /// <summary>SageMaker's data capture: the score is in text within the event, the time in its metadata.</summary>
    [Fact]
    public void SageMaker_capture()
    {
        var models = new WatchedModels(1, 1, acceptUnknown: true);
        var bins = ScoreBins.OfQuantiles([0.25, 0.5], 2)!;
        models.Add("churn").Fix(new ModelClasses(bins.Space, ModelClasses.Configured, bins));
        var reader = SourceDescriptions.Reader("""{"Format":"sagemaker-capture","Model":"churn"}""", models);
        for (var i = 0; i < 200; i++)
        {
            var data = JsonSerializer.Serialize($$"""{"predictions": [{"score": 0.{{i + 1:000}}, "predicted_label": 0}]}""");
            var time = DateTimeOffset.FromUnixTimeMilliseconds(StartMs)
                .AddSeconds(i)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var read = Assert.Single(reader.Read(
                $$$"""{"captureData":{"endpointInput":{"mode":"INPUT","data":"0.5,0.3,12","encoding":"CSV"},"endpointOutput":{"mode":"OUTPUT","data":{{{data}}},"encoding":"JSON"}},"eventMetadata":{"eventId":"e{{{i}}}","inferenceTime":"{{{time}}}"},"eventVersion":"0"}"""));
            Assert.StartsWith(
                string.Create(CultureInfo.InvariantCulture, $"0 churn/- e{i} {StartMs + (1_000 * i)} "), read, StringComparison.Ordinal);
        }
    }

    /// <summary>The time 2025-11-24T16:00:00Z as systems write it, with what a source says of it.</summary>
    [Theory]
    [InlineData("""{"ts":1764000000,"probs":[0.5,0.5]}""", "s")]
    [InlineData("""{"ts":1764000000.0,"probs":[0.5,0.5]}""", "s")]
    [InlineData("""{"ts":1764000000000.0,"probs":[0.5,0.5]}""", "ms")]
    [InlineData("""{"ts":"1764000000000","probs":[0.5,0.5]}""", "ms")]
    [InlineData("""{"ts":1764000000000000000,"probs":[0.5,0.5]}""", "ns")]
    [InlineData("""{"ts":"2025-11-24T16:00:00","probs":[0.5,0.5]}""", "ms")]
    [InlineData("""{"ts":"2025-11-24 16:00:00+00:00","probs":[0.5,0.5]}""", "ms")]
    [InlineData("""{"ts":"2025-11-24T16:00:00.000+0000","probs":[0.5,0.5]}""", "ms")]
    [InlineData("""{"timestamp":1764000000000,"probs":[0.5,0.5]}""", "ms", "/timestamp")]
    public void Times_as_systems_write_them(string json, string unit, string at = "/ts") =>
        Assert.Equal(
            [$"0 m/-  {StartMs} 0.5 0.5 0"],
            SourceDescriptions.Reader($$$"""{"Map":{"ts":"{{{at}}}","probs":"/probs"},"TimeUnit":"{{{unit}}}","Model":"m"}""").Read(json));

    /// <summary>Labels and ids as pandas writes them cost what the whole numbers cost: 0.54075 nats.</summary>
    [Theory]
    [InlineData("", "label", "1", "0")]
    [InlineData("", "label", "1.0", "0.0")]
    [InlineData("", "label", "\"1.0\"", "\"0.0\"")]
    [InlineData("", "label", "true", "false")]
    [InlineData("", "label", "\"True\"", "\"False\"")]
    [InlineData("", "label_index", "1.0", "0.0")]
    [InlineData(".0", "label", "1", "0")]
    public void Labels_as_pandas_writes_them(string endOfId, string field, string one, string zero)
    {
        var labels = Lines("labels-int.jsonl").Select(line =>
        {
            var label = JsonDocument.Parse(line).RootElement;
            var text = label.GetProperty("label").GetInt32() == 1 ? one : zero;
            return $$$"""{"model":"churn","id":{{{label.GetProperty("id")}}}{{{endOfId}}},"ts":{{{label.GetProperty("ts")}}},"{{{field}}}":{{{text}}}}""";
        });
        var joined = Join(Lines("predictions.jsonl"), labels, TimeSpan.FromDays(1));
        Assert.Equal((1_000, 0.54075), (joined.Events, Math.Round(joined.CrossEntropy, 5)));
    }

    /// <summary>
    /// Names where the model's classes are positions: they cost nothing (they had cost 44.36 nats each). What is null is not labelled yet.
    /// </summary>
    [Theory]
    [InlineData("\"churned\"", 0, 1_000, 0)]
    [InlineData("2", 0, 1_000, 0)]
    [InlineData("null", 0, 0, 1_000)]
    public void Labels_that_are_no_class_cost_nothing(string label, long events, long unknown, long ignored)
    {
        var labels = Lines("labels-int.jsonl").Select(line =>
        {
            var read = JsonDocument.Parse(line).RootElement;
            return $$"""{"model":"churn","id":{{read.GetProperty("id")}},"ts":{{read.GetProperty("ts")}},"label":{{label}}}""";
        });
        var (feedback, counts) = Joined(Lines("predictions.jsonl"), labels, TimeSpan.FromDays(1));
        Assert.Equal((events, 0, null), (feedback.Whole.Events, feedback.Whole.CappedEvents, feedback.Whole.CrossEntropyNats));
        Assert.Equal(unknown, feedback.Unmatched.GetValueOrDefault(("churn", UnmatchedReason.UnknownClass)));
        Assert.Equal((ignored, 0), (counts.Ignored, counts.Rejected.Count));
    }

    /// <summary>A mapped null is one, too.</summary>
    [Fact]
    public void A_mapped_label_that_is_null_is_ignored()
    {
        var reader = SourceDescriptions.Labels("""{"Kind":"labels","Model":"m","Map":{"id":"/a/id","label":"/a/y"}}""");
        var read = reader.Read("""{"a":{"id":"7","y":null}}"""u8, isNull: false, null, default);
        Assert.True(Assert.Single(read).IsIgnored);
        read = reader.Read("""{"a":{"id":"7"}}"""u8, isNull: false, null, default);
        Assert.Equal(RejectionReason.MissingOutput, Assert.Single(read).Rejection);
    }

    /// <summary>
    /// One probability of two classes, as an array or a score before it was declared: Bernoulli's cross-entropy, 0.54075.
    /// </summary>
    [Theory]
    [InlineData("score", "{0}", "/score")]
    [InlineData("probs", "[{0}]", "/probs/0")]
    [InlineData("probs", "{{\"churn\":{0}}}", "/probs/churn")]
    public void One_probability_declared_as_such(string field, string form, string place)
    {
        var predictions = Lines("predictions.jsonl").Select(line =>
        {
            var read = JsonDocument.Parse(line).RootElement;
            var p = string.Format(CultureInfo.InvariantCulture, form, read.GetProperty("probs")[1].GetRawText());
            return $$"""{"model":"churn","id":{{read.GetProperty("id")}},"ts":{{read.GetProperty("ts")}},"{{field}}":{{p}}}""";
        });
        var source = SourceDescriptions.Source(
            $$$"""{"Map":{"model":"/model","id":"/id","ts":"/ts","probability":"{{{place}}}"}}""");
        var (feedback, counts) = Joined(predictions, Lines("labels-int.jsonl"), TimeSpan.FromDays(1), source);
        Assert.Empty(counts.Rejected);
        Assert.Equal((1_000, 0.54075), (feedback.Whole.Events, Math.Round(feedback.Whole.CrossEntropyNats!.Value, 5)));
    }

    /// <summary>
    /// Padded to the longest response: the longest are not padded, and are not the stream. Their mean would be 0.107 where it is 0.101.
    /// </summary>
    [Theory]
    [InlineData("0.0", "0.0")]
    [InlineData("1.0", "1.0")]
    [InlineData("0.0", "-1e10")]
    public void Padded_responses_take_the_longest_with_them(string current, string reference)
    {
        var reader = SourceDescriptions.Reader("{}");
        string Response(string model, int padding)
        {
            string Fill(string with) => string.Concat(Enumerable.Repeat($",{with}", padding));
            return $$$"""{"model":"{{{model}}}","policy_logprobs":{"current":[-1,-2{{{Fill(current)}}}],"reference":[-2,-2{{{Fill(reference)}}}]}}""";
        }

        for (var i = 0; i < 400; i++)
        {
            Assert.Equal(["padding"], reader.Read(Response("policy", padding: i % 40 == 39 ? 0 : 3)));
        }

        // Where one of many only looks padded, the others count.
        for (var i = 0; i < 100; i++)
        {
            var read = Assert.Single(reader.Read(Response("calm", padding: i == 50 ? 3 : 0)));
            Assert.Equal(i == 50, read == "padding");
        }
    }

    /// <summary>Labels weeks late, of which 100 are corrected: 0.32508 nats.</summary>
    [Fact]
    public void Late_labels_and_their_corrections()
    {
        var joined = Join(Lines("corrected-predictions.jsonl"), Lines("corrected-labels.jsonl"), TimeSpan.FromDays(60));
        Assert.Equal((1_000, 0.32508), (joined.Events, Math.Round(joined.CrossEntropy, 5)));
    }

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Sources", "Cases", file));

    private static (long Events, double CrossEntropy) Join(IEnumerable<string> predictions, IEnumerable<string> labels, TimeSpan horizon)
    {
        var (feedback, counts) = Joined(predictions, labels, horizon);
        Assert.Empty(counts.Rejected);
        return (feedback.Whole.Events, feedback.Whole.CrossEntropyNats!.Value);
    }

    private static (ReplayFeedback Feedback, RecordCounts Labels) Joined(
        IEnumerable<string> predictions, IEnumerable<string> labels, TimeSpan horizon, SourceSettings? source = null)
    {
        Assert.True(WindowSpec.TryParse("1d/1d", out var window, out _));
        var plan = new FeedbackPlan(WindowPlan.Create([window], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), horizon);
        var models = RecordedRuns.Models(ReferenceSet.Empty);
        var counts = new RecordCounts();
        var feedback = new ReplayFeedback(
            new Recorded.RecordedLines(predictions).Decode(
                RecordedSource.OwnJson with { Source = source ?? SourceSettings.OwnJson }, models),
            new Recorded.RecordedLines(labels).Labels(
                RecordedSource.OwnJson with { Source = new SourceSettings { Kind = SourceKind.Labels } }, models, counts),
            plan);
        return (feedback, counts);
    }
}
