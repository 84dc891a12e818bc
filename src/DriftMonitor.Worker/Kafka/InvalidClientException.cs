namespace DriftMonitor.Worker.Kafka;

/// <summary>librdkafka refuses the properties of a client. The message names Kafka:Client and shows no secret.</summary>
internal sealed class InvalidClientException(string message) : Exception(message);
