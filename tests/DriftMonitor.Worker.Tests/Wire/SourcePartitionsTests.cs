using Confluent.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.Wire;

public sealed class SourcePartitionsTests
{
    [Fact]
    public async Task A_partition_has_one_number_whichever_threads_ask()
    {
        var sources = new SourcePartitions();
        using var together = new Barrier(4);
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return Enumerable.Range(0, 500).Select(partition => sources.IdOf(new TopicPartition("t", partition))).ToArray();
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.All(ids, of => Assert.Equal(ids[0], of));
        Assert.Equal(500, ids[0].Distinct().Count());
    }
}
