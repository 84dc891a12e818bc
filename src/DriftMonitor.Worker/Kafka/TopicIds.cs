using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>
/// The ids of the topics that are read, as the brokers last told them: one that was deleted and made again has another. Asked for in the
/// background; brokers before Kafka 2.8, and the embedded one, tell none.
/// </summary>
/// <param name="ask">Asks the brokers.</param>
internal sealed class TopicIds(
    Func<CancellationToken, Task<ImmutableDictionary<string, string>>> ask, TimeProvider time, ILogger<TopicIds> log) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenFailures = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private int _rounds;
    private volatile ImmutableDictionary<string, string> _ids = ImmutableDictionary<string, string>.Empty;

    /// <summary>For whoever asks no broker.</summary>
    public static TopicIds None { get; } = new(
        _ => Task.FromResult(ImmutableDictionary<string, string>.Empty), TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<TopicIds>.Instance);

    /// <summary>How often the brokers have been asked.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>The id of a topic; null while none is known.</summary>
    public string? Of(string topic) => _ids.GetValueOrDefault(topic);

    public static async Task<ImmutableDictionary<string, string>> AskAsync(IAdminClient admin, IEnumerable<string> topics)
    {
        var described = await admin.DescribeTopicsAsync(
            TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = Timeout });
        return Known(described.TopicDescriptions);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var between = Between;
            try
            {
                _ids = _ids.SetItems(await ask(stoppingToken).WaitAsync(stoppingToken)); // a broker without a controller lets it wait
            }
            catch (DescribeTopicsException problem)
            {
                _ids = _ids.SetItems(Known(problem.Results.TopicDescriptions)); // a topic that is gone for now keeps its id
            }
            catch (KafkaException problem)
            {
                log.TopicIdsUnknown(problem.Message);
                between = problem.Error.Code is ErrorCode.Local_UnsupportedFeature ? BetweenFailures : Between;
            }

            Interlocked.Increment(ref _rounds);
            await Task.Delay(between, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ImmutableDictionary<string, string> Known(IEnumerable<TopicDescription> topics) => topics
        .Where(topic => !topic.Error.IsError && (topic.TopicId.MostSignificantBits != 0 || topic.TopicId.LeastSignificantBits != 0))
        .ToImmutableDictionary(topic => topic.Name, topic => topic.TopicId.ToString(), StringComparer.Ordinal);
}
