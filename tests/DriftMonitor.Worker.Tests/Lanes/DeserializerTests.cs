using Confluent.Kafka;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.Lanes;
using DriftMonitor.Worker.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Lanes;

/// <summary>
/// A decoder that throws all the same, here by a fault that is planted: its record is rejected, and kept for the dead-letter topic.
/// </summary>
public sealed class DeserializerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();

    private DecodingFaults Faults => new(_time, _log);

    [Fact]
    public void A_prediction_whose_decoder_throws_is_malformed_and_kept()
    {
        var settings = ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("Kafka:BootstrapServers", "kafka:9092"), new("Kafka:PredictionTopics", "predictions"),
                new("DeadLetter:Topic", "dead")]).Build());
        var deserializer = new PredictionDeserializer(
            settings, decoder: null!, Faults);
        var reader = Deserialize<PredictionReader>(deserializer, "predictions");
        Assert.True(reader.TryNext());
        Assert.Equal(RejectionReason.Malformed, reader.Record.Rejection);
        Assert.False(reader.TryNext());
        Assert.Equal("{}"u8, deserializer.Original.Value);
    }

    [Fact]
    public void A_label_whose_decoder_throws_is_malformed_and_kept()
    {
        var deserializer = Labels();
        Assert.Equal(
            RejectionReason.Malformed, Assert.Single(Deserialize<IReadOnlyList<FeedbackRecord>>(deserializer, "feedback")).Rejection);
        Assert.Equal("{}"u8, deserializer.Original.Value);
    }

    [Fact]
    public void That_decoders_throw_is_told_once_a_minute()
    {
        var deserializer = Labels();
        for (var record = 0; record < 10; record++)
        {
            Assert.Equal(
                RejectionReason.Malformed, Assert.Single(Deserialize<IReadOnlyList<FeedbackRecord>>(deserializer, "feedback")).Rejection);
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(4, _log.All.Count); // after 0, 60, 120 and 180 seconds
    }

    private FeedbackDeserializer Labels()
    {
        var faults = Faults;
        var labels = new LabelReader(SourceSettings.OwnJson, decoder: null!, 1_000, problem => faults.Tell(problem, "feedback"));
        return new FeedbackDeserializer(labels, predictions: null!, keepsOriginal: true);
    }

    private static T Deserialize<T>(IDeserializer<T> deserializer, string topic) =>
        deserializer.Deserialize("{}"u8, isNull: false, new SerializationContext(MessageComponentType.Value, topic));
}
