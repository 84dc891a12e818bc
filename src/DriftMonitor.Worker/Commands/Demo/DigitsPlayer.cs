using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Text.Json.Nodes;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Commands.Demo;

/// <summary>Plays the recorded digits stream, or its labels, into a topic as if it happened now, and over again when it ends.</summary>
/// <remarks>
/// The stream is 20 minutes long and begins to drift in its middle: at ten times its speed, one minute after the start, and all is well
/// again after two.
/// </remarks>
internal sealed class DigitsPlayer
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly double _speed;
    private readonly long _length;
    private readonly (long AtMs, JsonObject Document)[] _events;

    /// <param name="file">What to play, with ids and times.</param>
    /// <param name="predictionsFile">The predictions, whose first and last say when a round begins and ends.</param>
    /// <param name="speed">How many times its own speed.</param>
    public DigitsPlayer(string file, string predictionsFile, double speed)
    {
        _speed = speed;
        var times = File.ReadLines(predictionsFile).Select(line => JsonNode.Parse(line)!["ts"]!.GetValue<long>()).ToArray();
        _length = times[^1] - times[0];
        _events = [.. Load(file, times[0]).Where(one => one.AtMs <= _length)];
    }

    /// <summary>Starts playing; disposing ends it.</summary>
    public IDisposable Play(IProducer<string, byte[]> producer, string topic, IScheduler scheduler)
    {
        var start = scheduler.Now;
        var (next, round) = (0, 0L);
        return Observable.Interval(Beat, scheduler).Subscribe(_ =>
        {
            var played = (scheduler.Now - start).TotalMilliseconds * _speed;
            while ((round * _length) + _events[next].AtMs <= played)
            {
                var (now, document) = (scheduler.Now.ToUnixTimeMilliseconds(), _events[next].Document.DeepClone().AsObject());
                document["id"] = $"{document["id"]}-{round}"; // each round has predictions of its own, and labels for them
                document["ts"] = now;
                producer.Produce(topic, new Message<string, byte[]>
                {
                    Key = document["id"]!.GetValue<string>(),
                    Value = Encoding.UTF8.GetBytes(document.ToJsonString()),
                    Timestamp = new Timestamp(now, TimestampType.CreateTime),
                });
                if (++next == _events.Length)
                {
                    (next, round) = (0, round + 1);
                }
            }
        });
    }

    private static (long AtMs, JsonObject Document)[] Load(string file, long firstMs) =>
        [
            .. File.ReadLines(file)
                .Select(line => JsonNode.Parse(line)!.AsObject())
                .Select(document => (document["ts"]!.GetValue<long>() - firstMs, document))];
}
