using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Demo;

/// <summary>Plays the recorded digits stream into a topic as if it happened now, and over again when it ends.</summary>
/// <remarks>The stream is 20 minutes long and begins to drift in its middle: at ten times its speed, one minute after the start.</remarks>
/// <param name="predictionsFile">The stream.</param>
/// <param name="speed">How many times its own speed.</param>
internal sealed class DigitsPlayer(string predictionsFile, double speed)
{

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly (long AtMs, JsonObject Document)[] _events = Load(predictionsFile);

    /// <summary>Starts playing; disposing ends it.</summary>
    public IDisposable Play(IProducer<string, byte[]> producer, string topic, IScheduler scheduler)
    {
        var start = scheduler.Now;
        var (next, round) = (0, 0L);
        var length = _events[^1].AtMs;
        return Observable.Interval(Beat, scheduler).Subscribe(_ =>
        {
            var played = (scheduler.Now - start).TotalMilliseconds * speed;
            while ((round * length) + _events[next].AtMs <= played)
            {
                var document = _events[next].Document;
                document["ts"] = scheduler.Now.ToUnixTimeMilliseconds();
                producer.Produce(topic, new Message<string, byte[]>
                {
                    Key = document["id"]!.GetValue<string>(),
                    Value = Encoding.UTF8.GetBytes(document.ToJsonString()),
                });
                if (++next == _events.Length)
                {
                    (next, round) = (0, round + 1);
                }
            }
        });
    }

    private static (long AtMs, JsonObject Document)[] Load(string file)
    {
        var documents = File.ReadLines(file).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        var first = documents[0]["ts"]!.GetValue<long>();
        return [.. documents.Select(document => (document["ts"]!.GetValue<long>() - first, document))];
    }
}
