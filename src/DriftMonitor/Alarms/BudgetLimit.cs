using System.Diagnostics.CodeAnalysis;
using DriftMonitor.Calibration;

namespace DriftMonitor.Alarms;

/// <summary>The most that a budget of false alarms may ask for.</summary>
public static class BudgetLimit
{
    /// <summary>Whether windows can raise as many alarms as the budget allows.</summary>
    /// <remarks>
    /// Every window has an equal part, and an alarm lasts its window's length or more: in that time there is one at most, of the longest
    /// window as of all others. A part beyond that would put the threshold so low that the alarm is always on. (Noise alone begins at most
    /// one in about four lengths, at whatever threshold, by simulated sums of 30 to 360 independent looks. A budget that is of use is far
    /// below both.)
    /// </remarks>
    public static bool Keeps(FalseAlarmBudget budget, IReadOnlyCollection<WindowSpec> windows, [NotNullWhen(false)] out string? problem)
    {
        var longest = windows.MaxBy(window => window.LengthMs)!;
        problem = budget.Alarms * longest.LengthMs <= (double)windows.Count * budget.PeriodMs ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"at most {windows.Count} per {longest.Name}: the budget is divided equally over the windows, and an alarm of the longest "
            + $"window lasts {longest.Name} or more");
        return problem is null;
    }
}
