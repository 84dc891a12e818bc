using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>
/// Two hundred digits a second unless told otherwise, as of now, from a part of the recorded stream, over and over, each followed by its
/// label; the part can be changed while it plays.
/// </summary>
/// <remarks>One in four says its output as that of two policies, one of them uniform; one label in four is soft.</remarks>
internal sealed class DigitsTraffic : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private const int Classes = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly IProducer<Null, byte[]> _producer;
    private readonly Task _playing;
    private readonly Dictionary<string, string> _labels = File.ReadLines(RepositoryFiles.Digits("feedback.jsonl"))
        .Select(line => JsonNode.Parse(line)!)
        .GroupBy(label => (string)label["id"]!)
        .ToDictionary(labels => labels.Key, labels => (string)labels.Last()["label"]!);

    private readonly int _perBeat;
    private volatile JsonObject[] _part;

    /// <param name="brokers">Where to.</param>
    /// <param name="topic">That of the predictions.</param>
    /// <param name="feedbackTopic">That of their labels.</param>
    /// <param name="lines">Predictions in our own JSON.</param>
    /// <param name="perBeat">How many every 50 ms.</param>
    public DigitsTraffic(string brokers, string topic, string feedbackTopic, string[] lines, int perBeat = 10)
    {
        _perBeat = perBeat;
        _part = Records(lines);
        _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = brokers, LingerMs = 5 }).Build();
        _playing = PlayAsync(topic, feedbackTopic);
    }

    /// <summary>Plays these lines from now on, from the first.</summary>
    public void Play(string[] lines) => _part = Records(lines);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing;
        _producer.Dispose();
        _stop.Dispose();
    }

    /// <summary>Without their times, so that each record's own counts.</summary>
    private static JsonObject[] Records(string[] lines) =>
    [
        .. lines.Select(line =>
        {
            var document = JsonNode.Parse(line)!.AsObject();
            document.Remove("ts");
            return document;
        }),
    ];

    private async Task PlayAsync(string topic, string feedbackTopic)
    {
        using var beat = new PeriodicTimer(Beat);
        try
        {
            var (part, first) = (_part, 0);
            for (var next = 0; await beat.WaitForNextTickAsync(_stop.Token);)
            {
                if (part != _part)
                {
                    (part, first) = (_part, next);
                }

                for (var i = 0; i < _perBeat; i++, next++)
                {
                    var prediction = part[(next - first) % part.Length].DeepClone().AsObject();
                    var recorded = (string)prediction["id"]!;
                    prediction["id"] = $"{recorded}-{next}"; // it comes round again
                    if (next % 4 == 0)
                    {
                        prediction.Remove("probs", out var probabilities);
                        prediction["policy"] = new JsonObject
                        {
                            ["current"] = probabilities,
                            ["reference"] = new JsonArray([.. Enumerable.Repeat(1.0 / Classes, Classes).Select(p => JsonValue.Create(p))]),
                        };
                    }

                    Produce(topic, prediction);
                    if (_labels.TryGetValue(recorded, out var label))
                    {
                        var feedback = new JsonObject { ["model"] = (string)prediction["model"]!, ["id"] = (string)prediction["id"]! };
                        feedback[next % 4 == 1 ? "labels" : "label"] = next % 4 == 1 ? new JsonObject { [label] = 1 } : label;
                        Produce(feedbackTopic, feedback);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }

    private void Produce(string topic, JsonObject document) =>
        _producer.Produce(topic, new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(document.ToJsonString()) });
}
