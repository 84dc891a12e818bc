using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace DriftMonitor.Worker.Http;

/// <summary>Who may do what: everybody reads unless a token is for reading; changing needs a token for it.</summary>
internal static class Access
{
    /// <summary>The policy of what only shows, and of what changes anything, whose role it also is.</summary>
    public const string Read = "read";

    /// <inheritdoc cref="Read"/>
    public const string Change = "change";

    /// <summary>The role of another replica of the group.</summary>
    public const string Peer = "peer";

    private const int ChangesAMinute = 60;

    /// <summary>Adds tokens, policies and a limit of how often anybody may try to change something.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services, AccessTokens tokens)
    {
        services.AddSingleton(tokens);
        services.AddWebEncoders();
        services.AddAuthenticationCore(options =>
        {
            options.AddScheme<AccessHandler>(AccessHandler.Name, displayName: null);
            options.DefaultScheme = AccessHandler.Name;
        });
        services.AddTransient<AccessHandler>();
        services.AddOptions<AuthenticationSchemeOptions>();
        services.AddAuthorizationPolicyEvaluator(); // and not its cache, which would make all endpoints before the server listens
        services.AddAuthorizationCore(options =>
        {
            options.AddPolicy(Read, policy => policy.RequireAssertion(
                asked => !tokens.ReadingNeedsToken || asked.User.Identity?.IsAuthenticated == true));
            options.AddPolicy(Change, policy => policy.RequireRole(Change));
        });
        // ASP.NET's own middleware never disposes of its limiters, whose timers then hold the whole service after it has stopped.
        services.AddSingleton(_ => PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = ChangesAMinute, Window = TimeSpan.FromMinutes(1) })));
        return services;
    }

    /// <summary>Has requests counted, then asked who makes them.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseRouting();
        var limiter = app.Services.GetRequiredService<PartitionedRateLimiter<HttpContext>>();
        app.Use(async (context, next) =>
        {
            using var place = MayChange(context) ? limiter.AttemptAcquire(context) : null;
            if (place is { IsAcquired: false })
            {
                context.Response.Headers.RetryAfter = "60";
                await Problems.WriteAsync(
                    context, StatusCodes.Status429TooManyRequests, "Too many changes",
                    FormattableString.Invariant($"{ChangesAMinute} requests a minute from one address: try again in a minute."));
                return;
            }

            await next();
        });
        app.UseAuthentication();
        app.UseAuthorization();
    }

    /// <summary>Whether a request asks for what only <see cref="Change"/> may do.</summary>
    private static bool MayChange(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(rule => rule.Policy == Change) == true;

    /// <summary>Whether a request may see anything, where its endpoint says by itself what it may not.</summary>
    public static bool MayRead(this HttpContext context) =>
        !context.RequestServices.GetRequiredService<AccessTokens>().ReadingNeedsToken || context.User.Identity?.IsAuthenticated == true;

    /// <summary>Whether another replica asks, who then wants to know what this one knows itself.</summary>
    public static bool IsPeer(this HttpContext context) => context.User.IsInRole(Peer);
}
