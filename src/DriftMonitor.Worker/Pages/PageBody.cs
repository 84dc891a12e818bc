using System.IO.Compression;

namespace DriftMonitor.Worker.Pages;

/// <summary>The body of an answer, compressed for whoever takes that; <c>HEAD</c> is told its length.</summary>
internal static class PageBody
{
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes, Func<ReadOnlyMemory<byte>> compressed)
    {
        var takesGzip = context.Request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "gzip" && coding.Quality != 0);
        var body = takesGzip ? compressed() : bytes;
        context.Response.Headers.ContentEncoding = takesGzip ? "gzip" : default;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    public static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> bytes)
    {
        using var compressed = new MemoryStream(bytes.Length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes.Span);
        }

        return compressed.ToArray();
    }
}
