using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace DriftMonitor.Worker.Promotion;

/// <summary>The references topic as it is found, read once, and the references directory where it is at hand.</summary>
internal sealed class PushedTopic
{
    /// <summary>How many versions of a model the topic keeps, for undo and to look at.</summary>
    private const int KeptVersions = 10;

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

    /// <param name="model">Whose references are kept; null for those of all.</param>
    /// <exception cref="InvalidConfigurationException">There is no such topic.</exception>
    /// <exception cref="KafkaException">The brokers cannot be reached.</exception>
    public static PushedTopic Read(MonitorSettings settings, TimeProvider time, string? model = null)
    {
        TopicSetup.PartitionsOf(settings, settings.ReferencesTopic);
        var topic = new PushedTopic(settings, time);
        new TopicRange(settings.Client, topic.Name, withHeaders: false, fromMs: 0, toMs: long.MaxValue, slackMs: 0, _ => { }).Read(
            record =>
            {
                var read = ReferenceRecord.Read(record.Key, record.Value, record.IsNull);
                if (model is null || read.Model == model)
                {
                    topic.References.Add(read, FormattableString.Invariant($"{record.Log} @{record.Position}"));
                }
            },
            _ => { });
        return topic;
    }

    /// <summary>Who works with a command.</summary>
    public static string User => $"{Environment.UserName} on {Environment.MachineName}";

    /// <summary>What was pushed last of a snapshot's model, where that is in use and has the same content; null otherwise.</summary>
    public ReferenceSnapshot? SameInUse(ReferenceSnapshot snapshot) =>
        Latest(snapshot.Model)?.Load(_time.GetUtcNow()) is { } pushed && pushed.Id == snapshot.Id
            && InUse.Of(snapshot.Model) is { } used && used.Id == pushed.Id && used.Version == pushed.Version
            ? pushed
            : null;

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
        return $"in use: {ReferenceText.Of(used)}{from}";
    }

    /// <summary>Pushes a snapshot, and deletes what is older than the versions that are kept.</summary>
    /// <param name="name">What it is of, in words.</param>
    /// <param name="by">Who does it.</param>
    /// <returns>Where it stands.</returns>
    public async Task<string> PushAsync(ReferenceRecord record, string name, string by)
    {
        var place = await WriteAsync(record with { Pushed = new DoneBy(by, NowMs) }, DisplayText.Of(name));
        var next = References.Of(record.Model).FirstOrDefault( // what an undo leads back to
            pushed => pushed.Record.Undone is null && pushed.Record.Version != record.Version);
        foreach (var old in References.Of(record.Model).Skip(KeptVersions).Where(old => old != next).ToList())
        {
            await WriteAsync(old.Record.Deleted(), "the end of an old version");
        }

        return place;
    }

    /// <summary>Takes a model's latest reference back, so that the one before is in use again.</summary>
    /// <param name="by">Who does it.</param>
    /// <returns>The version, and what it was, null where that cannot be read; null where there is none that is not undone.</returns>
    public async Task<(int Version, ReferenceSnapshot? Snapshot)?> UndoAsync(string model, string by)
    {
        if (Latest(model) is not { } latest)
        {
            return null;
        }

        // What cannot be read at all is deleted: there is nothing to keep.
        var undone = latest.Load(_time.GetUtcNow());
        var record = latest.Record.Content is null ? latest.Record.Deleted() : latest.Record with { Undone = new DoneBy(by, NowMs) };
        await WriteAsync(record, "the undoing");
        return (latest.Record.Version, undone);
    }

    /// <summary>The latest reference of a model that is not undone; null for none.</summary>
    public PushedReferences.Pushed? Latest(string model) => References.Of(model).FirstOrDefault(pushed => pushed.Record.Undone is null);

    /// <summary>What to mind when a reference of other classes is in use again; null for nothing.</summary>
    public string? WarningAfter(ReferenceSnapshot? undone) =>
        undone is not null && InUse.Of(undone.Model) is { } used
            && used.ClassSpace.Id != undone.ClassSpace.Id && used.CreatedAt < undone.CreatedAt
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"warning: it has other classes than version {undone.Version} and is older, so monitors keep those of version "
                + $"{undone.Version}, and compare with nothing: push a new snapshot over the older classes")
            : null;

    /// <summary>Writes a record, and takes it in.</summary>
    /// <returns>Where it stands.</returns>
    private async Task<string> WriteAsync(ReferenceRecord record, string what)
    {
        var place = await OwnTopicWriter.WriteAsync(_settings, new TopicPartition(Name, Partition.Any), record.ToMessage(), what);
        References.Add(record, $"{place}");
        return $"{place}";
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
