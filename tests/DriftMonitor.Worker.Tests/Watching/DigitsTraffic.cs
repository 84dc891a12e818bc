using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.Watching;

/// <summary>Two hundred digits a second, as of now, from a part of the recorded stream, over and over; the part can be changed while it plays.</summary>
internal sealed class DigitsTraffic : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private const int PerBeat = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly IProducer<Null, byte[]> _producer;
    private readonly Task _playing;
    private volatile byte[][] _part;

    public DigitsTraffic(string brokers, string topic, string[] lines)
    {
        _part = Records(lines);
        _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = brokers, LingerMs = 5 }).Build();
        _playing = PlayAsync(topic);
    }

    /// <summary>Plays these lines from now on.</summary>
    public void Play(string[] lines) => _part = Records(lines);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing;
        _producer.Dispose();
        _stop.Dispose();
    }

    /// <summary>Without their times, so that each record's own counts.</summary>
    private static byte[][] Records(string[] lines) =>
    [
        .. lines.Select(line =>
        {
            var document = JsonNode.Parse(line)!.AsObject();
            document.Remove("ts");
            return Encoding.UTF8.GetBytes(document.ToJsonString());
        }),
    ];

    private async Task PlayAsync(string topic)
    {
        using var beat = new PeriodicTimer(Beat);
        try
        {
            for (var next = 0; await beat.WaitForNextTickAsync(_stop.Token);)
            {
                var part = _part;
                for (var i = 0; i < PerBeat; i++)
                {
                    _producer.Produce(topic, new Message<Null, byte[]> { Value = part[next++ % part.Length] });
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }
}
