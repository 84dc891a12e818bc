using Confluent.Kafka;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Tests.Metrics;

namespace DriftMonitor.Worker.Tests.Kafka;

public sealed class ClientErrorsTests
{
    private static readonly Secrets NoSecrets = new(new Dictionary<string, string>(), new HashSet<string>());

    private readonly LogLines _log = new();

    [Fact]
    public async Task Every_error_counts_and_a_trouble_is_told_once_until_it_has_not_been_heard_of_for_a_minute()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var errors = new ClientErrors(KafkaClient.Producer, NoSecrets, monitor.Metrics.Kafka, monitor.Time, _log);

        for (var i = 0; i < 10; i++)
        {
            errors.Note(new Error(i % 2 == 0 ? ErrorCode.Local_Transport : ErrorCode.Local_AllBrokersDown, "down"));
            monitor.Time.Advance(TimeSpan.FromSeconds(59));
        }

        errors.Note(new Error(ErrorCode.TopicAuthorizationFailed, "no")); // another trouble
        Assert.Equal(2, _log.All.Count);
        monitor.Time.Advance(TimeSpan.FromSeconds(2));
        errors.Note(new Error(ErrorCode.Local_Transport, "down again"));

        Assert.Equal(
            [
                "Warning: Kafka, Producer: down (Local_Transport); going on",
                "Warning: Kafka, Producer: no (TopicAuthorizationFailed); going on",
                "Warning: Kafka, Producer: down again (Local_Transport); going on",
            ],
            _log.All);
        var scrape = await monitor.Scrape();
        Assert.Equal(11, scrape.Value("""kafka_errors_total{client="producer",kind="unreachable"}"""));
        Assert.Equal(1, scrape.Value("""kafka_errors_total{client="producer",kind="denied"}"""));
        Assert.Equal(0, scrape.Value("""kafka_errors_total{client="panes",kind="unreachable"}"""));
        errors.ThrowIfFatal();
    }

    [Fact]
    public async Task A_fatal_error_counts_and_is_thrown_where_it_is_asked_for()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var errors = new ClientErrors(KafkaClient.Panes, NoSecrets, monitor.Metrics.Kafka, monitor.Time, _log);

        errors.Note(new Error(ErrorCode.FencedInstanceId, "fenced", isFatal: true));

        Assert.Equal("fenced", Assert.Throws<KafkaException>(errors.ThrowIfFatal).Message);
        // by whomever it is not asked for
        Assert.Equal(["Error: Kafka, Panes: fenced (FencedInstanceId); this client is of no more use"], _log.All);
        Assert.Equal(1, (await monitor.Scrape()).Value("""kafka_errors_total{client="panes",kind="fatal"}"""));
    }

    [Fact]
    public async Task What_is_waited_for_names_the_setting_that_it_may_follow_from()
    {
        await using var monitor = await ScrapedMonitor.Start();
        new ClientErrors(
            KafkaClient.Panes, NoSecrets, monitor.Metrics.Kafka, monitor.Time,
            _log).Note(new Error(ErrorCode.UnsupportedSaslMechanism, "no"));

        Assert.Equal(
            "Warning: Kafka, Panes: no (UnsupportedSaslMechanism): Kafka:Client:sasl.mechanism must be one of the brokers' "
            + "sasl.enabled.mechanisms; going on",
            Assert.Single(_log.All));
    }

    [Theory]
    [InlineData(ErrorCode.Local_Transport, false, KafkaErrorKind.Unreachable)]
    [InlineData(ErrorCode.Local_AllBrokersDown, false, KafkaErrorKind.Unreachable)]
    [InlineData(ErrorCode.Local_Authentication, false, KafkaErrorKind.Denied)]
    [InlineData(ErrorCode.GroupAuthorizationFailed, false, KafkaErrorKind.Denied)]
    [InlineData(ErrorCode.GroupAuthorizationFailed, true, KafkaErrorKind.Fatal)]
    [InlineData(ErrorCode.Local_MaxPollExceeded, false, KafkaErrorKind.Unexpected)]
    public void An_error_is_of_the_kind_of_what_to_do_about_it(ErrorCode code, bool fatal, object kind) =>
        Assert.Equal(kind, new Error(code, "", fatal).Kind());
}
