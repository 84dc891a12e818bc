using System.Text.RegularExpressions;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Asks librdkafka itself about the properties that the user passes through to it.</summary>
internal static partial class ClientProperties
{
    private const string OfTheWrapper = "dotnet.";

    /// <summary>Properties of the wrapper's classes that have that prefix.</summary>
    private static readonly string[] WithPrefix =
    [
        "cancellation.delay.max.ms", "consume.result.fields", "delivery.report.fields", "enable.background.poll", "enable.delivery.reports",
    ];

    /// <summary>The names of the properties that Confluent's client describes: <c>SaslPassword</c> is <c>sasl.password</c>.</summary>
    public static ImmutableSortedSet<string> Known { get; } =
    [
        .. new[] { typeof(ConsumerConfig), typeof(ProducerConfig), typeof(AdminClientConfig) }
            .SelectMany(config => config.GetProperties())
            .Where(property => property.CanWrite)
            .Select(property => WordStart().Replace(property.Name, ".$0").ToLowerInvariant())
            .Select(name => Array.IndexOf(WithPrefix, name) >= 0 ? OfTheWrapper + name : name),
    ];

    /// <summary>Whether there is a property of that name, so that only its value can be wrong.</summary>
    public static bool IsKnown(string name) => Known.Contains(name);

    /// <summary>A line for each unknown property or invalid value. No line shows a value that librdkafka takes: it may be secret.</summary>
    public static IEnumerable<(string Property, string Problem)> Problems(IEnumerable<KeyValuePair<string, string>> properties)
    {
        var error = new byte[512];
        var configuration = Librdkafka.ConfigurationNew();
        try
        {
            foreach (var (name, value) in properties)
            {
                if (value is not null
                    && !name.StartsWith(OfTheWrapper, StringComparison.Ordinal)
                    && Librdkafka.ConfigurationSet(configuration, name, value, error, (nuint)error.Length) != 0)
                {
                    yield return (name, Encoding.UTF8.GetString(error.AsSpan(0, error.AsSpan().IndexOf((byte)0))));
                }
            }
        }
        finally
        {
            Librdkafka.ConfigurationDestroy(configuration);
        }
    }

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}
