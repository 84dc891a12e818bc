using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// Predictions of one steady model that can drift, and of others whose names and segments come and go, more of them than are admitted; and
/// labels of half of them, from at once to beyond the horizon, some of them corrected and some of them at the horizon exactly.
/// </summary>
/// <remarks>Not thread-safe but for <see cref="Drifts"/>.</remarks>
internal sealed class SoakTraffic(string bootstrapServers)
{
    public const int HorizonSeconds = 12;
    private const string Steady = "steady";
    private const int PerBeat = 5;
    private const int Names = 60; // Limits:Models is 50
    private const int Segments = 30; // Limits:SegmentsPerModel is 20
    private const int ActiveNames = 6;
    private const int BeatsPerName = 100;
    private const int BeatsASecond = 20;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1) / BeatsASecond;

    private readonly Random _random = new(1);
    private readonly PriorityQueue<string, int> _labels = new(); // those to come, by the beat that they are due at
    private volatile bool _drifts;

    /// <summary>Whether the steady model's outputs are off.</summary>
    public bool Drifts
    {
        set => _drifts = value;
    }

    public int Produced { get; private set; }

    /// <summary>The steady model's predictions as they should be.</summary>
    public static IEnumerable<string> Reference()
    {
        var random = new Random(2);
        return Enumerable.Range(0, 2_000).Select(i => Prediction(Steady, segment: null, $"{i}", random, drifts: false)
            .Replace(
                "{", string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{1_767_225_600_000 + (i * 100)}},"""),
                StringComparison.Ordinal));
    }

    public async Task PlayAsync(CancellationToken stop)
    {
        using var producer = new ProducerBuilder<string, byte[]>(
            new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 20 }).Build();
        using var timer = new PeriodicTimer(Beat);
        try
        {
            for (var beat = 0; await timer.WaitForNextTickAsync(stop); beat++)
            {
                for (var i = 0; i < PerBeat; i++)
                {
                    Play(producer, beat, $"{beat}-{i}", i);
                }

                while (_labels.TryPeek(out var label, out var due) && due <= beat)
                {
                    Produce(producer, "feedback", _labels.Dequeue());
                }
            }
        }
        catch (OperationCanceledException)
        {
            producer.Flush(CancellationToken.None);
        }
    }

    private void Play(IProducer<string, byte[]> producer, int beat, string id, int i)
    {
        var name = i < 3 ? Steady : $"model-{((beat / BeatsPerName) + _random.Next(ActiveNames)) % Names}";
        Produce(
            producer, "predictions",
            Prediction(name, $"region={((beat / BeatsPerName) + _random.Next(3)) % Segments}", id, _random, _drifts));
        if (_random.Next(2) == 0)
        {
            Label(beat + _random.Next(HorizonSeconds * BeatsASecond * 5 / 4));
            if (_random.Next(4) == 0)
            {
                Label(beat + (HorizonSeconds * BeatsASecond) + _random.Next(-10, 10)); // around the horizon, again
            }
        }

        void Label(int due) => _labels.Enqueue($$"""{"model":"{{name}}","id":"{{id}}","label_index":{{_random.Next(3)}}}""", due);
    }

    private static string Prediction(string model, string? segment, string id, Random random, bool drifts)
    {
        var first = (drifts && model == Steady ? 0.5 : 0.1) + (random.NextDouble() * 0.3);
        var second = (1 - first) * random.NextDouble();
        var named = segment is null ? "" : $"\"segment\":\"{segment}\",";
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"model":"{{model}}",{{named}}"id":"{{id}}","probs":[{{first:0.######}},{{second:0.######}},{{1 - first - second:0.######}}]}""");
    }

    /// <summary>By its id's key, so that a label is in the partition of its prediction.</summary>
    private void Produce(IProducer<string, byte[]> producer, string topic, string json)
    {
        var id = json[(json.IndexOf("\"id\":\"", StringComparison.Ordinal) + 6)..];
        producer.Produce(topic, new Message<string, byte[]> { Key = id[..id.IndexOf('"')], Value = Encoding.UTF8.GetBytes(json) });
        Produced++;
    }
}
