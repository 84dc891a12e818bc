using DriftMonitor.Worker.Http;
using Microsoft.Extensions.Time.Testing;

namespace DriftMonitor.Worker.Tests.Http;

public sealed class SharedWorkTests
{
    private readonly Queue<TaskCompletionSource<string>> _begun = new();
    private readonly SemaphoreSlim _beginning = new(0);
    private readonly SharedWork<string> _work;

    private readonly FakeTimeProvider _time = new();

    public SharedWorkTests() => _work = new SharedWork<string>(
        () =>
        {
            var begun = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _begun.Enqueue(begun);
            _beginning.Release();
            return begun.Task;
        },
        TimeSpan.FromSeconds(1),
        _time);

    [Fact]
    public async Task Who_asks_while_it_is_done_or_within_its_second_shares_the_result_and_who_asks_later_has_it_done_anew()
    {
        var first = _work.ResultAsync();
        var second = _work.ResultAsync();
        (await BegunAsync()).SetResult("once");

        var results = await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Same(results[0], results[1]);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Same(results[0], await _work.ResultAsync());
        Assert.Empty(_begun);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var third = _work.ResultAsync();
        (await BegunAsync()).SetResult("twice");
        Assert.Equal("twice", await third);
    }

    [Fact]
    public async Task A_failure_is_told_to_all_that_share_it_and_the_next_one_tries_again()
    {
        Task[] failed = [_work.ResultAsync(), _work.ResultAsync()];
        (await BegunAsync()).SetException(new InvalidOperationException("no"));

        foreach (var task in failed)
        {
            Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => task)).Message);
        }

        var next = _work.ResultAsync();
        (await BegunAsync()).SetResult("yes");
        Assert.Equal("yes", await next);
    }

    private async Task<TaskCompletionSource<string>> BegunAsync()
    {
        await _beginning.WaitAsync(TestContext.Current.CancellationToken);
        return _begun.Dequeue();
    }
}
