using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Lanes;

/// <summary>Reports decoders that throw, which none should: at most once a minute, since every record may make one throw.</summary>
internal sealed class DecodingFaults(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private long? _toldAt;

    public void Tell(Exception problem, string topic)
    {
        if (_toldAt is not { } last || time.GetElapsedTime(last) >= Between)
        {
            _toldAt = time.GetTimestamp();
            log.RecordUndecodable(problem, topic);
        }
    }
}
