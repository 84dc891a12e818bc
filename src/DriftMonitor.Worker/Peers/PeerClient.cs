using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using DriftMonitor.Worker.Status;
using Microsoft.AspNetCore.Mvc;

namespace DriftMonitor.Worker.Peers;

/// <summary>Asks other replicas for what only they know. Thread-safe.</summary>
/// <param name="secret">What requests are signed with; null for none: then nobody is asked.</param>
/// <param name="options">How answers are read.</param>
internal sealed class PeerClient(PeerSecret? secret, JsonSerializerOptions options, TimeProvider time) : IDisposable
{
    private const int MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>It follows nobody elsewhere, keeps no cookies and goes through no proxy: a peer is where it says.</summary>
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1), // an address may be another pod's by then
        UseCookies = false,
        UseProxy = false,
    })
    {
        MaxResponseContentBufferSize = MostBytes,
        Timeout = Patience,
    };

    /// <summary>Whether there is a secret.</summary>
    public bool CanAsk => secret is not null;

    public void Dispose() => _http.Dispose();

    /// <summary>Asks a replica.</summary>
    /// <param name="pathAndQuery">What for, from the root of its monitor: <c>/api/v1/…</c>.</param>
    /// <param name="user">For whom; empty for nobody. Their token is never sent.</param>
    /// <param name="body">What is sent along, as JSON; null for nothing.</param>
    public async Task<PeerAnswer<T>> AskAsync<T>(
        HttpMethod method, StatusOwner peer, string pathAndQuery, string user, object? body, CancellationToken cancelled)
        where T : class
    {
        if (secret is null || peer.Url is not { } url || !Uri.TryCreate(url.TrimEnd('/') + pathAndQuery, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps) || address.UserInfo.Length > 0
            || url.IndexOfAny(['?', '#']) >= 0)
        {
            return new(null, null, peer.Url is null ? "it does not say where it is reached" : "its address is none");
        }

        var bytes = body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body, options);
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Add(PeerSecret.UserHeader, Uri.EscapeDataString(user)); // a header holds ASCII only
        request.Headers.Add(PeerSecret.Header, secret.Sign(method.Method, url, pathAndQuery, user, bytes, time.GetUtcNow()));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancelled);
            if (!response.IsSuccessStatusCode)
            {
                return new(null, response.StatusCode, await ProblemOfAsync(response, cancelled));
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancelled);
            return await JsonSerializer.DeserializeAsync<T>(content, options, cancelled) is { } value
                ? new(value, response.StatusCode, null)
                : new(null, response.StatusCode, "its answer is empty");
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException)
        {
            return new(null, null, "its answer cannot be read: it may be of another version");
        }
        catch (HttpRequestException problem)
        {
            return new(null, null, $"it cannot be reached: {ErrorText.Of(problem)}");
        }
        catch (TaskCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return new(null, null, $"it does not answer within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>What a problem says, as far as it is one.</summary>
    private static async Task<string> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancelled)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<ProblemDetails>(cancelled) is { Detail: { } detail }
                ? detail
                : $"it answers {(int)response.StatusCode}";
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return $"it answers {(int)response.StatusCode}";
        }
    }
}
