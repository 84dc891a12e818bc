using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DriftMonitor.Distributions;
using DriftMonitor.Divergence;
using DriftMonitor.References;
using DriftMonitor.Worker.References;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands;

/// <summary><c>reference build</c> and <c>reference show</c>.</summary>
internal static class ReferenceCommand
{
    private const int LongestName = 100;

    public static Command Create(TimeProvider time) =>
        new("reference", "Make and look at the snapshots that live windows are compared with.") { Build(time), Show() };

    private static Command Build(TimeProvider time)
    {
        var predictions = Arguments.File("--predictions", "Predictions from a time when the model was good, one JSON document a line.");
        var output = new Option<DirectoryInfo>("--output") { Description = "The directory to write MODEL-vVERSION.json into; made when missing.", Required = true, HelpName = "DIRECTORY" };
        var version = Arguments.Number("--snapshot-version", "Of one model's snapshots the highest version is used.", 1, 1, int.MaxValue);
        var model = new Option<string?>("--model") { Description = "The model of lines that name none." };
        var classes = new Option<string?>("--classes") { Description = "The classes in order, separated by commas; needs --model. Without it the first prediction fixes them.", HelpName = "A,B,…" };
        var scoreBins = Arguments.Number("--score-bins", "How many bins the scores of a model are put into, of equally many scores each.", ScoreBins.DefaultCount, 1, ScoreBins.MaxEdges - 1);
        var force = new Option<bool>("--force") { Description = "Write over snapshots that are there already." };
        var command = new Command("build", "Build a snapshot for each model in a file of predictions.") { predictions, output, version, model, classes, scoreBins, force };
        command.Validators.Add(result =>
        {
            if (result.GetValue(classes) is not null && result.GetValue(model) is null)
            {
                result.AddError("--classes needs --model: it says whose classes they are");
            }
        });
        command.SetAction(parsed => Failures.Told(() =>
        {
            ClassSpace? space = null;
            if (parsed.GetValue(classes) is { } names && !ClassSpace.TryCreate(names.Split(',', StringSplitOptions.TrimEntries), out space, out var problem))
            {
                throw new Configuration.InvalidConfigurationException([$"--classes: {problem}"]);
            }

            var path = parsed.GetRequiredValue(predictions).FullName;
            var result = ReferenceFromPredictions.Build(path, parsed.GetValue(model), space, parsed.GetValue(version), time.GetUtcNow(), parsed.GetValue(scoreBins));
            var directory = Directory.CreateDirectory(parsed.GetRequiredValue(output).FullName);
            string PathOf(ReferenceSnapshot snapshot) => Path.Combine(directory.FullName, FileName(snapshot));
            var there = parsed.GetValue(force) ? [] : result.Snapshots.Select(PathOf).Where(File.Exists).ToArray();
            if (there.Length > 0)
            {
                throw new Configuration.InvalidConfigurationException([.. there.Select(path => $"{path} is there already: give another --snapshot-version, or --force to write over it")]);
            }

            foreach (var snapshot in result.Snapshots)
            {
                var file = PathOf(snapshot);
                ReferenceFile.Write(snapshot, file);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file}: {snapshot.Model} version {snapshot.Version}, id {snapshot.Id}, {snapshot.All.Events} events over {snapshot.ClassSpace.ClassCount} classes"));
            }

            Console.WriteLine($"rejected lines: {ReferenceFromPredictions.Text(result.Rejected)}");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Show()
    {
        var file = Arguments.FileArgument("file", "A snapshot.");
        var command = new Command("show", "Show what a snapshot holds.") { file };
        command.SetAction(parsed => Failures.Told(() =>
        {
            Show(ReferenceFile.Read(parsed.GetRequiredValue(file).FullName));
            return Task.FromResult(0);
        }));
        return command;
    }

    private static void Show(ReferenceSnapshot snapshot)
    {
        string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
        var facts = new Grid().AddColumns(2)
            .AddRow("model", Markup.Escape(snapshot.Model))
            .AddRow("id", snapshot.Id)
            .AddRow("version", Number(snapshot.Version, "0"))
            .AddRow("created", snapshot.CreatedAt.ToString("u", CultureInfo.InvariantCulture))
            .AddRow("events (m)", Number(snapshot.All.Events, "0"))
            .AddRow("classes (K)", $"{snapshot.ClassSpace.ClassCount}, class space {snapshot.ClassSpace.Id}")
            .AddRow("segments", Markup.Escape(string.Join(", ", snapshot.Segments.Keys.Order(StringComparer.Ordinal))))
            .AddRow("blocks", $"{snapshot.Blocks.Length}")
            .AddRow("entropy", $"{Number(Entropy.Of(snapshot.All.Shares), "0.00000")} nats")
            .AddRow("noise floor", string.Join("  ", new long[] { 100, 1_000, 10_000, 100_000 }.Select(n =>
                $"{Number(NoiseFloor.Of(snapshot.All.Shares, snapshot.All.Variances, n, snapshot.All.Events), "0.00000")} nats at {n} events")));
        AnsiConsole.Write(facts);

        const int shown = 20;
        var table = new Table().Border(TableBorder.Simple).AddColumn("class")
            .AddColumn(new TableColumn("share").RightAligned()).AddColumn(new TableColumn("standard deviation").RightAligned()).AddColumn("");
        var order = Enumerable.Range(0, snapshot.ClassSpace.CellCount).OrderByDescending(k => snapshot.All.Shares[k]).ToArray();
        foreach (var k in order.Take(shown))
        {
            var share = snapshot.All.Shares[k];
            table.AddRow(
                Markup.Escape(snapshot.ClassSpace.NameOf(k)),
                Number(share, "0.00000"),
                Number(Math.Sqrt(snapshot.All.Variances[k]), "0.00000"),
                new string('█', (int)Math.Round(40 * share / Math.Max(snapshot.All.Shares[order[0]], double.Epsilon))));
        }

        AnsiConsole.Write(table);
        if (order.Length > shown)
        {
            AnsiConsole.WriteLine($"and {order.Length - shown} more");
        }
    }

    /// <summary>A name that no file system minds; when it is not the model's own, the hash of that keeps it apart from others.</summary>
    private static string FileName(ReferenceSnapshot snapshot)
    {
        var name = string.Concat(snapshot.Model.Take(LongestName).Select((c, i) => char.IsAsciiLetterOrDigit(c) || c is '_' || (i > 0 && c is '-' or '.') ? c : '_'));
        if (name != snapshot.Model)
        {
            name += "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(snapshot.Model)).AsSpan(0, 4));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name}-v{snapshot.Version}.json");
    }
}
