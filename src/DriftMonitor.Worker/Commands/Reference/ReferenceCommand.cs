using System.CommandLine;
using System.Security.Cryptography;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference</c>, and <c>reference build</c>.</summary>
internal static class ReferenceCommand
{
    private const int LongestName = 100;

    private static readonly WindowSpec Shortest = new Configuration.WindowOptions().ReadSpans([]).MinBy(window => window.LengthMs)!;

    public static Command Create(CommandConsole console, TimeProvider time, KeptCalibrations kept) =>
        new("reference", "Build, show and manage references. Live windows are compared with them; each is stored as a snapshot.")
        {
            Build(console, time),
            ReferenceShowCommand.Create(console, kept),
            PushCommand.Create(console, time),
            ListCommand.Create(console, time),
            UndoCommand.Create(console, time),
            PromoteCommand.Create(console, time),
        };

    private static Command Build(CommandConsole console, TimeProvider time)
    {
        var inputs = new RecordedInputs();
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "The directory to write MODEL-vVERSION.json into; created if missing.",
            Required = true,
            HelpName = "DIRECTORY",
        };
        var version = Arguments.Number(
            "--snapshot-version", "Version number of the snapshot. The service uses the highest version of each model.", 1, 1,
            int.MaxValue);
        var classes = new Option<string?>("--classes")
        {
            Description = "The classes in order, separated by commas; needs --model. Default: all classes that the predictions name.",
            HelpName = "A,B,…",
        };
        var scoreBins = Arguments.Number(
            "--score-bins", "Number of bins for scores. The bins are chosen so that they hold equally many scores.", ScoreBins.DefaultCount,
            1, ScoreBins.MaxEdges - 1);
        var versions = new Option<bool>("--versions")
        {
            Description = "Give each version of the model (segment version=…) a distribution of its own. Without this option, every "
                + "version is compared with the distribution of all traffic. With it, only a version that the reference does not "
                + "contain is compared with that distribution.",
        };
        var force = new Option<bool>("--force") { Description = "Overwrite snapshots that exist already." };
        var command = new Command(
            "build",
            "Build a snapshot for each model from recorded predictions of a time when the model was good. With labels, the snapshot also "
            + "has the cross-entropy and the accuracy of that time.")
        {
            output,
            version,
            classes,
            scoreBins,
            versions,
            force,
        };
        foreach (var option in inputs.Options)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(classes) is not null && result.GetResult("--model") is null)
            {
                result.AddError("--classes needs --model: it says whose classes they are");
            }
        });
        command.SetAction(parsed => console.TellFaults(() =>
        {
            ClassSpace? space = null;
            if (parsed.GetValue(classes) is { } names
                && !ClassSpace.TryCreate(names.Split(',', StringSplitOptions.TrimEntries), out space, out var problem))
            {
                throw new Configuration.InvalidConfigurationException([$"--classes: {problem}"]);
            }

            if (space is { ClassCount: 1 })
            {
                throw new Configuration.InvalidConfigurationException([$"--classes: {Configuration.ModelOptions.SingleClass}"]);
            }

            var problems = inputs.Problems(parsed).ToList();
            if (problems.Count > 0)
            {
                throw new Configuration.InvalidConfigurationException(problems);
            }

            var (recorded, how) = inputs.Predictions(console, parsed, slackMs: 0);
            var labels = inputs.Labels(console, parsed, slackMs: 0) is { } given
                ? new ReferenceFromPredictions.Labels(given.Records, given.How, inputs.Horizon(parsed))
                : null;
            var result = ReferenceFromPredictions.Build(
                recorded, inputs.Model(parsed), space, parsed.GetValue(version), time.GetUtcNow(), parsed.GetValue(scoreBins), labels, how,
                parsed.GetValue(versions));
            if (!(inputs.Accepts(console, parsed, result.Counts) & inputs.Accepts(console, parsed, result.LabelCounts)))
            {
                return CommandConsole.FailureExitCode;
            }

            var directory = Directory.CreateDirectory(parsed.GetRequiredValue(output).FullName);
            string PathOf(ReferenceSnapshot snapshot) => Path.Combine(directory.FullName, FileName(snapshot));
            var there = parsed.GetValue(force) ? [] : result.Snapshots.Select(PathOf).Where(File.Exists).ToArray();
            if (there.Length > 0)
            {
                throw new Configuration.InvalidConfigurationException(
                    [.. there.Select(path => $"{path} is there already: give another --snapshot-version, or --force to write over it")]);
            }

            foreach (var snapshot in result.Snapshots)
            {
                var path = PathOf(snapshot);
                ReferenceFile.Write(snapshot, path);
                console.Say($"{DisplayText.Of(path)}: {ReferenceText.Of(snapshot)}");
                foreach (var line in CoverageText.Lines(snapshot, Shortest))
                {
                    console.Say(DisplayText.Of(line));
                }
            }

            console.Say($"rejected lines: {RecordCounts.Text(result.Rejected)}");
            foreach (var line in result.Refused.Append(result.Labels?.Summary).OfType<string>())
            {
                console.Say(DisplayText.Of(line));
            }

            console.TellUnmatched(result.Labels);

            return 0;
        }));
        return command;
    }

    /// <summary>A name that no file system minds; when it is not the model's own, the hash of that keeps it apart from others.</summary>
    private static string FileName(ReferenceSnapshot snapshot)
    {
        var name = string.Concat(
            snapshot.Model.Take(LongestName).Select(
                (c, i) => char.IsAsciiLetterOrDigit(c) || c is '_' || (i > 0 && c is '-' or '.') ? c : '_'));
        if (name != snapshot.Model)
        {
            name += "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(snapshot.Model)).AsSpan(0, 4));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name}-v{snapshot.Version}.json");
    }
}
