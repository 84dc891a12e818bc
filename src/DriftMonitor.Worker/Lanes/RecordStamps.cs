using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Lanes;

/// <summary>What is wrong with records' own timestamps.</summary>
/// <remarks>
/// The clocks of lanes follow these: one stamp years ahead would close every pane to come. This is the only decision about an event that
/// our clock has a part in, so another reader can decide otherwise once that time has come; by then the stamp is less than the time in
/// between ahead. Used by one thread.
/// </remarks>
internal sealed class RecordStamps(TimeProvider time, long allowedSkewMs)
{
    private long _nowMs;

    /// <returns><see cref="RejectionReason.None"/> when nothing is.</returns>
    public RejectionReason Problem(long recordTimeMs)
    {
        if (!JsonTimestamp.IsAllowed(recordTimeMs))
        {
            return RejectionReason.InvalidTimestamp;
        }

        if (recordTimeMs - _nowMs > allowedSkewMs) // the clock is looked at only then
        {
            _nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        }

        return recordTimeMs - _nowMs > allowedSkewMs ? RejectionReason.Future : RejectionReason.None;
    }
}
