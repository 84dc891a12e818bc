using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace DriftMonitor.Browser.Tests;

/// <summary>A tab of the <see cref="Browser"/>, with what went wrong in it and what it has asked for.</summary>
public sealed class Tab : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _errors = [];
    private readonly ConcurrentQueue<Uri> _requests = [];
    private readonly ConcurrentQueue<IRequest> _finished = [];

    internal Tab(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.RequestFailed += (_, request) => _errors.Enqueue($"{request.Url}: {request.Failure}");
        page.RequestFinished += (_, request) => _finished.Enqueue(request);
        page.Request += (_, request) => _requests.Enqueue(new Uri(request.Url));
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _errors.Enqueue($"{message.Type}: {message.Text}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Exceptions of scripts, errors and warnings of the console, and requests that failed.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>What was asked of a network, without <c>data:</c>, <c>blob:</c> and files.</summary>
    public IEnumerable<Uri> Requests => _requests.Where(address => address.Scheme is "http" or "https" or "ws" or "wss");

    /// <summary>What came over the wire in bodies of answers, compressed as they came.</summary>
    public async Task<long> BytesAsync()
    {
        var sizes = await Task.WhenAll(_finished.Select(request => request.SizesAsync()));
        return sizes.Sum(size => (long)size.ResponseBodySize);
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
