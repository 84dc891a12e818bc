namespace DriftMonitor.Worker.Configuration;

/// <summary>What of the monitor's own telemetry is sent by OTLP. OpenTelemetry's standard variables say so.</summary>
/// <remarks>Where it is sent to, and how, the SDK reads from the same variables.</remarks>
internal readonly record struct TelemetrySettings(bool SendsMetrics, bool SendsLogs)
{
    private const string Otlp = "otlp";

    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    /// <summary>Of a list, as the standard has it. Prometheus is served in any case.</summary>
    private static readonly string[] Exporters = [Otlp, "none", "prometheus"];

    /// <summary>The variables with a number, which the SDK would pass over in silence if it were none.</summary>
    private static readonly string[] Numbers =
    [
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT",
        "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", .. OfExporter("TIMEOUT"),
    ];

    public bool SendsAny => SendsMetrics || SendsLogs;

    public static TelemetrySettings Read(IConfiguration variables) =>
        IsOff(variables) ? default : new(Sends(variables, "METRICS"), Sends(variables, "LOGS"));

    /// <summary>A line for each variable whose value cannot be used.</summary>
    public static IEnumerable<string> Problems(IConfiguration variables)
    {
        if (IsOff(variables))
        {
            return [];
        }

        return
        [
            .. Wrong(
                OfExporter("ENDPOINT"), ValidationRules.IsLink,
                "an address of http or https without a user, such as http://collector:4317"),
            .. Wrong(OfExporter("PROTOCOL"), Protocols.Contains, string.Join(" or ", Protocols)),
            .. Wrong(
                ["OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"], text => ValidationRules.Items(text).All(Exporters.Contains),
                string.Join(" or ", Exporters)),
            .. from name in OfExporter("HEADERS") // their values are secret
               where !ValidationRules.Items(variables[name] ?? "").All(header => header.IndexOf('=') > 0)
               select $"{name}: must be name=value, several separated by commas",
            .. Wrong(Numbers, text => int.TryParse(text, NumberStyles.None, null, out var ms) && ms > 0, "a whole number above 0"),
        ];

        IEnumerable<string> Wrong(IEnumerable<string> names, Func<string, bool> allows, string allowed) =>
            from name in names
            let value = variables[name]
            where !string.IsNullOrEmpty(value) && !allows(value)
            select $"{name} = '{value}': must be {allowed}";
    }

    private static bool Sends(IConfiguration variables, string signal) =>
        variables[$"OTEL_{signal}_EXPORTER"] is { Length: > 0 } exporter
            ? ValidationRules.Items(exporter).Contains(Otlp)
            : !string.IsNullOrEmpty(variables["OTEL_EXPORTER_OTLP_ENDPOINT"])
                || !string.IsNullOrEmpty(variables[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);

    private static bool IsOff(IConfiguration variables) =>
        string.Equals(variables["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private static string[] OfExporter(string what) =>
        [$"OTEL_EXPORTER_OTLP_{what}", $"OTEL_EXPORTER_OTLP_METRICS_{what}", $"OTEL_EXPORTER_OTLP_LOGS_{what}"];
}
