using DriftMonitor.Worker.Configuration;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

public sealed class TelemetrySettingsTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, false, "OTEL_EXPORTER_OTLP_ENDPOINT=")]
    [InlineData(false, false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector:4317")]
    [InlineData(true, true, Endpoint)]
    [InlineData(true, false, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector:4317")]
    [InlineData(false, true, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://collector:4317")]
    [InlineData(true, false, "OTEL_METRICS_EXPORTER=otlp")]
    [InlineData(false, true, "OTEL_LOGS_EXPORTER=otlp")]
    [InlineData(true, false, Endpoint, "OTEL_LOGS_EXPORTER=none")]
    [InlineData(true, true, Endpoint, "OTEL_METRICS_EXPORTER=otlp,prometheus")]
    [InlineData(false, true, Endpoint, "OTEL_METRICS_EXPORTER=prometheus")]
    [InlineData(false, false, Endpoint, "OTEL_LOGS_EXPORTER=none", "OTEL_METRICS_EXPORTER=none")]
    [InlineData(false, false, Endpoint, "OTEL_SDK_DISABLED=True")]
    [InlineData(true, true, Endpoint, "OTEL_SDK_DISABLED=1")] // the standard knows true alone
    public void Sends_what_the_variables_ask_for(bool metrics, bool logs, params string[] variables) =>
        Assert.Equal(new TelemetrySettings(metrics, logs), TelemetrySettings.Read(Of(variables)));

    [Theory]
    [InlineData(
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=collector:4317",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT = 'collector:4317': must be an address of http or https without a user, such as "
        + "http://collector:4317")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://me:hunter2@collector:4317",
        "OTEL_EXPORTER_OTLP_ENDPOINT = 'http://***@collector:4317': must be an address of http or https without a user, such as "
        + "http://collector:4317")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL = 'http/json': must be grpc or http/protobuf")]
    [InlineData("OTEL_LOGS_EXPORTER=console", "OTEL_LOGS_EXPORTER = 'console': must be otlp or none or prometheus")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL=1m", "OTEL_METRIC_EXPORT_INTERVAL = '1m': must be a whole number above 0")]
    [InlineData("OTEL_BLRP_MAX_QUEUE_SIZE=many", "OTEL_BLRP_MAX_QUEUE_SIZE = 'many': must be a whole number above 0")]
    [InlineData(
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS=hunter2", "OTEL_EXPORTER_OTLP_LOGS_HEADERS: must be name=value, several separated by commas")]
    [InlineData("OTEL_METRICS_EXPORTER=none", null)]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=a=b,c=d==", null)]
    public void Wrong_variable_is_a_problem_of_the_configuration(string variable, string? problem)
    {
        var read = Record.Exception(() => ConfigurationReader.Read(Of(variable)));
        Assert.Equal(problem is null ? [] : [problem], (read as InvalidConfigurationException)?.Problems ?? []);
    }

    private static IConfiguration Of(params string[] variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(variable => variable.Split('=', 2)).ToDictionary(part => part[0], part => (string?)part[1])
            .Append(new("Kafka:BootstrapServers", "kafka:9092")))
        .Build();
}
