using System.Net;
using System.Net.Sockets;
using DriftMonitor.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Commands.Health;

/// <summary><c>health</c>: what was asked and what came back, in a line and an exit code.</summary>
public sealed class HealthCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("served", "", 0, "200", "Healthy")]
    [InlineData("stalled", "no progress for 61 s", 1, "503", "no progress for 61 s")]
    public async Task A_service_is_as_healthy_as_it_says(string stage, string waitsFor, int exitCode, params string[] told)
    {
        await using var app = await StartAsync(
            health => health.AddStageHealth(stage, _ => (waitsFor.Length > 0 ? TimeSpan.FromSeconds(61) : TimeSpan.Zero, null)),
            web => web.UseMonitorHealth());
        var (code, output, error) = await HealthAsync("{}", $"--Urls={app.Urls.Single()}");
        Assert.Equal(exitCode, code);
        var line = Assert.Single((output + error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{(exitCode == 0 ? "" : "driftmonitor: ")}{app.Urls.Single()}/health/live: ", line, StringComparison.Ordinal);
        Assert.All(told, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.Equal(exitCode == 0, error.Length == 0);
    }

    [Fact]
    public async Task The_service_is_asked_where_its_file_of_settings_has_its_health()
    {
        await using var app = await StartAsync(_ => { }, web => web.MapGet(HealthEndpoints.LivePath, () => "here\nand \u001b[31mthere"));
        var (code, output, error) = await HealthAsync($$"""{ "Http": { "MetricsUrl": "{{app.Urls.Single()}}" } }""");
        Assert.Equal((0, $"{app.Urls.Single()}/health/live: 200 here\\nand \\u001b[31mthere\n", ""), (code, output, error));
    }

    [Fact]
    public async Task Another_program_in_its_place_is_not_healthy()
    {
        await using var app = await StartAsync(_ => { }, web => web.MapGet("/", () => "hello"));
        var (code, output, error) = await HealthAsync("{}", $"--Urls={app.Urls.Single()}");
        Assert.Equal((1, "", $"driftmonitor: {app.Urls.Single()}/health/live: 404 \n"), (code, output, error));
    }

    [Fact]
    public async Task No_service_is_not_healthy()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var (code, output, error) = await HealthAsync("{}", $"--Urls=http://0.0.0.0:{port}");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"driftmonitor: http://127.0.0.1:{port}/health/live: Connection refused", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_is_no_setting_is_reported() => Assert.Equal(
        (1, "", "driftmonitor: 9464: is neither an option of this command nor a setting; a setting has the form --Section:Name=value\n"),
        await HealthAsync("{}", "9464"));

    public void Dispose() => File.Delete(_file);

    private Task<(int ExitCode, string Output, string Error)> HealthAsync(string settings, params string[] arguments)
    {
        File.WriteAllText(_file, settings);
        return DriftMonitorConsole.RunAsync(["health", "--config", _file, .. arguments]);
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddLogging();
        add(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
