using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Wire;

/// <summary>Produces all that travels on our topics, and knows what of it is in flight.</summary>
/// <remarks>
/// What is of a model goes into the model's partition (<see cref="ModelPartitions"/>), what a lane says of itself into every partition,
/// after the panes that it covers: so whoever has read it has read them. Safe for concurrent use.
/// </remarks>
internal sealed class PlanePublisher(
    MonitorSettings settings, RecordCodec codec, int partitions, KafkaConnection connection)
    : TopicPublisher(connection, KafkaClient.Producer)
{
    private readonly RecordKeys _keys = new(settings.Plan);
    private readonly TimeProvider _time = connection.Time;
    private long _unacknowledgedRollups;
    private volatile Error? _error;

    /// <summary>How many records of what is settled are on their way.</summary>
    /// <exception cref="KafkaException">One could not be delivered: librdkafka has given up retrying.</exception>
    public long UnacknowledgedRollups => _error is { } error
        ? throw new KafkaException(new Error(error.Code, error.Text()))
        : Interlocked.Read(ref _unacknowledgedRollups);

    /// <summary>Publishes what a lane has to say.</summary>
    /// <param name="publication">Its panes and its progress.</param>
    /// <param name="before">What must be acknowledged before.</param>
    public PendingPublication Publish(LanePublication publication, PendingPublication[] before)
    {
        var pending = new PendingPublication(publication.SafeOffset, publication.Registers.Length + partitions, before);
        foreach (var register in publication.Registers)
        {
            Produce(
                settings.PanesTopic, register.Series.Model, RecordKeys.Of(register.Series), codec.Encode(register), pending.OnDelivered);
        }

        ProduceToAll(settings.PanesTopic, null, codec.Encode(publication.Progress), pending);
        return pending;
    }

    /// <summary>Publishes what a run of the join has to say.</summary>
    /// <param name="source">The partition of the labels.</param>
    /// <param name="runId">The run.</param>
    /// <param name="position">How far it has read both logs.</param>
    /// <param name="panes">The panes that have changed.</param>
    public PendingPublication Publish(
        TopicPartition source, ulong runId, FeedbackPosition position, IReadOnlyList<(FeedbackPaneKey Key, FeedbackSums Sums)> panes)
    {
        var (topic, number) = (settings.FeedbackPanesTopic, source.Partition.Value);
        var pending = new PendingPublication(safeOffset: null, panes.Count + partitions);
        foreach (var (key, sums) in panes)
        {
            Produce(
                topic, key.Series.Model, RecordKeys.Of(number, runId, key),
                codec.Encode(source.Topic, new FeedbackRegister(number, runId, key, sums)), pending.OnDelivered);
        }

        var progress = new FeedbackProgress(number, runId, position.Progress, _time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            LabelsLostBeforeMs = position.LabelsLostBeforeMs,
            PredictionsLostBeforeMs = position.PredictionsLostBeforeMs,
        };
        ProduceToAll(topic, RecordKeys.Of(number, runId, null), codec.Encode(source.Topic, progress), pending);
        return pending;
    }

    /// <summary>Writes down what is settled in a partition: the panes, then that they are written.</summary>
    public void Publish(Partition partition, Settlement settlement)
    {
        foreach (var pane in settlement.Panes)
        {
            WriteDown(partition, _keys.Of(pane), codec.Encode(pane));
            WriteDown(partition, _keys.Expired(pane), null);
        }

        WriteDown(partition, _keys.Of(settlement), codec.Encode(settlement));
        WriteDown(partition, _keys.Expired(settlement), null);
    }

    private void Produce(string topic, string model, byte[] key, byte[] value, Action<DeliveryReport<byte[], byte[]>> onDelivered) =>
        Produce(topic, ModelPartitions.Of(model, partitions), key, value, onDelivered);

    private void ProduceToAll(string topic, byte[]? key, byte[] value, PendingPublication pending)
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            Produce(topic, partition, key, value, pending.OnDelivered);
        }
    }

    private void Produce(
        string topic, Partition partition, byte[]? key, byte[]? value, Action<DeliveryReport<byte[], byte[]>> onDelivered) =>
        Producer.Produce(
            new TopicPartition(topic, partition), new Message<byte[], byte[]> { Key = key!, Value = value! }, onDelivered);

    private void WriteDown(Partition partition, byte[] key, byte[]? value)
    {
        Interlocked.Increment(ref _unacknowledgedRollups);
        Produce(settings.RollupsTopic, partition, key, value, report =>
        {
            _error = report.Error.IsError ? report.Error : _error;
            Interlocked.Decrement(ref _unacknowledgedRollups);
        });
    }
}
