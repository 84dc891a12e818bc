namespace DriftMonitor.Worker.Views;

/// <summary>When windows will be complete.</summary>
internal static class ReadyTime
{
    /// <summary>The end of the first window that has been seen whole, if all that feeds it goes on being read.</summary>
    /// <returns>Epoch milliseconds of event time; null where it is complete, or where only what feeds it is waited for.</returns>
    public static long? Of(LiveWindow window)
    {
        if (window.Complete)
        {
            return null;
        }

        var (behind, slide) = (window.SeenFromMs + window.Window.LengthMs, window.Window.SlideMs);
        return behind <= window.ToMs ? null : (behind + slide - 1) / slide * slide;
    }
}
