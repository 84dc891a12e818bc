using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;

namespace DriftMonitor.Tests;

/// <summary>
/// Virtual time in milliseconds since the epoch: what is scheduled happens in order when the time runs, and none of it waits.
/// </summary>
internal sealed class Timeline
{
    public HistoricalScheduler Scheduler { get; } = new(DateTimeOffset.UnixEpoch);

    public void At(long ms, Action act) => Scheduler.ScheduleAbsolute(DateTimeOffset.FromUnixTimeMilliseconds(ms), act);

    /// <summary>A source that gives values at their times, to whoever has subscribed by then.</summary>
    public Subject<T> Hot<T>(params (long Ms, T Value)[] values)
    {
        var subject = new Subject<T>();
        foreach (var (ms, value) in values)
        {
            At(ms, () => subject.OnNext(value));
        }

        return subject;
    }

    /// <summary>
    /// The time, every so many milliseconds, beginning a moment after the first period so that what happens at that time comes first.
    /// </summary>
    public IObservable<long> Ticks(int everyMs) => Observable
        .Interval(TimeSpan.FromMilliseconds(everyMs), Scheduler)
        .Delay(TimeSpan.FromTicks(1), Scheduler)
        .Select(_ => Scheduler.Now.ToUnixTimeMilliseconds());

    public void RunTo(long ms) => Scheduler.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(ms).AddTicks(5));
}
