namespace DriftMonitor.Tests;

/// <summary>
/// How often what is random is tried: as often as the planted mutants need with every test run, more when <c>DRIFTMONITOR_TRIALS=full</c>.
/// </summary>
internal static class Trials
{
    public static bool AreFull { get; } = Environment.GetEnvironmentVariable("DRIFTMONITOR_TRIALS") == "full";

    public static int Of(int everyRun, int full) => AreFull ? full : everyRun;
}
