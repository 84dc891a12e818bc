namespace DriftMonitor.Worker.Kafka;

/// <summary>Tells of the topics that a consumer reads which are others than they were. Used by the consumer's thread.</summary>
internal sealed class ReplacedTopics(TopicIds ids, IReadOnlyCollection<string> topics)
{
    private readonly Dictionary<string, string> _known = []; // by topic, the id that it was read under

    /// <summary>The topics that were deleted and made again since the last call.</summary>
    public IEnumerable<string> Take()
    {
        foreach (var topic in topics)
        {
            if (ids.Of(topic) is { } id && !_known.TryAdd(topic, id) && _known[topic] != id)
            {
                _known[topic] = id;
                yield return topic;
            }
        }
    }
}
