namespace DriftMonitor.Worker.Kafka;

/// <summary>Asks librdkafka itself about the properties that the user passes through to it.</summary>
internal static class ClientProperties
{
    private const string OfTheWrapper = "dotnet.";

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
}
