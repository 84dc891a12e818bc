using System.CommandLine;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference undo</c>: takes the latest pushed reference of a model back, so that the one before is in use again.</summary>
internal static class UndoCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) => TopicCommand.Create(
        console,
        new Command("undo", "Take the latest reference of a model in the references topic back: the one before it is in use again."),
        TopicCommand.Words("model", "The model."),
        most: 1,
        async (_, settings, words) =>
        {
            var (model, topic) = (words[0], PushedTopic.Read(settings, time));
            if (topic.References.Of(model).FirstOrDefault(pushed => pushed.Record.UndoneMs is null) is not { } latest)
            {
                throw new InvalidConfigurationException([$"model = '{model}': {topic.Name} has no reference of it that is not undone"]);
            }

            // What cannot be read at all is deleted: there is nothing to keep.
            var undone = latest.Load(time.GetUtcNow());
            var record = latest.Record.Content is null ? latest.Record.Deleted() : latest.Record with { UndoneMs = topic.NowMs };
            await topic.WriteAsync(record, "the undoing");
            var version = latest.Record.Version.ToString(CultureInfo.InvariantCulture);
            console.Output.WriteLine($"{DisplayText.Of(model)} version {version}{(undone is null ? "" : $", id {undone.Id}")}: undone");
            console.Output.WriteLine(topic.TextOfUse(model));
            if (undone is not null && topic.InUse.Of(model) is { } used
                && used.ClassSpace.Id != undone.ClassSpace.Id && used.CreatedAt < undone.CreatedAt)
            {
                console.Output.WriteLine(
                    $"warning: it has other classes than version {version} and is older, so monitors keep those of version {version}, and "
                    + "compare with nothing: push a new snapshot over the older classes");
            }

            return 0;
        });
}
