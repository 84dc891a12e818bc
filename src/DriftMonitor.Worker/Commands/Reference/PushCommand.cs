using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference push</c>: puts snapshots into the references topic, from which every replica uses them.</summary>
internal static class PushCommand
{
    /// <summary>How many versions of a model the topic keeps, for undo and to look at.</summary>
    private const int KeptVersions = 10;

    public static Command Create(CommandConsole console, TimeProvider time) => TopicCommand.Create(
        console,
        new Command(
            "push",
            "Put snapshots into the references topic. Every replica uses them within seconds; it keeps ten versions of each model."),
        TopicCommand.Words("file", "Snapshots, as reference build writes them."),
        int.MaxValue,
        async (_, settings, files) =>
        {
            var given = files.Select(path => Given.Read(path, time.GetUtcNow())).ToList();
            var topic = PushedTopic.Read(settings, time);
            var problems = given.SelectMany((one, i) => Problems(topic, one, given.Take(i))).ToArray();
            if (problems.Length > 0)
            {
                throw new InvalidConfigurationException(problems);
            }

            foreach (var one in given)
            {
                await PushAsync(console, topic, one.Snapshot, one.Record, one.Path);
            }

            return 0;
        });

    /// <summary>Pushes a snapshot, tells it, and deletes what is older than the versions that are kept.</summary>
    public static async Task PushAsync(
        CommandConsole console, PushedTopic topic, ReferenceSnapshot snapshot, ReferenceRecord record, string name)
    {
        var place = await topic.WriteAsync(record, DisplayText.Of(name));
        console.Output.WriteLine($"{DisplayText.Of(name)}: {ReferenceCommand.Describe(snapshot)}, pushed to {place}");
        if (topic.InUse.Of(snapshot.Model) is { } used && used.Id != snapshot.Id)
        {
            console.Output.WriteLine($"  {topic.TextOfUse(snapshot.Model)}");
        }

        var next = topic.References.Of(snapshot.Model).FirstOrDefault( // what an undo leads back to
            pushed => pushed.Record.UndoneMs is null && pushed.Record.Version != record.Version);
        foreach (var old in topic.References.Of(snapshot.Model).Skip(KeptVersions).Where(old => old != next).ToList())
        {
            await topic.WriteAsync(old.Record.Deleted(), "the end of an old version");
        }
    }

    /// <summary>Why a record cannot be pushed, null if it can.</summary>
    public static string? TooLarge(ReferenceRecord record) => record.Content!.Length <= ReferenceRecord.MaxBytes ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"it has {record.Content.Length / 1024.0 / 1024:0.00} MiB compressed, and may have {ReferenceRecord.MaxBytes / 1024.0 / 1024:0.00} "
        + $"in the topic: build it from less time or fewer segments, or put it into References:Directory of every replica");

    private static IEnumerable<string> Problems(PushedTopic topic, Given given, IEnumerable<Given> before)
    {
        var (path, snapshot) = (DisplayText.Of(given.Path), given.Snapshot);
        if (TooLarge(given.Record) is { } problem)
        {
            yield return $"{path}: {problem}";
        }

        var highest = topic.References.Of(snapshot.Model).FirstOrDefault();
        if (highest is not null && highest.Record.Version == snapshot.Version && highest.Load(snapshot.CreatedAt)?.Id == snapshot.Id)
        {
            yield break; // there already, or undone: it is in use again
        }

        var versions = before.Where(other => other.Snapshot.Model == snapshot.Model).Select(other => other.Snapshot.Version);
        var least = versions.Append(highest?.Record.Version ?? 0).Max() + 1;
        if (snapshot.Version < least)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: {snapshot.Model} has version {least - 1} in {topic.Name} already: build it with --snapshot-version {least}");
        }
    }

    private sealed record Given(string Path, ReferenceSnapshot Snapshot, ReferenceRecord Record)
    {
        public static Given Read(string path, DateTimeOffset now)
        {
            var content = ReferenceFile.ReadBytes(path);
            var snapshot = ReferenceFile.Parse(path, content, now);
            return new Given(path, snapshot, ReferenceRecord.Create(snapshot, content));
        }
    }
}
