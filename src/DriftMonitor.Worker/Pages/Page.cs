using System.Net.Mime;
using System.Security.Cryptography;

namespace DriftMonitor.Worker.Pages;

/// <summary>A page for people: text, a style and nothing else. It asks for nothing but itself, and works without JavaScript.</summary>
internal sealed class Page
{
    private const string Style = """
        :root { color-scheme: light dark }
        body { margin: 0 auto; max-width: 68rem; padding: 1rem; font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word }
        h1 { font-size: 1.6rem } h2 { font-size: 1.25rem; margin-top: 2rem } h1, h2, h3 { line-height: 1.25 }
        p, ol, ul, pre { max-width: 50rem }
        a { color: light-dark(#0b57d0, #8ab4f8) } a:focus-visible { outline: 2px solid }
        li { margin: .3rem 0 } ul.names { columns: 17rem; padding-left: 1.2rem }
        code, pre { font-family: ui-monospace, monospace; font-size: .875rem; background: light-dark(#f1f3f4, #2b2f33); border-radius: 4px }
        code { padding: .1em .3em } pre { padding: .75rem; white-space: pre-wrap } pre code { padding: 0; background: none }
        table { border-collapse: collapse }
        th, td { border: 1px solid light-dark(#d0d4d9, #5a6068); padding: .35rem .5rem; text-align: left; vertical-align: top }
        @media (max-width: 44rem) {
          thead { display: none } tbody, tr, td { display: block }
          td { border: 0; padding: .1rem .35rem } td:first-child { border-top: 1px solid; margin-top: .5rem; font-weight: bold }
        }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly byte[] _bytes;

    private Page(string html) => _bytes = Encoding.UTF8.GetBytes(html);

    /// <param name="title">Text that needs no escape.</param>
    /// <param name="body">HTML.</param>
    public static Page Create(string title, string body) => new(
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} · DriftMonitor</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        {body}</main>
        </body>
        </html>

        """);

    /// <summary>Answers a request with the page; <c>HEAD</c> is told its type and length.</summary>
    public async Task WriteAsync(HttpContext context, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        response.ContentLength = _bytes.Length;
        response.Headers.CacheControl = "no-cache"; // another version may have another text
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(_bytes, context.RequestAborted);
        }
    }
}
