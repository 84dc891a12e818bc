using DriftMonitor.Worker.Tests.Broker;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Settings of a group under attack.</summary>
internal static class Settings
{
    /// <summary>
    /// One record a request, and one request at a time: a publication takes long enough to be killed in its middle. Commits are frequent.
    /// </summary>
    private static readonly string[] Fragile =
        ["--Kafka:Client:batch.num.messages=1", "--Kafka:Client:max.in.flight=1", "--Kafka:Client:auto.commit.interval.ms=300"];

    /// <summary>
    /// KIP-848, where the broker moves partitions one by one. It also says after how long a member is given up: the embedded one after 2 s,
    /// a real one after 45.
    /// </summary>
    public static readonly string[] ConsumerGroup = [.. Fragile, "--Kafka:Client:group.protocol=consumer"];

    /// <summary>
    /// The default protocol. A member is given up after two seconds, the least that the embedded broker is good for; others allow no less
    /// than six.
    /// </summary>
    public static string[] ClassicGroup(TestBroker broker) =>
        [
            .. Fragile, $"--Kafka:Client:session.timeout.ms={broker.SessionTimeoutMs(embedded: 2_000)}",
            "--Kafka:Client:heartbeat.interval.ms=200"];
}
