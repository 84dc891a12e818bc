using System.Globalization;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Tests;

/// <summary>The tables of the READMEs say what the program does, in both directions.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Metrics_table_is_what_is_exported()
    {
        var golden = File.ReadAllText(
            Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Metrics", "Scrape.golden.txt"));
        var types = Type().Matches(golden).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var exported = Help()
            .Matches(golden)
            .Select(match => (match.Groups[1].Value, types[match.Groups[1].Value], match.Groups[2].Value))
            .Order();
        var documented = MetricRow()
            .Matches(Readme("Metrics"))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value))
            .Order();
        Assert.Equal(exported, documented);
    }

    [Fact]
    public void Configuration_table_has_every_key_with_its_default()
    {
        object[] sections = [
            new KafkaOptions(), new WindowOptions(), new LimitOptions(), new ModelOptions(), new DivergenceOptions(),
            new ReferenceOptions(), new DeadLetterOptions(), AlarmOptions.Defaults, AlarmOptions.Defaults.Budget,
            AlarmOptions.Defaults.SmallestEffect, new FeedbackOptions(),
            new SourceOptions(), new SchemaRegistryOptions(), new HttpOptions()];
        string[] names = [
            "Kafka", "Windows", "Limits", "Models:N", "Divergence", "References", "DeadLetter", "Alarms", "Alarms:Budget",
            "Alarms:SmallestEffect", "Feedback",
            "Sources:N", "Sources:N:SchemaRegistry", "Http"];
        var settings = sections.Zip(names, (options, section) => OptionsBinder.SettingsOf(options.GetType()).Values
                .Where(property => property.DeclaringType != typeof(ThresholdOptions) || options is AlarmOptions)
                .Where(
                    property => property.PropertyType == typeof(string)
                        || (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsPrimitive)
                .Select(property => ($"{section}:{property.Name}", Text(property.GetValue(options)))))
            .SelectMany(section => section)
            .Where(setting => setting.Item1 != "Kafka:BootstrapServers") // its default stands in appsettings.json
            .Order();
        var documented = SettingRow().Matches(Readme("Configuration") + Readme("Sources"))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value))
            .Where(
                setting => setting.Item1 is not (
                    "Kafka:BootstrapServers" or "Kafka:Client:*" or "Models:N:Classes" or "Models:N:*" or "Kafka:Formats:TOPIC" or "Urls"
                    or "Alarms:CompareWithRest" or "Http:PeerSecret:File"
                    or "Sources" or "Sources:N:Only" or "Sources:N:Map" or "Sources:N:SchemaRegistry:Client:*"))
            .Order();
        Assert.Equal(settings, documented);
    }

    [Fact]
    public void Queries_shown_are_those_that_run()
    {
        var design = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "README.md"));
        var queries = Query().Matches(design).Select(match => match.Groups[1].Value).ToList();
        string[] files = ["Lanes/PredictionConsumer.cs", "Windows/PaneConsumer.cs"];
        Assert.All(queries, query => Assert.InRange(query.Split('\n').Length, 2, 15));
        Assert.All(
            files.Zip(queries, (file, query) => (file, query)),
            shown => Assert.Contains(
                OneLine(shown.query),
                OneLine(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", shown.file))),
                StringComparison.Ordinal));
        Assert.Equal(files.Length, queries.Count);

        static string OneLine(string text) => Space().Replace(text, " ").Trim();
    }

    [Fact]
    public void Every_step_of_a_prediction_and_of_a_label_names_files_that_exist()
    {
        var src = Path.Combine(RepositoryFiles.Root, "src");
        string[] projects = ["DriftMonitor", "DriftMonitor.Worker"];
        var way = File.ReadAllText(Path.Combine(src, "README.md")).Split("\n## ").Single(
            section => section.StartsWith("The way of one prediction, and of one label\n", StringComparison.Ordinal));
        var ways = way.Split("\n\n").Where(part => Step().IsMatch(part)).Select(part => Step().Matches(part).ToList()).ToList();
        Assert.Equal(2, ways.Count);
        Assert.All(ways, steps => Assert.Equal(
            Enumerable.Range(1, steps.Count).Select(number => $"{number}"), steps.Select(step => step.Groups[1].Value)));
        Assert.All(ways, steps => Assert.InRange(steps.Count, 2, 12));
        Assert.All(ways.SelectMany(steps => steps), step =>
        {
            var files = SourceFile().Matches(step.Value).Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(files);
            Assert.All(files, file => Assert.Contains(projects, project => File.Exists(Path.Combine(src, project, file))));
        });
    }

    private static string Readme(string folder) =>
        File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", folder, "README.md"));

    private static string Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    [GeneratedRegex(@"^```csharp\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Query();

    [GeneratedRegex(@"^(\d+)\. .*(?:\n +.*)*", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"`([\w/]+\.cs)`")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^# HELP (\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex(@"^\| `(driftmonitor_\w+)` \| (\w+) \|[^|]*\| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"^\| `([A-Z]\w+(?::[\w*]+)*)` \| (?:`([^`]*)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
