using System.Security.Claims;
using System.Text.Encodings.Web;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Views;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace DriftMonitor.Worker.Http;

/// <summary>
/// Finds out who asks: by a bearer token in the header, or as a replica that signs with the common secret. Never by a cookie.
/// </summary>
internal sealed class AccessHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, AccessTokens tokens, ThisReplica replica,
    TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Token";

    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.ContainsKey(PeerSecret.Header))
        {
            return await IsOfPeerAsync()
                ? Success(Uri.UnescapeDataString(Request.Headers[PeerSecret.UserHeader].ToString()), Access.Peer, Access.Change)
                : AuthenticateResult.Fail("no replica of this group signed that");
        }

        var header = Request.Headers.Authorization.ToString();
        return header.Length == 0 ? AuthenticateResult.NoResult()
            : !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? AuthenticateResult.Fail("not a bearer token")
            : tokens.Find(header[Bearer.Length..].Trim()) is { } known
                ? Success(known.Name, known.MayChange ? [Access.Change] : [])
                : AuthenticateResult.Fail("nobody has this token");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(
            Context, StatusCodes.Status401Unauthorized, "A token is needed",
            "Send 'Authorization: Bearer TOKEN' with a token of Http:Tokens.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Problems.WriteAsync(
        Context, StatusCodes.Status403Forbidden, "This token may only read", "Changing needs a token with Role=change in Http:Tokens.");

    private async Task<bool> IsOfPeerAsync()
    {
        if (tokens.Peers is not { } peers)
        {
            return false;
        }

        Request.EnableBuffering(ServerLimits.MostBodyBytes, ServerLimits.MostBodyBytes);
        using var body = new MemoryStream();
        await Request.Body.CopyToAsync(body, Context.RequestAborted);
        Request.Body.Position = 0;
        return peers.Verifies(
            Request.Headers[PeerSecret.Header].ToString(), Request.Method, replica.Owner.Url ?? "",
            Request.Path.Value + Request.QueryString.Value,
            Uri.UnescapeDataString(Request.Headers[PeerSecret.UserHeader].ToString()), body.ToArray(), time.GetUtcNow());
    }

    private static AuthenticateResult Success(string name, params string[] roles) => AuthenticateResult.Success(
        new AuthenticationTicket(
            new ClaimsPrincipal(
                new ClaimsIdentity(
                    [new Claim(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], Name)),
            Name));
}
