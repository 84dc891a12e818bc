using System.Collections.Concurrent;
using System.Threading.Channels;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Alarms;

/// <summary>The calibrations that wait to be worked out, each once: whoever needs a threshold asks again until it is there.</summary>
/// <remarks>Thread-safe. Asking never waits: what does not fit is asked for again.</remarks>
internal sealed class CalibrationQueue
{
    private const int Capacity = 10_000;

    private readonly Channel<CalibrationRequest> _requests = Channel.CreateBounded<CalibrationRequest>(Capacity);
    private readonly ConcurrentDictionary<(string Subject, string ReferenceId, WindowSpec Window), byte> _pending = new();

    /// <summary>How many wait or are being worked on.</summary>
    public int Pending => _pending.Count;

    /// <summary>Asks for a calibration, unless it is waiting already.</summary>
    public void Ask(CalibrationRequest request)
    {
        if (_pending.TryAdd((request.Subject, request.ReferenceId, request.Window), 0) && !_requests.Writer.TryWrite(request))
        {
            Done(request);
        }
    }

    /// <summary>The requests, the oldest first.</summary>
    public ChannelReader<CalibrationRequest> Requests => _requests.Reader;

    /// <summary>Says that a request has been dealt with, so that it can be asked for anew.</summary>
    public void Done(CalibrationRequest request) => _pending.TryRemove((request.Subject, request.ReferenceId, request.Window), out _);
}
