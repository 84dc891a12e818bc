using System.Collections.Concurrent;
using System.Threading.Channels;

namespace DriftMonitor.Alarms;

/// <summary>The calibrations that wait to be worked out, each once: whoever needs a threshold asks again until it is there.</summary>
/// <remarks>
/// All traffic goes before single segments, of which there may be so many that a model would else wait long for what it needs most.
/// Thread-safe. Asking never waits: what does not fit is asked for again, and segments always leave room for all traffic.
/// </remarks>
public sealed class PendingCalibrations
{
    private const int Capacity = 10_000;

    private readonly Channel<CalibrationRequest> _requests = Channel.CreateUnboundedPrioritized(
        new UnboundedPrioritizedChannelOptions<CalibrationRequest>
        {
            Comparer = Comparer<CalibrationRequest>.Create(
            (one, other) => (one.OfSegment, one.Number).CompareTo((other.OfSegment, other.Number))),
        });
    private readonly ConcurrentDictionary<(string Subject, string ReferenceId, WindowSpec Window), byte> _pending = new();
    private readonly Lock _asking = new();
    private long _asked;

    /// <summary>How many wait or are being worked on.</summary>
    public int Pending => _pending.Count;

    /// <summary>Asks for a calibration, unless it is waiting already.</summary>
    public void Ask(CalibrationRequest request)
    {
        if (_pending.TryAdd((request.Subject, request.ReferenceId, request.Window), 0) && !TryAdd(request))
        {
            Done(request);
        }
    }

    /// <summary>The requests: those of all traffic first, and of each sort the oldest.</summary>
    public ChannelReader<CalibrationRequest> Requests => _requests.Reader;

    /// <summary>Says that a request has been dealt with, so that it can be asked for anew.</summary>
    public void Done(CalibrationRequest request) => _pending.TryRemove((request.Subject, request.ReferenceId, request.Window), out _);

    private bool TryAdd(CalibrationRequest request)
    {
        lock (_asking)
        {
            return _requests.Reader.Count < (request.OfSegment ? Capacity : 2 * Capacity)
                && _requests.Writer.TryWrite(request with { Number = _asked++ });
        }
    }
}
