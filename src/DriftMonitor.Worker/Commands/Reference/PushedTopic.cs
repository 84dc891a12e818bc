using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary>The references topic as a command finds it, read once, and the references directory where it is at hand.</summary>
internal sealed class PushedTopic
{
    private readonly MonitorSettings _settings;
    private readonly TimeProvider _time;

    private PushedTopic(MonitorSettings settings, TimeProvider time)
    {
        (_settings, _time, References) = (settings, time, new PushedReferences(time));
        InDirectory = settings.ReferenceDirectory is { } directory
            ? new ReferenceDirectory(directory, time, NullLogger<ReferenceDirectory>.Instance)
                .Follow(settings.ReferencePollInterval, new HistoricalScheduler()).FirstAsync().Wait()
            : ReferenceSet.Empty;
    }

    public string Name => _settings.ReferencesTopic;

    public PushedReferences References { get; }

    /// <summary>What the references directory has in use.</summary>
    public ReferenceSet InDirectory { get; }

    /// <summary>What is in use of both.</summary>
    public ReferenceSet InUse =>
        ReferenceSet.Latest(References.InUse([]).ByModel.Values.Concat(InDirectory.ByModel.Values));

    /// <exception cref="InvalidConfigurationException">There is no such topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public static PushedTopic Read(MonitorSettings settings, TimeProvider time)
    {
        TopicSetup.PartitionsOf(settings, settings.ReferencesTopic);
        var topic = new PushedTopic(settings, time);
        new TopicRange(settings.Client, topic.Name, withHeaders: false, fromMs: 0, toMs: long.MaxValue, slackMs: 0, _ => { }).Read(
            record => topic.References.Add(
                ReferenceRecord.Read(record.Key, record.Value, record.IsNull),
                FormattableString.Invariant($"{record.Log} @{record.Position}")),
            _ => { });
        return topic;
    }

    /// <summary>The highest version of a model that anybody knows, 0 for none.</summary>
    public int HighestVersion(string model) => Math.Max(
        References.Of(model).Select(pushed => pushed.Record.Version).FirstOrDefault(), InDirectory.Of(model)?.Version ?? 0);

    /// <summary>What is in use of a model, on a line.</summary>
    public string TextOfUse(string model)
    {
        if (InUse.Of(model) is not { } used)
        {
            return $"{DisplayText.Of(model)} has no reference any more: its windows are compared with nothing";
        }

        var from = ReferenceEquals(used, InDirectory.Of(model)) ? ", of the references directory" : "";
        return $"in use: {ReferenceCommand.Describe(used)}{from}";
    }

    /// <summary>Writes a record, and takes it in.</summary>
    /// <returns>Where it stands.</returns>
    public async Task<string> WriteAsync(ReferenceRecord record, string what)
    {
        var place = await OwnTopicWriter.WriteAsync(_settings, new TopicPartition(Name, Partition.Any), record.ToMessage(), what);
        References.Add(record, $"{place}");
        return $"{place}";
    }

    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
