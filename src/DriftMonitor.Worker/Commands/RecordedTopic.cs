using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Commands;

/// <summary>The options that name a topic's range of time.</summary>
internal sealed class RecordedTopic
{
    private readonly Option<string?> _topic = new("--topic")
    {
        Description = "A topic of predictions, instead of files.",
        HelpName = "NAME",
    };
    private readonly Option<long?> _from = Time("--from", "The first record timestamp to read.");
    private readonly Option<long?> _to = Time("--to", "Where reading ends, exclusive; the topic's end when left out.");
    private readonly Option<string?> _brokers = new("--brokers")
    {
        Description = "The topic's brokers; the service's if left out.",
        HelpName = "HOST:PORT",
    };
    private readonly Option<string[]> _client = new("--client")
    {
        Description = "A librdkafka property, as security.protocol=SASL_SSL; NAME:File=PATH reads its value from a file.",
        HelpName = "NAME=VALUE",
    };
    private readonly Option<string?> _format = new("--topic-format")
    {
        Description = $"What the topic's records are written in: {SourceOptions.FormatsAllowed}.",
        HelpName = "FORMAT",
    };

    public IEnumerable<Option> Options => [_topic, _from, _to, _brokers, _client, _format];

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_topic) is not null;

    /// <summary>A line for each option that does not go with the others.</summary>
    public IEnumerable<string> Problems(ParseResult parsed, RecordedSources sources)
    {
        if (!IsGiven(parsed))
        {
            return Options.Where(option => parsed.GetResult(option) is not null).Select(option => $"{option.Name}: goes with --topic only");
        }

        string[] two = parsed.GetResult(_format) is not null && sources.IsGiven(parsed)
            ? ["--topic-format: must be left out with --source, which says it"]
            : [];
        Option[] needed = sources.Client(parsed) is null ? [_from, _brokers] : [_from];
        return needed.Where(option => parsed.GetResult(option) is null).Select(
            option => $"{option.Name}: must be given with --topic").Concat(two);
    }

    /// <summary>The range that is named, and how it is read; <see cref="Problems"/> must be none.</summary>
    /// <param name="source">How it is read where the options do not say the format.</param>
    /// <param name="service">How the service reaches its brokers, where the options do not say it; null where that is not known.</param>
    /// <exception cref="InvalidConfigurationException">Lists every value that is wrong.</exception>
    public (IRecordedPredictions Range, RecordedSource Source) Read(
        CommandConsole console, ParseResult parsed, RecordedSource source, ClientSettings? service, long slackMs)
    {
        var topic = parsed.GetValue(_topic)!;
        var written = (service?.Properties ?? ImmutableSortedDictionary<string, string>.Empty).ToDictionary(
            property => $"Kafka:Client:{property.Key}", string? (property) => property.Value);
        written["Kafka:PredictionTopics"] = topic;
        written["Kafka:BootstrapServers"] = parsed.GetValue(_brokers) ?? service?.BootstrapServers;
        if (parsed.GetValue(_format) is { } format)
        {
            written[$"Kafka:Formats:{topic}"] = format;
        }

        foreach (var property in parsed.GetValue(_client) ?? [])
        {
            var parts = property.Split('=', 2);
            written[$"Kafka:Client:{parts[0]}"] = parts is [_, var value]
                ? value
                : throw new InvalidConfigurationException([$"--client {parts[0]}: must be NAME=VALUE"]);
        }

        var (from, to) = (parsed.GetValue(_from)!.Value, parsed.GetValue(_to) ?? long.MaxValue);
        if (to <= from)
        {
            throw new InvalidConfigurationException(["--to: must be later than --from"]);
        }

        try
        {
            var settings = ConfigurationReader.Read(new ConfigurationBuilder().AddInMemoryCollection(written).Build());
            source = parsed.GetValue(_format) is null ? source : source with { Source = settings.Predictions[topic] };
            var withHeaders = source.Source.ReadsHeaders;
            return (new TopicRange(settings.Client, topic, withHeaders, from, to, slackMs, console.Tell), source);
        }
        catch (InvalidConfigurationException problem)
        {
            throw new InvalidConfigurationException([.. problem.Problems.Select(line => line
                .Replace($"Kafka:Formats:{topic}", "--topic-format", StringComparison.Ordinal)
                .Replace("Kafka:PredictionTopics", "--topic", StringComparison.Ordinal)
                .Replace("Kafka:BootstrapServers", "--brokers", StringComparison.Ordinal)
                .Replace("Kafka:Client:", "--client ", StringComparison.Ordinal))]);
        }
    }

    private static Option<long?> Time(string name, string description) => new(name)
    {
        Description = $"{description} RFC 3339, as 2026-01-01T00:00:00Z, or epoch milliseconds.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms);
            if (isNumber ? JsonTimestamp.IsAllowed(ms) : JsonTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out ms))
            {
                return ms;
            }

            result.AddError($"{name} = '{text}': must be a time as 2026-01-01T00:00:00Z, or epoch milliseconds, of the years 2000 to 2100");
            return null;
        },
    };
}
