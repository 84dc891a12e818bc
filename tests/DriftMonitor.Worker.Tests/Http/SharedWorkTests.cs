using DriftMonitor.Worker.Http;

namespace DriftMonitor.Worker.Tests.Http;

public sealed class SharedWorkTests
{
    private readonly Queue<TaskCompletionSource<string>> _begun = new();
    private readonly SemaphoreSlim _beginning = new(0);
    private readonly SharedWork<string> _work;

    public SharedWorkTests() => _work = new SharedWork<string>(() =>
    {
        var begun = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _begun.Enqueue(begun);
        _beginning.Release();
        return begun.Task;
    });

    [Fact]
    public async Task Who_asks_while_it_is_done_shares_the_result_and_who_asks_later_has_it_done_anew()
    {
        var first = _work.ResultAsync();
        var second = _work.ResultAsync();
        (await BegunAsync()).SetResult("once");

        var results = await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Same(results[0], results[1]);
        Assert.Empty(_begun);
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
