namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// Joins looks above a level to alarms: one begins with the first look above and ends once all have been below for so long.
/// </summary>
/// <param name="endsAfterLooks">How long, for each score.</param>
internal sealed class AlarmClusters(int[] endsAfterLooks)
{
    private readonly int[] _left = new int[endsAfterLooks.Length];

    /// <summary>Alarms begun by each score's own crossings.</summary>
    public long[] BegunBy { get; } = new long[endsAfterLooks.Length];

    public bool On { get; private set; }

    /// <summary>Takes the next look; says whether an alarm begins.</summary>
    public bool Add(ReadOnlySpan<float> scores, double level)
    {
        var before = On;
        On = false;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > level)
            {
                BegunBy[i] += _left[i] == 0 ? 1 : 0;
                _left[i] = endsAfterLooks[i];
            }
            else if (_left[i] > 0)
            {
                _left[i]--;
            }

            On |= _left[i] > 0;
        }

        return On && !before;
    }

    /// <summary>How many alarms begin at a level.</summary>
    /// <param name="scores">The scores of each look, look by look.</param>
    /// <param name="endsAfterLooks">As of the detector.</param>
    /// <param name="level">The level.</param>
    public static int Count(ReadOnlySpan<float> scores, int[] endsAfterLooks, double level)
    {
        var (clusters, count, width) = (new AlarmClusters(endsAfterLooks), 0, endsAfterLooks.Length);
        for (var at = 0; at < scores.Length; at += width)
        {
            count += clusters.Add(scores.Slice(at, width), level) ? 1 : 0;
        }

        return count;
    }
}
