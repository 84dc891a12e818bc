using Confluent.Kafka;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.Wire;

public sealed class PendingPublicationTests
{
    [Fact]
    public void Is_acknowledged_when_every_record_is()
    {
        var pending = new PendingPublication(7, 2);
        Assert.False(pending.IsAcknowledged);
        pending.OnDelivered(Report());
        Assert.False(pending.IsAcknowledged);
        pending.OnDelivered(Report());
        Assert.True(pending.IsAcknowledged);
        Assert.Equal(7, pending.SafeOffset);
    }

    [Fact]
    public void Without_records_is_acknowledged_at_once() => Assert.True(new PendingPublication(null, 0).IsAcknowledged);

    [Fact]
    public void Waits_for_the_ones_before_it()
    {
        var first = new PendingPublication(1, 1);
        var third = new PendingPublication(3, 1, new PendingPublication(2, 0, first));
        third.OnDelivered(Report());
        Assert.False(third.IsAcknowledged);
        first.OnDelivered(Report());
        Assert.True(third.IsAcknowledged);
    }

    [Fact]
    public void A_record_that_could_not_be_delivered_is_an_error_for_good_here_and_after_it()
    {
        var first = new PendingPublication(1, 2);
        var second = new PendingPublication(2, 0, first);
        first.OnDelivered(Report(ErrorCode.Local_MsgTimedOut));
        first.OnDelivered(Report());
        Assert.Equal(ErrorCode.Local_MsgTimedOut, first.Failure!.Error.Code);
        Assert.Equal(ErrorCode.Local_MsgTimedOut, second.Failure!.Error.Code);
        Assert.False(first.IsAcknowledged);
        Assert.False(second.IsAcknowledged);
    }

    private static DeliveryReport<byte[], byte[]> Report(ErrorCode code = ErrorCode.NoError) => new() { Error = new Error(code) };
}
