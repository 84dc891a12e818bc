using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using DriftMonitor.Worker.Tests;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>
/// Digits from before the drift, drawn at random with replacement for each model, each followed by its label if it has one.
/// </summary>
internal sealed class DayTraffic(IProducer<Null, byte[]> producer)
{
    private readonly Random _random = new(1);
    private readonly string[] _lines = File.ReadAllLines(RepositoryFiles.Digits("predictions.jsonl"))[..6_000];
    private readonly Dictionary<string, string> _labels = File.ReadLines(RepositoryFiles.Digits("feedback.jsonl"))
        .Select(line => JsonNode.Parse(line)!)
        .GroupBy(label => (string)label["id"]!)
        .ToDictionary(labels => labels.Key, labels => (string)labels.Last()["label"]!);

    /// <summary>How many there have been, of both models.</summary>
    public int Predictions { get; private set; }

    /// <summary>How many of them had a label.</summary>
    public int Labels { get; private set; }

    public void Produce(long fromMs, int apartMs, int ofEach)
    {
        for (var i = 0; i < ofEach; i++)
        {
            foreach (var model in DigitsModels.All)
            {
                var prediction = JsonNode.Parse(_lines[_random.Next(_lines.Length)])!.AsObject();
                var recorded = (string)prediction["id"]!;
                var (id, atMs) = ($"{recorded}-{Predictions++}", fromMs + ((long)i * apartMs));
                (prediction["model"], prediction["id"], prediction["ts"]) = (model, id, atMs);
                Send("predictions", prediction, atMs);
                if (_labels.TryGetValue(recorded, out var label))
                {
                    Labels++;
                    Send("feedback", new JsonObject { ["model"] = model, ["id"] = id, ["ts"] = atMs + 1_000, ["label"] = label }, atMs);
                }
            }
        }

        producer.Flush(TimeSpan.FromSeconds(30));
    }

    private void Send(string topic, JsonObject document, long atMs) => producer.Produce(topic, new Message<Null, byte[]>
    {
        Value = Encoding.UTF8.GetBytes(document.ToJsonString()),
        Timestamp = new Timestamp(atMs, TimestampType.CreateTime),
    });
}
