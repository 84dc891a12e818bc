using System.Net;
using DriftMonitor.Worker.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>A probe asks from the first moment on: to make all other addresses ready took a tenth of the time until it was told.</summary>
public sealed class FirstAnswerTests
{
    [Fact]
    public async Task A_probe_is_answered_before_any_other_address_is_made_ready()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore().AddLogging().AddAccess(AccessTokens.None);
        builder.Services.AddStageHealth("predictions", _ => (TimeSpan.Zero, null));
        await using var app = builder.Build();
        app.UseMonitorHealth();
        app.UseAccess();
        var made = 0;
        app.MapGet("/page", context => context.Response.WriteAsync("here")).Add(_ => made++);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var live = await GetAsync(HealthEndpoints.LivePath);
        Assert.Equal((HttpStatusCode.OK, 0), (live.StatusCode, made));
        using var page = await GetAsync("/page");
        Assert.Equal(1, made);

        Task<HttpResponseMessage> GetAsync(string path) =>
            http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
