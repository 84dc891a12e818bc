using System.Diagnostics.CodeAnalysis;
using DriftMonitor.Display;

namespace DriftMonitor.Calibration;

/// <summary>How often an alarm may be false: so many in a period, on average, while nothing has drifted.</summary>
/// <param name="Alarms">More than 0.</param>
/// <param name="PeriodMs">Milliseconds, more than 0.</param>
public readonly record struct FalseAlarmBudget(double Alarms, long PeriodMs)
{
    /// <summary>The most alarms that a budget can be read with: more is a mistake; chosen.</summary>
    private const double MostAlarms = 1e6;

    /// <summary>The expected number of false alarms in a millisecond.</summary>
    public double PerMs => Alarms / PeriodMs;

    /// <summary>The expected number of false alarms in a day.</summary>
    public double PerDay => PerMs * 86_400_000;

    /// <summary>A part of the budget, for one of several things that may raise the alarm.</summary>
    /// <param name="part">More than 0, at most 1.</param>
    public FalseAlarmBudget Share(double part) => this with { Alarms = Alarms * part };

    /// <summary>Reads <c>1 per 30d</c>: a number above 0, then a duration as of windows.</summary>
    /// <param name="text">For example <c>1 per 30d</c> or <c>0.5 per 7d</c>.</param>
    /// <param name="budget">The budget, when the text is one.</param>
    /// <param name="problem">What is wrong and what is allowed, null when nothing is.</param>
    public static bool TryParse(string text, out FalseAlarmBudget budget, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        budget = default;
        problem = null;
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var count, "per", var period]
                && double.TryParse(count, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var alarms)
                && alarms is > 0 and <= MostAlarms
            && DurationText.TryParse(period, out var periodMs))
        {
            budget = new FalseAlarmBudget(alarms, periodMs);
            return true;
        }

        problem = $"'{text}': must be a number above 0, 'per' and a whole number of ms, s, m, h or d, such as {Example(text)}";
        return false;
    }

    /// <summary>How a period is written that somebody has given by its name.</summary>
    private static string Example(string text) => text.TrimEnd(' ', 's').Split(' ')[^1] switch
    {
        "hour" => "1 per 1h",
        "day" => "1 per 1d",
        "week" => "1 per 7d",
        "year" => "1 per 365d",
        _ => "1 per 30d",
    };

    /// <summary>As it is read: <c>1 per 30d</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Alarms:0.####} per {DurationText.Exact(PeriodMs)}");
}
