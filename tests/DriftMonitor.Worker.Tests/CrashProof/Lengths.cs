namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>How much is done: a minute or two with every test run, far more when <c>DRIFTMONITOR_CRASH_PROOF=long</c>.</summary>
internal static class Lengths
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("DRIFTMONITOR_CRASH_PROOF") == "long";

    public static int[] Seeds => Long ? [1, 2, 3] : [1];

    public static int KillsOfOne => Long ? 25 : 4;

    public static int KillsOfTwo => Long ? 25 : 3;

    public static int KillsAmongFaults => Long ? 10 : 2;

    public static int Zombies => Long ? 4 : 1;

    public static int LabelZombies => Long ? 6 : 1;

    public static int LabelFaults => Long ? 20 : 3;

    /// <summary>Models of ten thousand classes each, beside two honest ones: 288 MB of JSON are a thousand.</summary>
    public static int HostileModels => Long ? 1_000 : 60;

    /// <summary>The budget that they exceed as many times; 0 is that of the machine.</summary>
    public static long MemoryCells => Long ? 0 : 1_000_000;

    /// <summary>
    /// What may pass from an event to its register. Beside other tests a second; alone less, so that more windows meet late registers.
    /// </summary>
    public static long EvaluationDelayMs => Long ? 400 : 1_000;

    /// <summary>
    /// Where alarms are compared: what they are decided by must not depend on how busy the machine is. Alone the program's own; beside
    /// other tests somebody is three seconds late now and then.
    /// </summary>
    public static long AlarmsEvaluationDelayMs => Long ? 3_000 : 10_000;

    /// <summary>
    /// How far apart two groups' ends may be: what nobody could decide while lanes were dead is in no end, nor what a busy machine left
    /// out.
    /// </summary>
    public static long EndsApartMs => Long ? TestPlan.BasePaneMs : 20_000;
}
