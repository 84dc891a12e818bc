using System.Security.Cryptography;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// What all answers of the API have: a bounded number of them at once, an ETag, no answer where the asker has it already, and problems
/// instead of empty errors.
/// </summary>
internal static class ApiAnswers
{
    private const int MaxAtOnce = 16;

    /// <summary>Where the API is.</summary>
    public const string Root = "/api";

    /// <summary>Replicas that ask have places of their own: a page may ask for one here, and its owner for one there.</summary>
    public static void UseApiAnswers(this WebApplication app)
    {
        app.UseWhen(context => IsApi(context) && !context.IsPeer(), Answer);
        app.UseWhen(context => IsApi(context) && context.IsPeer(), Answer);

        void Answer(IApplicationBuilder api) =>
            api.Use(next => BoundedRequests.Bounded(context => AnswerAsync(context, next), MaxAtOnce, app.Services));

        static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var (response, wire) = (context.Response, context.Response.Body);
        using var body = new MemoryStream();
        response.Body = body;
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException problem)
        {
            response.Clear();
            var why = problem.InnerException is JsonException inner ? $" {ErrorText.Of(inner)}" : "";
            await Problems.WriteAsync(context, problem.StatusCode, "The request cannot be read", $"{ErrorText.Of(problem)}{why}");
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ApiAnswers))
                .RequestFailed(problem, context.Request.Path.ToString());
            response.Clear();
            await Problems.WriteAsync(
                context, StatusCodes.Status500InternalServerError, "Something is wrong with the monitor", "Its log says what.");
        }

        if (response.StatusCode >= StatusCodes.Status400BadRequest && body.Length == 0)
        {
            await Problems.WriteAsync(context, response.StatusCode, TitleOf(response.StatusCode));
        }

        response.Body = wire;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-cache";
        if (response.StatusCode == StatusCodes.Status200OK && HttpMethods.IsGet(context.Request.Method))
        {
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length))[..12])}\"";
            response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch.Any(known => known == "*" || known?.Contains(tag, StringComparison.Ordinal) == true))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                response.ContentType = null;
                return;
            }
        }

        response.ContentLength = body.Length;
        body.Position = 0;
        await body.CopyToAsync(wire, context.RequestAborted);
    }

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is no such thing here",
        StatusCodes.Status405MethodNotAllowed => "This cannot be done to it",
        StatusCodes.Status413PayloadTooLarge => "The body is too large",
        StatusCodes.Status415UnsupportedMediaType => "The body must be application/json",
        _ => "The request cannot be answered",
    };
}
