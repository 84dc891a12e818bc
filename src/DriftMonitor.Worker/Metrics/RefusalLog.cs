using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Metrics;

/// <summary>
/// Logs rejected records, each reason of a topic once an hour at most; and, within a minute, that a topic is refused as a whole, or that
/// most of it is duplicates. Not thread-safe.
/// </summary>
internal sealed class RefusalLog(ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromHours(1);

    /// <summary>Two of them without an accepted record, the second with a rejected one, are a topic that is refused as a whole.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, OfTopic> _topics = new(StringComparer.Ordinal);

    /// <summary>Takes note of a rejected record.</summary>
    public void Note(TopicMetrics topic, RejectionReason reason, in NotedRecord record)
    {
        var state = Of(topic);
        state.First ??= (reason, record);
        if (!state.ToldAt.TryGetValue(reason, out var last) || time.GetElapsedTime(last) >= Between)
        {
            state.ToldAt[reason] = time.GetTimestamp();
            log.RecordRejected(
                topic.Topic, record.Partition, record.Offset, RejectionLabels.Of(reason), WhereOf(record), ReasonText.Expected(reason),
                RemedyOf(reason, record), ReasonText.Page);
        }
    }

    /// <summary>Looks whether a topic is refused as a whole. To be called often; most calls do nothing.</summary>
    public void LookAt(TopicMetrics topic)
    {
        var state = Of(topic);
        if (time.GetElapsedTime(state.LookedAt) < Look)
        {
            return;
        }

        state.LookedAt = time.GetTimestamp();
        TellDuplicates(topic, state);
        var (rejected, accepted) = (topic.Rejected, topic.Accepted);
        var (isAnyRejected, isAnyAccepted) = (rejected > state.Rejected, accepted > state.Accepted);
        if (isAnyAccepted)
        {
            (state.First, state.WholeToldAt) = (null, null);
        }
        else if (isAnyRejected && state.WasNoneAccepted && state.First is { } first
            && (state.WholeToldAt is not { } last || time.GetElapsedTime(last) >= Between))
        {
            state.WholeToldAt = time.GetTimestamp();
            log.TopicRefused(
                topic.Topic, rejected - state.Rejected, first.Record.Partition, first.Record.Offset, RejectionLabels.Of(first.Reason),
                WhereOf(first.Record), ReasonText.Expected(first.Reason), RemedyOf(first.Reason, first.Record), ReasonText.Page);
        }

        (state.Rejected, state.Accepted, state.WasNoneAccepted) = (rejected, accepted, !isAnyAccepted);
    }

    /// <summary>Tells if more than half of the predictions are duplicates: an id may name something else than one prediction.</summary>
    private void TellDuplicates(TopicMetrics topic, OfTopic state)
    {
        var (duplicates, read) = (topic.Duplicates - state.Duplicates, topic.Events - state.Events);
        (state.Duplicates, state.Events) = (topic.Duplicates, topic.Events);
        if (2 * duplicates > read && (state.DuplicatesToldAt is not { } last || time.GetElapsedTime(last) >= Between))
        {
            state.DuplicatesToldAt = time.GetTimestamp();
            log.TopicFullOfDuplicates(topic.Topic, duplicates, read, ReasonText.DuplicateRemedy);
        }
    }

    private static string WhereOf(in NotedRecord record) => record.Where is { } where ? $" at {where}" : "";

    private static string RemedyOf(RejectionReason reason, in NotedRecord record) =>
        record.Remedy is { } remedy ? $"What to do: {remedy}" : $"What to do: {ReasonText.Remedy(reason)}";

    private OfTopic Of(TopicMetrics topic)
    {
        if (!_topics.TryGetValue(topic.Topic, out var state))
        {
            _topics[topic.Topic] = state = new OfTopic { LookedAt = time.GetTimestamp() };
        }

        return state;
    }

    private sealed class OfTopic
    {
        public Dictionary<RejectionReason, long> ToldAt { get; } = [];

        /// <summary>The first record that was rejected since one has counted.</summary>
        public (RejectionReason Reason, NotedRecord Record)? First { get; set; }

        public bool WasNoneAccepted { get; set; } = true;

        public long? WholeToldAt { get; set; }

        public long? DuplicatesToldAt { get; set; }

        public long LookedAt { get; set; }

        public long Duplicates { get; set; }

        public long Events { get; set; }

        public long Rejected { get; set; }

        public long Accepted { get; set; }
    }
}
