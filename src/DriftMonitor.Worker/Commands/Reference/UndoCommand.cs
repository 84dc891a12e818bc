using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Promotion;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference undo</c>: undoes the latest pushed reference of a model. The highest version left comes into use.</summary>
internal static class UndoCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) => TopicCommand.Create(
        console,
        new Command(
            "undo",
            "Undo the latest reference of a model in the references topic. Then the highest version that is left is in use, of the topic "
            + "or of the references directory. To undo a reference of the directory, remove its file."),
        TopicCommand.Words("model", "The model."),
        most: 1,
        async (_, settings, words) =>
        {
            var (model, topic) = (words[0], PushedTopic.Read(settings, time));
            if (await topic.UndoAsync(model, PushedTopic.User) is not var (version, undone))
            {
                throw new InvalidConfigurationException(
                    [$"model = '{model}': {topic.Name} has no reference of this model, or all of them are undone already"]);
            }

            var id = undone is null ? "" : $", id {undone.Id}";
            console.Say(string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Of(model)} version {version}{id}: undone"));
            console.Say(topic.TextOfUse(model));
            if (topic.WarningAfter(undone) is { } warning)
            {
                console.Say(warning);
            }

            return 0;
        });
}
