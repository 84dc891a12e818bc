using System.Diagnostics.Tracing;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Telemetry;

/// <summary>Logs what the SDK reports of an endpoint that does not take telemetry: once until it takes it again.</summary>
internal sealed class OtlpTroubles(ILogger<OtlpTroubles> log) : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    private const string Success = "ExportSuccess";

    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var told = eventData.Payload?.Select(part => FirstLine(Convert.ToString(part, CultureInfo.InvariantCulture))).ToArray() ?? [];
        var endpoint = told.FirstOrDefault() ?? "";
        lock (_failing)
        {
            if (eventData.EventName == Success)
            {
                if (_failing.Remove(endpoint))
                {
                    log.TelemetrySent(endpoint);
                }
            }
            else if (eventData.Level <= EventLevel.Warning)
            {
                var isEndpoint = Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https");
                if (_failing.Add(isEndpoint ? endpoint : eventData.EventName ?? ""))
                {
                    log.TelemetryUnsent(isEndpoint ? endpoint : "the collector", string.Join(", ", told.Prepend(eventData.EventName)));
                }
            }
        }
    }

    private static string FirstLine(string? text) => text?.Split('\n', 2)[0].TrimEnd() ?? "";
}
