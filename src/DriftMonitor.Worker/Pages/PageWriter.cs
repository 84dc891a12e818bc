using System.Net.Mime;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Net.Http.Headers;

namespace DriftMonitor.Worker.Pages;

/// <summary>Renders pages, with the layout around them, and answers with them. Safe for concurrent use.</summary>
/// <remarks>
/// Components are rendered to text and forgotten: no state is kept between requests, so no cookie, key or connection is needed.
/// </remarks>
internal sealed class PageWriter(IServiceProvider services, ILoggerFactory logs)
{
    /// <summary>Own files only, and nothing that stands in the text of a page: neither script nor style.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'";

    /// <param name="page">The page.</param>
    /// <param name="self">Its own address, relative to itself.</param>
    public async Task<string> RenderAsync(Page page, string self, SiteView? site)
    {
        await using var renderer = new HtmlRenderer(services, logs);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(Layout.Title)] = page.Title,
            [nameof(Layout.Body)] = page.Body,
            [nameof(Layout.Room)] = page.Room,
            [nameof(Layout.Root)] = page.Root,
            [nameof(Layout.Self)] = self,
            [nameof(Layout.Every)] = page.RefreshedEvery,
            [nameof(Layout.Version)] = site?.Version,
            [nameof(Layout.Replica)] = site?.Replica,
            [nameof(Layout.Problem)] = site?.Problem,
            [nameof(Layout.IsIncomplete)] = site is { AreStatusesRead: false },
        });
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<Layout>(parameters)).ToHtmlString());
    }

    public async Task WriteAsync(HttpContext context, Page page, SiteView? site)
    {
        var html = Encoding.UTF8.GetBytes(await RenderAsync(page, SelfOf(context.Request), site));
        var response = context.Response;
        response.StatusCode = page.Status;
        response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        response.Headers.CacheControl = "no-cache"; // it shows what is now, and another version may show it otherwise
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        await PageBody.WriteAsync(context, html, () => PageBody.Compress(html));
    }

    /// <summary>The last part of the path, with the query: it leads to itself also below the path of a proxy.</summary>
    private static string SelfOf(HttpRequest request) =>
        $"{request.Path.Value.AsSpan(request.Path.Value!.LastIndexOf('/') + 1)}{request.QueryString.Value}";
}
