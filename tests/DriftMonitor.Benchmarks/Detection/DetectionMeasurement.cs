namespace DriftMonitor.Benchmarks.Detection;

/// <summary>
/// Detection quality: <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- detection
/// check|false-alarms|hard|cycles|fixed|delay|effect|calibration|sweep [NAME]</c>.
/// </summary>
internal static class DetectionMeasurement
{
    /// <param name="what">Which.</param>
    /// <param name="options">Only streams (or constants) with the first in their name; the second is of <c>hard</c>.</param>
    public static void Run(string what, string[] options)
    {
        var only = options.FirstOrDefault();
        switch (what)
        {
            case "check":
                BaselineCheck.Run();
                break;
            case "false-alarms":
                FalseAlarmMeasurement.Run(only);
                break;
            case "hard":
                HardMeasurement.Run(only, options.ElementAtOrDefault(1));
                break;
            case "cycles":
                CycleMeasurement.Run(only);
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
            case "dispersion":
                DispersionMeasurement.Run();
                break;
            case "sweep":
                SweepMeasurement.Run(only);
                break;
            default:
                Console.Error.WriteLine(
                    "detection check, false-alarms, hard, cycles, fixed, delay, effect, calibration, dispersion or sweep");
                break;
        }
    }
}
