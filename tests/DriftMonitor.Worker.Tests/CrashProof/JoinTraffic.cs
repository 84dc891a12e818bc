using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Random predictions with ids and their labels, determined by a seed: labels before their prediction, after it, twice, corrected, of
/// predictions that there are not, and none at all. Knows what must come of them.
/// </summary>
internal sealed class JoinTraffic : IAsyncDisposable
{
    public const int Partitions = 2;
    public const string Model = "clicks";

    private const int Classes = 3;
    private const int PerBeat = 3;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly Random _random;
    private readonly IProducer<Null, byte[]> _producer;
    private readonly string _predictions;
    private readonly string _feedback;
    private readonly CancellationTokenSource _stop = new();
    private readonly PriorityQueue<(int Id, int Class), int> _due = new(); // labels, by the prediction that they come after
    private readonly Dictionary<int, int> _mostProbable = [];
    private readonly Dictionary<int, int> _lastLabels = [];
    private readonly Task _playing;
    private int _produced;

    public JoinTraffic(string bootstrapServers, string predictions, string feedback, int seed)
    {
        (_random, _predictions, _feedback) = (new Random(seed), predictions, feedback);
        _producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 2 }).Build();
        _playing = PlayAsync();
    }

    /// <summary>How many predictions have been handed to the producer.</summary>
    public int Produced => Volatile.Read(ref _produced);

    /// <summary>Ends the traffic, with every label that was still to come.</summary>
    /// <returns>
    /// How many predictions there are, how many of them have a label, and of how many the last label is the most probable class.
    /// </returns>
    public async Task<(int Predictions, int Labelled, int Correct)> FinishAsync()
    {
        await _stop.CancelAsync();
        await _playing;
        while (_due.TryDequeue(out var label, out _))
        {
            Label(label.Id, label.Class);
        }

        _producer.Flush(TestContext.Current.CancellationToken);
        var labelled = _lastLabels.Where(label => _mostProbable.ContainsKey(label.Key)).ToList();
        return (_mostProbable.Count, labelled.Count, labelled.Count(label => _mostProbable[label.Key] == label.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing;
        _producer.Dispose();
        _stop.Dispose();
    }

    private async Task PlayAsync()
    {
        using var timer = new PeriodicTimer(Beat);
        try
        {
            for (var id = 0; await timer.WaitForNextTickAsync(_stop.Token);)
            {
                for (var i = 0; i < PerBeat; i++)
                {
                    Play(id++);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // finished
        }
    }

    private void Play(int id)
    {
        var label = _random.Next(Classes);
        int Later() => id + _random.Next(1, 400);
        switch (_random.Next(20))
        {
            case < 10:
                _due.Enqueue((id, label), Later());
                break;
            case < 12:
                Label(id, label); // before its prediction
                break;
            case < 14: // corrected
                _due.Enqueue((id, label), Later());
                _due.Enqueue((id, (label + 1) % Classes), Later());
                break;
            case 14: // said twice
                _due.Enqueue((id, label), Later());
                _due.Enqueue((id, label), Later());
                break;
            case 15:
                Label(-1 - id, label); // of no prediction
                break;
        }

        Predict(id);
        while (_due.TryPeek(out var due, out var after) && after <= id)
        {
            _due.Dequeue();
            Label(due.Id, due.Class);
        }

        Volatile.Write(ref _produced, id + 1);
    }

    private void Predict(int id)
    {
        int[] shares = [_random.Next(1, 300), _random.Next(300, 600), 0]; // of 1024: no two alike at the top
        shares[2] = 1024 - shares[0] - shares[1];
        if (shares[2] == shares[1])
        {
            (shares[1], shares[0]) = (shares[1] + 1, shares[0] - 1);
        }

        _random.Shuffle(shares);
        _mostProbable[id] = Array.IndexOf(shares, shares.Max());
        var probabilities = string.Join(',', shares.Select(share => (share / 1024.0).ToString(CultureInfo.InvariantCulture)));
        Produce(_predictions, id, $$"""{"model":"{{Model}}","id":"{{id}}","probs":[{{probabilities}}]}""");
    }

    private void Label(int id, int label)
    {
        _lastLabels[id] = label; // what is produced last has the largest offset
        Produce(_feedback, id, $$"""{"model":"{{Model}}","id":"{{id}}","label_index":{{label}}}""");
    }

    private void Produce(string topic, int id, string json) =>
        _producer.Produce(
            new TopicPartition(topic, Math.Abs(id) % Partitions), new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(json) });
}
