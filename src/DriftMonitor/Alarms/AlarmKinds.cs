namespace DriftMonitor.Alarms;

/// <summary>What kinds of alarms have in common.</summary>
public static class AlarmKinds
{
    /// <summary>Whether windows of labels raise it.</summary>
    public static bool IsOfLabels(this AlarmKind kind) => kind is AlarmKind.CrossEntropy or AlarmKind.Accuracy;
}
