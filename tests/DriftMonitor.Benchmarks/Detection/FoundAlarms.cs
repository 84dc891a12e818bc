using DriftMonitor.Alarms;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>What was found on a stream in which nothing drifts, by smallest effect and severity.</summary>
internal sealed class FoundAlarms
{
    private const int Effects = 2;

    private static readonly AlarmSeverity[] Severities = Enum.GetValues<AlarmSeverity>();

    /// <summary>How many alarms began that somebody has to hear of.</summary>
    public long[,] Pages { get; } = new long[Effects, Severities.Length];

    /// <summary>At how many looks an alarm was on.</summary>
    public long[,] LooksOn { get; } = new long[Effects, Severities.Length];

    /// <summary>Clusters of looks above any warning threshold: what alarms were before.</summary>
    public long Clusters { get; set; }

    /// <summary>At how many looks one was on.</summary>
    public long LooksInClusters { get; set; }

    /// <summary>Those of each score alone.</summary>
    public long[] ByScore { get; } = new long[2 * FalseAlarmMeasurement.Windows.Length];

    /// <summary>Takes in how it stands after a pane.</summary>
    public void Look(SimulatedWatch watch)
    {
        for (var effect = 0; effect < Effects; effect++)
        {
            foreach (var severity in Severities)
            {
                Pages[effect, (int)severity] += watch.Begun(effect, severity);
                LooksOn[effect, (int)severity] += watch.IsOn(effect, severity) ? 1 : 0;
            }
        }
    }

    /// <summary>Adds what was found on another stream.</summary>
    public void Add(FoundAlarms other)
    {
        Clusters += other.Clusters;
        LooksInClusters += other.LooksInClusters;
        for (var i = 0; i < ByScore.Length; i++)
        {
            ByScore[i] += other.ByScore[i];
        }

        for (var effect = 0; effect < Effects; effect++)
        {
            for (var severity = 0; severity < Severities.Length; severity++)
            {
                Pages[effect, severity] += other.Pages[effect, severity];
                LooksOn[effect, severity] += other.LooksOn[effect, severity];
            }
        }
    }
}
