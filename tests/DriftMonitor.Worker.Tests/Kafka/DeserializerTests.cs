using Confluent.Kafka;
using DriftMonitor.Events;
using DriftMonitor.Feedback;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Feedback;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Messages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DriftMonitor.Worker.Tests.Kafka;

/// <summary>A decoder that throws all the same, here by a fault that is planted: its record is rejected, and kept for the dead-letter topic.</summary>
public sealed class DeserializerTests
{
    [Fact]
    public void A_prediction_whose_decoder_throws_is_malformed_and_kept()
    {
        var settings = ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(
            [new("Kafka:BootstrapServers", "kafka:9092"), new("Kafka:PredictionTopics", "predictions"), new("DeadLetter:Topic", "dead")]).Build());
        var deserializer = new PredictionDeserializer(settings, new PredictionDecoder(new WatchedModels(1, 1, true), new PredictionDecoderSettings()), NullLogger.Instance);
        var record = Deserialize<PredictionRecord>(deserializer, "a topic that is not configured");
        Assert.Equal(RejectionReason.Malformed, record.Rejection);
        Assert.Equal("{}"u8, deserializer.Original.Value);
    }

    [Fact]
    public void A_label_whose_decoder_throws_is_malformed_and_kept()
    {
        var deserializer = new FeedbackDeserializer(decoder: null!, keepsOriginal: true, NullLogger.Instance);
        Assert.Equal(RejectionReason.Malformed, Deserialize<FeedbackRecord>(deserializer, "feedback").Rejection);
        Assert.Equal("{}"u8, deserializer.Original.Value);
    }

    private static T Deserialize<T>(IDeserializer<T> deserializer, string topic) =>
        deserializer.Deserialize("{}"u8, isNull: false, new SerializationContext(MessageComponentType.Value, topic));
}
