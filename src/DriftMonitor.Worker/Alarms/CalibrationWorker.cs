using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Alarms;

/// <summary>Works out the calibrations that are asked for, one after the other, on a thread of its own beside the two stages.</summary>
/// <remarks>
/// The thread asks for the lowest priority, which Linux does not heed: it takes at most one core. It begins when what was kept has been
/// read (<see cref="CalibrationTopic"/>), which a calibration takes instead of the work. A stop does not wait for it: what it has not
/// finished is lost. A calibration that fails leaves its windows without a threshold, is counted, logged once until it succeeds, and tried
/// again when it is next asked for. One that succeeds has the windows judged anew that it is for.
/// </remarks>
internal sealed class CalibrationWorker(
    PendingCalibrations queue, AlarmDesk desk, MonitorMetrics metrics, TimeProvider time,
    ILogger<CalibrationWorker> log, CalibrationTopic? topic = null) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<(string Subject, string Window)> _failed = [];
    private readonly Dictionary<(string Subject, string Window), string> _short = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(() => Run(_stopping.Token)) { Name = "calibration", IsBackground = true, Priority = ThreadPriority.Lowest }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

    private void Run(CancellationToken stop)
    {
        try
        {
            topic?.WaitUntilRead(stop);
            while (queue.Requests.WaitToReadAsync(stop).AsTask().GetAwaiter().GetResult())
            {
                while (!stop.IsCancellationRequested && queue.Requests.TryRead(out var request))
                {
                    var known = Try(request, () => WorkOut(request));
                    if (known && request.Series is { } series)
                    {
                        Try(request, () => desk.JudgeAnew(series, request.Window));
                    }

                    queue.Done(request); // nothing is pending once what follows from it is shown
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // stopped
        }
    }

#pragma warning disable CA1031 // whatever is wrong with one reference must leave the other models with their thresholds
    private bool Try(CalibrationRequest request, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception fault)
        {
            metrics.References.CountCalibrationFailure();
            if (_failed.Add((request.Subject, request.Window.Name)))
            {
                log.CalibrationFailed(fault, request.Subject, request.Window.Name);
            }

            return false;
        }
    }
#pragma warning restore CA1031

    private void WorkOut(CalibrationRequest request)
    {
        var started = time.GetTimestamp();
        var shortfalls = request.Prepare();
        _failed.Remove((request.Subject, request.Window.Name));
        metrics.References.CountCalibration(time.GetElapsedTime(started));
        TellWhatIsShort(request, string.Join("; ", shortfalls.Select(ShortfallText.Of)));
    }

    /// <summary>Once, and again when another reference lacks something else.</summary>
    private void TellWhatIsShort(CalibrationRequest request, string shortfalls)
    {
        if (_short.GetValueOrDefault((request.Subject, request.Window.Name), "") != shortfalls)
        {
            _short[(request.Subject, request.Window.Name)] = shortfalls;
            if (shortfalls.Length > 0)
            {
                log.ReferenceTooSmall(request.Subject, request.Window.Name, shortfalls);
            }
        }
    }
}
