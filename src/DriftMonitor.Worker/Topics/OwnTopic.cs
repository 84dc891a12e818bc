namespace DriftMonitor.Worker.Topics;

/// <summary>A topic of our own as it must be: made so when it is missing, and checked when it is there.</summary>
/// <param name="Key">The setting that names it: <c>Kafka:PanesTopic</c>.</param>
/// <param name="Partitions">How many partitions it is made with. One that is there may have another number.</param>
/// <param name="MaxMessageBytes">The largest record batch that it must take.</param>
/// <param name="RetentionMs">
/// How long it must keep records, <see cref="ForEver"/> for always; null when that is for whoever runs the brokers to say.
/// </param>
/// <param name="CleanupPolicy"><c>delete</c>, <c>compact</c> or both, separated by a comma.</param>
internal sealed record OwnTopic(
    string Key, string Name, int Partitions, int MaxMessageBytes, long? RetentionMs, string CleanupPolicy = "delete")
{
    /// <summary>A retention without an end.</summary>
    public const long ForEver = -1;

    private const string NoLimit = "-1";
    private const int SegmentsOfRetention = 4;
    private const int CompactedSegmentMs = 10 * 60_000;

    /// <summary>What the topic is made with.</summary>
    /// <remarks>
    /// Only whole segments are deleted, and not the one that is written to: with the brokers' week to a segment, nothing would go for a
    /// week. A quarter of the retention bounds what is kept beyond it, and keeps files few.
    /// </remarks>
    public ImmutableDictionary<string, string> Settings
    {
        get
        {
            var settings = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            settings["cleanup.policy"] = CleanupPolicy;
            settings["max.message.bytes"] = Text(MaxMessageBytes);
            if (RetentionMs is { } retention)
            {
                settings["retention.ms"] = Text(retention);
                settings["retention.bytes"] = NoLimit;
                settings["segment.ms"] = Text(retention / SegmentsOfRetention);
            }

            if (CleanupPolicy.Contains("compact", StringComparison.Ordinal))
            {
                // The last segment is never compacted, and whoever restores from the topic reads it all; nulls are for the compaction only.
                settings["segment.ms"] = Text(CompactedSegmentMs);
                settings["delete.retention.ms"] = Text(CompactedSegmentMs);
                settings["min.cleanable.dirty.ratio"] = "0.2";
            }

            return settings.ToImmutable();
        }
    }

    /// <summary>What would lose data, a line each.</summary>
    /// <param name="present">The settings of the topic that is there. Those that are not told are not looked at.</param>
    public IEnumerable<string> Problems(IReadOnlyDictionary<string, string> present)
    {
        var policies = Words(present.GetValueOrDefault("cleanup.policy", CleanupPolicy));
        if (policies.Contains("compact") && !Words(CleanupPolicy).Contains("compact"))
        {
            yield return Line("cleanup.policy", present["cleanup.policy"], CleanupPolicy, "compaction keeps only the last record of a key");
        }

        if (RetentionMs is { } retention && policies.Contains("delete"))
        {
            if (Number("retention.ms") is { } kept && kept >= 0 && (kept < retention || retention == ForEver))
            {
                yield return retention == ForEver
                    ? Line("retention.ms", Text(kept), $"{NoLimit}, for ever", "nobody writes again what it holds")
                    : Line(
                        "retention.ms", Text(kept), $"at least {Text(retention)}, or {NoLimit} for ever",
                        "windows are rebuilt from what it holds");
            }

            if (Number("retention.bytes") is { } bytes && bytes >= 0)
            {
                yield return Line(
                    "retention.bytes", Text(bytes), $"{NoLimit}, no limit", "how much the windows need depends on the traffic");
            }
        }

        if (Number("max.message.bytes") is { } largest && largest < MaxMessageBytes)
        {
            yield return Line("max.message.bytes", Text(largest), $"at least {Text(MaxMessageBytes)}", "as much as one record may need");
        }

        long? Number(string setting) =>
            long.TryParse(present.GetValueOrDefault(setting), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;

        string Line(string setting, string value, string required, string why) =>
            $"{Key} = '{Name}': that topic has {setting} = {value}, which loses data ({why}): must be {required}";
    }

    private static string[] Words(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
