using System.CommandLine;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.State;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference list</c>: the snapshots of the references topic, and of the directory what is in use.</summary>
internal static class ListCommand
{
    public static Command Create(CommandConsole console, TimeProvider time) => TopicCommand.Create(
        console,
        new Command(
            "list",
            "List the references in the references topic, and in the references directory if this machine has it, and show which one is in "
            + "use for each model."),
        words: null,
        most: 0,
        (_, settings, _) =>
        {
            var topic = PushedTopic.Read(settings, time);
            var inUse = topic.InUse;
            var table = new Table().Border(TableBorder.Simple).AddColumn("model").AddNumbers("version").AddColumns("id", "created (UTC)")
                .AddNumbers("events").AddColumns("from", "");
            var known = topic.References.All.ToList();
            foreach (var pushed in known)
            {
                AddRow(table, pushed, pushed.Load(time.GetUtcNow()), inUse);
            }

            foreach (var snapshot in topic.InDirectory.ByModel.Values.OrderBy(one => one.Model, StringComparer.Ordinal))
            {
                AddRow(table, snapshot, snapshot.Model, snapshot.Version, "directory", StateOf(snapshot, inUse));
            }

            foreach (var unnamed in topic.References.Unnamed)
            {
                unnamed.Load(time.GetUtcNow());
                AddRow(table, null, unnamed.Record.Key, 0, "topic", $"refused: {unnamed.Problem}");
            }

            console.Show(table);
            return Task.FromResult(0);
        });

    private static void AddRow(Table table, PushedReferences.Pushed pushed, ReferenceSnapshot? snapshot, ReferenceSet inUse)
    {
        var state = pushed.Record.Undone is { } undone ? $"undone {TimeText.Utc(undone.AtMs)}{ByText(undone)}"
            : pushed.Problem is { } problem ? $"refused: {problem}"
            : StateOf(snapshot!, inUse);
        AddRow(table, snapshot, pushed.Record.Model, pushed.Record.Version, "topic", state);
    }

    private static void AddRow(Table table, ReferenceSnapshot? snapshot, string model, int version, string from, string state)
    {
        string[] cells =
        [
            MarkupText.Of(model), version.ToString(CultureInfo.InvariantCulture), snapshot?.Id ?? "–",
            snapshot is null ? "–" : TimeText.Utc(snapshot.CreatedAt),
            snapshot?.All.Events.ToString(CultureInfo.InvariantCulture) ?? "–", from, MarkupText.Of(state),
        ];
        table.AddRow(cells);
    }

    private static string StateOf(ReferenceSnapshot snapshot, ReferenceSet inUse) =>
        inUse.Of(snapshot.Model) is { } used && used.Id == snapshot.Id && used.Version == snapshot.Version ? "in use" : "";

    private static string ByText(DoneBy done) => done.By.Length > 0 ? $" by {DisplayText.Of(done.By)}" : "";
}
