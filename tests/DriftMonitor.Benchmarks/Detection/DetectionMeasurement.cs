namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// Detection quality: <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- detection
/// check|false-alarms|hard|fixed|delay|effect|calibration [NAME]</c>.
/// </summary>
internal static class DetectionMeasurement
{
    /// <param name="what">Which.</param>
    /// <param name="only">Only streams with this in their name; null for all.</param>
    public static void Run(string what, string? only)
    {
        switch (what)
        {
            case "check":
                BaselineCheck.Run();
                break;
            case "false-alarms":
                FalseAlarmMeasurement.Run(only);
                break;
            case "hard":
                HardMeasurement.Run(only);
                break;
            case "fixed":
                FixedSettingsMeasurement.Run();
                break;
            case "delay":
                DelayMeasurement.Run(only);
                break;
            case "effect":
                EffectMeasurement.Run(only);
                break;
            case "calibration":
                CalibrationMeasurement.Run();
                break;
            default:
                Console.Error.WriteLine("detection check, false-alarms, hard, fixed, delay, effect or calibration");
                break;
        }
    }
}
