using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference push</c>: puts snapshots into the references topic, from which every replica uses them.</summary>
internal static class PushCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) => TopicCommand.Create(
        console,
        new Command(
            "push",
            "Put snapshots into the references topic. Every replica uses them within seconds. The topic keeps the last ten versions of "
            + "each model."),
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
                Tell(console, topic, one.Snapshot, await topic.PushAsync(one.Record, one.Path, PushedTopic.User), one.Path);
            }

            return 0;
        });

    /// <summary>Tells of a snapshot that was pushed.</summary>
    /// <param name="place">Where it was written; null where it is in use already.</param>
    /// <param name="name">What it is of, in words.</param>
    public static void Tell(CommandConsole console, PushedTopic topic, ReferenceSnapshot snapshot, string? place, string name)
    {
        var done = place is null ? "in use already, so nothing was pushed" : $"pushed to {place}";
        console.Say($"{DisplayText.Of(name)}: {ReferenceText.Of(snapshot)}, {done}");
        if (topic.InUse.Of(snapshot.Model) is { } used && used.Id != snapshot.Id)
        {
            console.Say($"  {topic.TextOfUse(snapshot.Model)}");
        }
    }

    private static IEnumerable<string> Problems(PushedTopic topic, Given given, IEnumerable<Given> before)
    {
        var (path, snapshot) = (DisplayText.Of(given.Path), given.Snapshot);
        if (given.Record.TooLarge is { } problem)
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
