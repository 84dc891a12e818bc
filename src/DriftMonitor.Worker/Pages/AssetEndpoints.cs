using DriftMonitor.Worker.Http;
using Microsoft.Net.Http.Headers;

namespace DriftMonitor.Worker.Pages;

/// <summary>
/// <c>GET /assets/NAME</c>: the files that pages load, which a browser keeps for as long as their address stays the same.
/// </summary>
internal static class AssetEndpoints
{
    private const int MaxAtOnce = 64; // a page loads five of them, and a few people open pages at the same moment
    private const string ForEver = "public, max-age=31536000, immutable";

    public static void MapAssets(this IEndpointRouteBuilder app) => app.MapMethods(
        "/assets/{name}", [HttpMethods.Get, HttpMethods.Head], BoundedRequests.Bounded(AnswerAsync, MaxAtOnce, app.ServiceProvider));

    private static async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.XContentTypeOptions = "nosniff";
        if (!PageAssets.ByName.TryGetValue((string)request.RouteValues["name"]!, out var asset))
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var tag = new EntityTagHeaderValue($"\"{asset.Version}\"", isWeak: true); // one for both codings
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = request.Query["v"] == asset.Version ? ForEver : "no-cache";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (request.GetTypedHeaders().IfNoneMatch.Any(held => held.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = asset.ContentType;
        await PageBody.WriteAsync(context, asset.Bytes, () => asset.Gzip);
    }
}
