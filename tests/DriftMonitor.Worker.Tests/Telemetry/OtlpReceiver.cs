using System.Collections.Concurrent;
using DriftMonitor.Worker.Tests.Telemetry.Proto;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Telemetry;

/// <summary>Takes OTLP over loopback, by either protocol, and keeps what it was sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const int FrameBytes = 5; // before each message of gRPC: whether it is compressed, and its length

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ResourceMetrics> _metrics = [];
    private readonly ConcurrentQueue<ResourceLogs> _logs = [];
    private readonly ConcurrentQueue<string> _tokens = [];
    private volatile bool _isDown;

    private OtlpReceiver(bool isGrpc)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(server => server.ConfigureEndpointDefaults(
            endpoint => endpoint.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.MapPost(
            isGrpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics",
            context => Take(context, bytes => Keep(_metrics, MetricsRequest.Parser.ParseFrom(bytes).Resources)));
        _app.MapPost(
            isGrpc ? "/opentelemetry.proto.collector.logs.v1.LogsService/Export" : "/v1/logs",
            context => Take(context, bytes => Keep(_logs, LogsRequest.Parser.ParseFrom(bytes).Resources)));

        async Task Take(HttpContext context, Action<byte[]> keep)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _tokens.Enqueue(context.Request.Headers.Authorization.ToString());
            if (_isDown)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            keep(body.ToArray()[(isGrpc ? FrameBytes : 0)..]);
            context.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
            if (isGrpc)
            {
                await context.Response.Body.WriteAsync(new byte[FrameBytes]);
                context.Response.AppendTrailer("grpc-status", "0");
            }
        }
    }

    public string Address => _app.Urls.Single();

    /// <summary>Whether it answers that it takes nothing now.</summary>
    public bool IsDown
    {
        set => _isDown = value;
    }

    /// <summary>What stood in the header of each request.</summary>
    public IReadOnlyCollection<string> Tokens => _tokens;

    public IEnumerable<Resource> Resources => _metrics.Select(sent => sent.Resource).Concat(_logs.Select(sent => sent.Resource));

    public IEnumerable<Metric> Metrics => _metrics.SelectMany(sent => sent.Scopes).SelectMany(scope => scope.Metrics);

    public IEnumerable<LogRecord> Logs => _logs.SelectMany(sent => sent.Scopes).SelectMany(scope => scope.Records);

    /// <summary>Everything, as a text to look for what must not be in it.</summary>
    public string All => string.Join('\n', _metrics.Select(sent => $"{sent}").Concat(_logs.Select(sent => $"{sent}")));

    public static async Task<OtlpReceiver> StartAsync(bool isGrpc)
    {
        var receiver = new OtlpReceiver(isGrpc);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public static string? Attribute(IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value is { } value
            ? value.ValueCase == AnyValue.ValueOneofCase.IntValue ? $"{value.IntValue}" : value.StringValue
            : null;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Keep<T>(ConcurrentQueue<T> kept, IEnumerable<T> sent)
    {
        foreach (var one in sent)
        {
            kept.Enqueue(one);
        }
    }
}
